import ArgumentParser
import Workflow

struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put the files of all shards, or of independent runs, together.",
    discussion: """
      simulate, reconstruct and correct do a part of their work with --shard i/n, as the jobs of a \
      batch system (Documentation/cluster). The merged file has the events, results and order of a \
      run without --shard; only the provenance tells them apart. What does not belong together is \
      refused: another array, seed, build, setting, table or network, a shard that is missing or \
      there twice.

        airshower simulate --events 20000 --shard 1/2 --output part1.h5
        airshower simulate --events 20000 --shard 2/2 --output part2.h5
        airshower merge part1.h5 part2.h5 --output events.h5

      Parts of reconstruct and correct with --results-only are small, and are put beside the \
      events again:

        airshower reconstruct events.h5 --shard 1/2 --results-only --output part1.h5
        airshower reconstruct events.h5 --shard 2/2 --results-only --output part2.h5
        airshower merge part1.h5 part2.h5 --results-of events.h5 --output reco.h5

      --independent joins files of runs that have nothing to do with each other, such as \
      simulations of different seeds or files of data. Events get new numbers. Numbers of showers \
      stay, because they decide which showers networks learn from. The provenance has the steps of \
      all files:

        airshower merge first.h5 second.h5 --independent --output all.h5

      The steps of a chain can be made of each shard, and the last files merged.
      """)

  @Argument(help: "Event files of all shards, in any order, or of independent runs.")
  var inputs: [String]

  @Option(help: "Event file that was worked on, for parts made with --results-only.")
  var resultsOf: String?

  @Flag(
    help: """
      Merge files of different builds of airshower too. Their numbers may differ; the provenance \
      names all builds.
      """)
  var allowDifferentBuilds = false

  @Flag(help: "The files are no shards: join the events of independent runs, in the order given.")
  var independent = false

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func validate() throws {
    guard !independent || (resultsOf == nil && !allowDifferentBuilds) else {
      throw ValidationError("--independent goes with neither of the options for shards")
    }
  }

  func run() throws {
    guard !independent else {
      return try JoiningRun(inputs, output: output.file).run(in: running.context)
    }
    var run = MergeRun(inputs, resultsOf: resultsOf, output: output.file)
    run.allowsDifferentBuilds = allowDifferentBuilds
    try run.run(in: running.context)
  }
}
