import Foundation
import Logging
import ResidualNetwork
import ShowerModel
import ShowerStore

/// One reconstruction that `correct` adds to a file: by a network, or by an ensemble of them.
struct CorrectionMethod: Sendable {
  let identity: MethodIdentity
  let ensemble: NetworkEnsemble
  /// Parametric reconstruction that it starts from.
  let base: String
  /// Free text about the network, kept beside the results.
  let description: String
  /// How it works, in a sentence.
  let sentence: String
  /// Files of its networks.
  let files: [String]

  var name: String { identity.name }

  /// Columns of what is predicted beyond the standard quantities: value and error of a target.
  private var furtherColumns: [String] {
    ensemble.members[0].metadata.spec.targets.flatMap { [$0, $0 + "_sigma"] }
      + ensemble.regionColumns
  }

  func append(_ results: [Reconstruction], to writer: EventFileWriter) throws {
    try writer.append(
      results, as: identity, networkDescription: description, method: sentence,
      further: furtherColumns)
  }

  /// The simulations that its networks learned from.
  var trainingSimulations: [Lineage.Simulation] {
    ensemble.members.flatMap(\.metadata.learnedSimulations)
  }
}

extension NetworkMetadata {
  /// The simulations that the network learned from, and those to which it was calibrated.
  var learnedSimulations: [Lineage.Simulation] {
    guard let training = provenance.lastIndex(where: { $0.activity == "train" }) else { return [] }
    let own = provenance[training...].filter { ["train", "calibrate"].contains($0.activity) }
    return Lineage(own).learned.values.flatMap(\.self)
  }
}

extension CorrectionMethod {
  init(_ ensemble: NetworkEnsemble, name: String, files: [URL]) {
    let isControl = !ensemble.members[0].metadata.spec.usesWaveforms
    identity = MethodIdentity(
      name: name, kind: files.count > 1 ? .ensemble : isControl ? .control : .network)
    self.ensemble = ensemble
    self.files = files.map(\.path)
    base = ensemble.members[0].base
    description = zip(ensemble.members, files).map { network, file in
      let metadata = network.metadata
      return "\(file.lastPathComponent): \(metadata.spec.name), \(metadata.weightCount) weights, "
        + "\(metadata.counts.training) training events, seed \(metadata.settings.seed)"
    }.joined(separator: "; ")
    var sentence = EventFileWriter.networkMethod
    if files.count > 1 {
      sentence = "Standard reconstruction plus the mean residual of \(files.count) networks"
    }
    if ensemble.averagesSymmetries { sentence += ", averaged over the symmetries of the grid" }
    self.sentence = sentence + ", \(ensemble.combination.rawValue)"
  }
}

extension [CorrectionMethod] {
  var names: Set<String> { Set(map(\.name)) }

  /// Parametric reconstructions that the methods start from.
  var bases: [String] { Set(map(\.base)).sorted() }

  /// The results of all methods.
  ///
  /// - Parameters:
  ///   - events: the same events with each of `bases`.
  ///   - workspaces: one for each method.
  /// - Returns: results by method.
  /// - Throws: an error of a network.
  func correct(
    _ events: [[ReconstructedEvent]], in workspaces: [NetworkEnsemble.Workspace]
  ) throws -> [[Reconstruction]] {
    let eventsOfBase = Dictionary(uniqueKeysWithValues: zip(bases, events))
    return try zip(self, workspaces).map { method, workspace in
      do throws(NetworkError) {
        return try method.ensemble.correct(eventsOfBase[method.base] ?? [], in: workspace)
      } catch {
        throw error.blaming(method.files)
      }
    }
  }
}

/// What became of the events of a method.
struct CorrectionCount {
  private(set) var corrected = 0
  private(set) var withoutResult = 0
  private(set) var fallbacks: [CorrectionFallback: Int] = [:]

  mutating func count(_ results: [Reconstruction]) {
    for result in results {
      if result.status != .good {
        withoutResult += 1
      } else if result.fallback != .none {
        fallbacks[result.fallback, default: 0] += 1
      } else {
        corrected += 1
      }
    }
  }

  /// "5713 of 6000 events corrected, 41 kept the standard value (41 unlike ...)".
  func line(of total: Int) -> String {
    let kept = fallbacks.values.reduce(0, +)
    guard kept > 0 else { return "\(corrected) of \(total) events corrected" }
    let reasons = CorrectionFallback.allCases.compactMap { reason in
      fallbacks[reason].map { "\($0) \(reason.explanation)" }
    }
    return "\(corrected) of \(total) events corrected, \(kept) kept the standard value ("
      + reasons.joined(separator: ", ") + ")"
  }
}
