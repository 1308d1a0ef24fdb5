import ArgumentParser
import Workflow

/// The help of options that choose quality cuts.
let qualityCutsHelp: ArgumentHelp = "\(qualityCutsText)"
let qualityCutsText = "Quality cuts: anisotropy, none, published, spectrum, standard, or a file."

/// Options that every command has.
struct RunOptions: ParsableArguments {
  @Option(
    name: .customLong("threads"),
    help: "Number of threads (default: all processors). Results do not depend on it.")
  var threadChoice: Int?

  @Option(
    help: "Folder of the tables (default: $AIRSHOWER_TABLES, ./tables, beside the program).",
    completion: .directory)
  var tables: String?

  @Option(help: "Least important messages on standard error: debug, info, warning, error.")
  var logLevel = RunContext.LogLevel.info

  @Flag(name: [.long, .customShort("q")], help: "No progress and no messages but errors.")
  var quiet = false

  /// The options as the library wants them.
  var context: RunContext {
    RunContext(threads: threadChoice, tables: tables, logLevel: logLevel, isQuiet: quiet)
  }
}

extension RunContext.LogLevel: ExpressibleByArgument {}

/// Where a command writes.
struct OutputOptions: ParsableArguments {
  @Option(
    name: [.long, .customShort("o")], parsing: .unconditional,
    help: "File or folder to write. It must not exist without --overwrite.")
  var output: String

  @Flag(help: "Replace an existing output when the new one is complete.")
  var overwrite = false

  var file: OutputFile { OutputFile(output, overwrites: overwrite) }

  func validate() throws { try checkOutputName(output) }
}

/// The part of the work that a command does.
struct ShardOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Do part i of n only, counted from 1. airshower merge joins the files of all parts.",
      valueName: "i/n"),
    transform: { text in try asValidation { () throws(WrongUse) in try Shard(parsing: text) } })
  var shard: Shard?

  @Flag(
    help: """
      Write the results of the part without the events. merge --results-of INPUT adds them to the \
      events. Not for simulate.
      """)
  var resultsOnly = false

  var share: WorkShare { WorkShare(shard, resultsOnly: resultsOnly) }
}
