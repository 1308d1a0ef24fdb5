import ArgumentParser
import Build
import Foundation
import MessagePassing
import ResidualNetwork
import ShowerModel

@main
struct Airshower: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "airshower",
    abstract: "Reconstruct cosmic-ray air showers, and let a network correct the standard fit.",
    discussion: """
      A day's work, each step from a file to a new file:

        airshower simulate    --events 20000 --output events.h5
        airshower reconstruct events.h5 --output reco.h5
        airshower correct     reco.h5 --network tables/networks/reference.pt --output corrected.h5
        airshower compare     corrected.h5 --output report
        airshower show        corrected.h5 --output event.png

      and to make a network of your own:

        airshower train       reco.h5 --output network.pt

      and an energy table:

        airshower table       reco.h5 --output table.csv

      and a shower front for reconstruct --front:

        airshower tune-front  reco.h5 --output front.json

      Many jobs share the work with --shard i/n (Documentation/cluster), and

        airshower merge       part*.h5 --output events.h5

      makes one file of theirs.

      Exit codes: 0 done, 1 run failed, 64 wrong use, 65 unusable input, 73 output exists or cannot \
      be made, 130 interrupted.
      """,
    version: BuildIdentity.current.description,
    subcommands: [
      Simulate.self, Reconstruct.self, Train.self, Correct.self, Compare.self, Show.self,
      Table.self, TuneFront.self, Export.self, Merge.self,
      FitStations.self, Inspect.self, ValidateSimulation.self,
    ])

  static func main() {
    Interruption.watch()
    NetworkEngine.prepareProcess()
    var group: ProcessGroup?
    do {
      var command = try parseAsRoot()
      group = try ProcessGroup.joined()
      if let group {
        try DividedRun(group).run(command)
        group.end()
      } else {
        try command.run()
      }
    } catch {
      DividedRun.leave(with: error, group)
      guard let status = ExitStatus(error) else { leave(with: error) }
      let text = "airshower: error: \(terminalText(of: error))\n"
      FileHandle.standardError.write(Data(text.utf8))
      NetworkEngine.exitIfRunning(status.rawValue)
      exit(withError: ExitCode(status.rawValue))
    }
  }
}
