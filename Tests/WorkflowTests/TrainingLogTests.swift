import Foundation
import ResidualNetwork
import Testing

@testable import Workflow

@Suite struct TrainingLogTests {
  private func report(_ epoch: Int) throws -> EpochReport {
    try JSONDecoder().decode(
      EpochReport.self,
      from: Data(
        """
        {"epoch": \(epoch), "epochs": 3, "trainingLoss": 0.5, "validationLoss": 0.25,
         "explainedVariance": {"theta": 0.125}, "learningRate": 0.002, "samplesPerSecond": 100,
         "validationPerSecond": 400, "secondsLeft": 7, "isBest": true}
        """.utf8))
  }

  private let head =
    "epoch,training_loss,validation_loss,learning_rate,events_per_second,"
    + "validation_events_per_second,explained_variance_core,explained_variance_theta\n"

  @Test func theCurveGrowsByARowAnEpoch() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("curve.csv")
    func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
    let log = TrainingLog(curve: LearningHistory(path: path, targets: ["theta", "core"]))
    try log.begin(with: [])
    #expect(try text() == head)
    try log.append(report(1))
    let row = ",0.5,0.25,0.002,100.0,400.0,nan,0.125\n"
    #expect(try text() == head + "1" + row)
    try log.append(report(2))
    #expect(try text() == head + "1" + row + "2" + row)
    #expect(log.reports.map(\.epoch) == [1, 2])
    // A run that goes on begins with what was done.
    try log.begin(with: [report(1)])
    #expect(try text() == head + "1" + row && log.reports.map(\.epoch) == [1])
  }

  @Test func withoutAFileTheReportsAreKept() throws {
    let log = TrainingLog(curve: nil)
    try log.begin(with: [])
    try log.append(report(1))
    #expect(log.reports.count == 1)
  }

  @Test func aCurveThatCannotBeWrittenIsNamed() {
    let log = TrainingLog(curve: LearningHistory(path: "/nowhere/curve.csv", targets: []))
    #expect {
      try log.begin(with: [])
    } throws: {
      "\($0)".contains("/nowhere/curve.csv") && Workflow.ExitStatus($0) == .unavailableOutput
    }
  }
}
