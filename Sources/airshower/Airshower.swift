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

      To make an energy table:

        airshower table       reco.h5 --output table.csv

      To make a shower front for reconstruct --front:

        airshower tune-front  reco.h5 --output front.json

      Many jobs can share the work with --shard i/n (Documentation/cluster). To join their files:

        airshower merge       part*.h5 --output events.h5

      Exit codes: 0 done, 1 run failed, 64 wrong use, 65 unusable input, 73 output exists or \
      cannot be made, 130 interrupted.
      """,
    version: """
      \(BuildIdentity.current)
      \(MatrixKernels.library), kernels \(MatrixKernels.name)
      """,
    subcommands: [
      Simulate.self, Import.self, Reconstruct.self, Train.self, Correct.self, Compare.self,
      Browse.self, Show.self,
      Table.self, TuneFront.self, Export.self, Merge.self,
      FitStations.self, Inspect.self, ValidateSimulation.self,
    ])

  static func main() {
    MatrixKernels.restartWithBest()
    Interruption.watch()
    NetworkEngine.prepareProcess()
    var group: ProcessGroup?
    do {
      var command = try parseAsRoot()
      group = try ProcessGroup.joined()
      if let group {
        try MPIRun(group).run(command)
        group.end()
      } else {
        try command.run()
      }
    } catch let error as WrongUse {
      end(with: ValidationError(error.description), group)
    } catch {
      end(with: error, group)
    }
  }

  /// Ends this process, and the others where there are some, after an error.
  private static func end(with error: any Error, _ group: ProcessGroup?) -> Never {
    let status = ExitStatus(error)?.rawValue ?? exitCode(for: error).rawValue
    MPIRun.leave(group, status: status, message: terminalText(of: error))
    guard ExitStatus(error) != nil else { leave(with: error) }
    let text = "airshower: error: \(terminalText(of: error))\n"
    FileHandle.standardError.write(Data(text.utf8))
    NetworkEngine.exitIfRunning(status)
    exit(withError: ExitCode(status))
  }

  /// Ends the program with wrong use or with what was asked of the command line, such as help.
  private static func leave(with error: any Error) -> Never {
    // Help and version are text of ours.
    guard exitCode(for: error) != .success else { exit(withError: error) }
    let text = commandLineText(of: error, page: fullMessage(for: error))
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
