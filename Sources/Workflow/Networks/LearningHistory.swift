import Foundation
import ResidualNetwork
import ShowerModel

/// The learning curve as a CSV file that grows by a row an epoch.
final class LearningHistory {
  private let path: String
  private let targets: [String]

  /// - Parameters:
  ///   - path: of the file.
  ///   - targets: of the network.
  init(path: String, targets: [String]) {
    self.path = path
    self.targets = targets.sorted()
  }

  /// Begins the file with the epochs that are done.
  func begin(with reports: [EpochReport]) throws(NetworkError) {
    let head =
      [
        "epoch", "training_loss", "validation_loss", "learning_rate", "events_per_second",
        "validation_events_per_second",
      ] + targets.map { EscapedText.csv("explained_variance_" + $0) }
    let lines = [head.joined(separator: ",")] + reports.map(row)
    do {
      try WorkingFile.write(Data((lines.joined(separator: "\n") + "\n").utf8), to: path)
    } catch { throw failure(error.description) }
  }

  func append(_ report: EpochReport) throws(NetworkError) {
    do {
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.seekToEnd()
      try file.write(contentsOf: Data((row(report) + "\n").utf8))
      try file.close()
    } catch { throw failure(error.localizedDescription) }
  }

  private func row(_ report: EpochReport) -> String {
    let numbers =
      [
        report.trainingLoss, report.validationLoss, report.learningRate, report.samplesPerSecond,
        report.validationPerSecond,
      ] + targets.map { report.explainedVariance[$0] ?? .nan }
    return (["\(report.epoch)"] + numbers.map { "\($0)" }).joined(separator: ",")
  }

  private func failure(_ reason: String) -> NetworkError {
    .notWritable(path: path, reason: "learning curve: \(reason)")
  }
}

/// The epochs of a training as they come.
final class TrainingLog {
  /// The file that shows them, where there is one.
  let curve: LearningHistory?
  private(set) var reports: [EpochReport] = []

  init(curve: LearningHistory?) { self.curve = curve }

  /// Begins with the epochs that an earlier run has done.
  func begin(with earlier: [EpochReport]) throws(NetworkError) {
    reports = earlier
    try curve?.begin(with: earlier)
  }

  func append(_ report: EpochReport) throws(NetworkError) {
    reports.append(report)
    try curve?.append(report)
  }
}
