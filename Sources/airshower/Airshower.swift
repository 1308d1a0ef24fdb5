import ArgumentParser
import Build
import Foundation
import MessagePassing
import Numerics
import ResidualNetwork
import ShowerModel
import Workflow

@main
struct Airshower: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "airshower",
    abstract: "Reconstruct cosmic-ray air showers, and let a network correct the standard fit.",
    discussion: """
      The usual steps. Each reads a file and writes a new one:

        airshower simulate    --events 20000 --output events.h5
        airshower reconstruct events.h5 --output reco.h5
        airshower correct     reco.h5 --network reference --output corrected.h5
        airshower compare     corrected.h5 --output report
        airshower browse      corrected.h5
        airshower show        corrected.h5 --output event.png

      Events of other programs, such as DST files of the Telescope Array, take the place of a \
      simulation:

        airshower import      run.dst.gz --output events.h5

      To train a network of your own:

        airshower train       reco.h5 --output network.pt

      Before data are corrected, how far they lie from the simulation:

        airshower distance    reco.h5 --reference simulation.h5

      To make an energy table:

        airshower table       reco.h5 --output table.csv

      To make a shower front for reconstruct --front:

        airshower tune-front  reco.h5 --output front.json

      Many jobs can share the work with --shard i/n (Documentation/cluster). To join their files:

        airshower merge       part*.h5 --output events.h5

      Exit codes: 0 done, 1 run failed, 64 wrong use, 65 unusable input, 73 output exists or \
      cannot be made, 130, 143 or 129 ended by a signal.
      """,
    version: """
      \(BuildIdentity.current)
      \(MatrixKernels.library), kernels \(MatrixKernels.name)
      """,
    subcommands: [
      Simulate.self, Import.self, Reconstruct.self, Train.self, Calibrate.self, Correct.self,
      Compare.self, Browse.self, Show.self, Distance.self,
      Table.self, TuneFront.self, Export.self, Merge.self,
      FitStations.self, Inspect.self, ValidateSimulation.self,
    ])

  static func main() {
    // Before OpenBLAS asks for memory, which it does until it gets it.
    do { try MemoryCheck.require(threads: 0) } catch { end(with: error, of: Airshower.self, nil) }
    MatrixKernels.restartWithBest()
    Interruption.watch()
    NetworkEngine.prepareProcess()
    var group: ProcessGroup?
    var type: any ParsableCommand.Type = Airshower.self
    do {
      try checkCommandName()
      var command = try parseAsRoot()
      type = Swift.type(of: command)
      group = try ProcessGroup.joined()
      if let group {
        try MPIRun(group).run(command)
        group.end()
      } else {
        try command.run()
      }
    } catch let error as WrongUse {
      end(with: ValidationError(error.description), of: type, group)
    } catch {
      end(with: error, of: type, group)
    }
  }

  /// Refuses a command that there is not.
  ///
  /// - Throws: `ValidationError` with the one that was probably meant.
  private static func checkCommandName() throws(ValidationError) {
    let known = configuration.subcommands.map { $0._commandName } + ["help"]
    guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"),
      !known.contains(word)
    else { return }
    throw ValidationError(
      "unknown command \"\(word)\", did you mean \"\(nearestName(to: word, in: known))\"?")
  }

  /// Ends this process, and the others where there are some, after an error.
  private static func end(
    with error: any Error, of type: any ParsableCommand.Type, _ group: ProcessGroup?
  ) -> Never {
    // What fails after a signal fails because of it, as a drawing whose gnuplot Ctrl-C ended.
    let isInterrupted = Interruption.isPending
    let error = isInterrupted && ExitStatus(error) != .interrupted ? Interrupted() : error
    let status =
      isInterrupted
      ? Interruption.exitStatus : ExitStatus(error)?.rawValue ?? exitCode(for: error).rawValue
    MPIRun.leave(group, status: status, message: terminalText(of: error))
    guard ExitStatus(error) != nil else { leave(with: error, of: type) }
    let text = "airshower: error: \(terminalText(of: error))\n"
    FileHandle.standardError.write(Data(text.utf8))
    // What libraries do at the end may need memory again.
    if error is MemoryError { _exit(status) }
    NetworkEngine.exitIfRunning(status)
    exit(withError: ExitCode(status))
  }

  /// Ends the program with wrong use or with what was asked of the command line, such as help.
  private static func leave(with error: any Error, of type: any ParsableCommand.Type) -> Never {
    // Help and version are text of ours.
    guard exitCode(for: error) != .success else { exit(withError: error) }
    var page = type.fullMessage(for: error)
    if type != Airshower.self {
      // The library knows this command without the program it belongs to.
      let name = type._commandName
      page = page.replacing("\nUsage: \(name) ", with: "\nUsage: airshower \(name) ")
        .replacing("See '\(name) --help'", with: "See 'airshower \(name) --help'")
    }
    let text = commandLineText(of: error, page: page)
    if !text.isEmpty { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
    Foundation.exit(exitCode(for: error).rawValue)
  }

  /// What a terminal shows of an error in one paragraph.
  private static func terminalText(of error: any Error) -> String {
    ExitStatus.terminalText(of: error)
      ?? commandLineText(of: error, page: message(for: error))
  }

  /// A page of the command line, which quotes what was typed.
  private static func commandLineText(of error: any Error, page: String) -> String {
    let typed = CommandLine.arguments.dropFirst().flatMap { argument in
      [argument] + argument.split(separator: "=", maxSplits: 1).dropFirst().map(String.init)
    }
    let ours = (error as? ValidationError).map { [$0.message] } ?? []
    return EscapedText.terminal(page: page, with: typed + ours)
  }
}
