import ArgumentParser
import ShowerModel
import StandardReconstruction

/// Random and adversarial events: no crash, and no NaN in the numbers of a good result.
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Random and adversarial events through the whole reconstruction.")

  @Option(help: "Events.") var events = 100_000
  @Option(help: "Seed.") var seed = 1

  func run() throws {
    let report = AdversarialEvents.run(events: events, seed: UInt64(seed))
    print("\(events) adversarial events, seed \(seed).\n")
    print("| status | events |")
    print("|---|---|")
    for status in ReconstructionStatus.allCases {
      guard let count = report.statuses[status] else { continue }
      print("| \(status.name) | \(count) |")
    }
    print("\nNumbers that are not finite in a result: \(report.notFinite.count)")
    for line in report.notFinite.prefix(20) { print("- \(line)") }
    if !report.notFinite.isEmpty { throw ExitCode(1) }
  }
}
