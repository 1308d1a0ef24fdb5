import Foundation
import Logging
import ResidualNetwork
import ShowerModel
import ShowerStore

/// One reconstruction that `correct` adds to a file: a network or an ensemble, or a control.
struct CorrectionMethod: Sendable {
  enum Kind: Sendable {
    case networks(NetworkEnsemble)
    case polynomial(PolynomialCalibration)
  }

  let identity: MethodIdentity
  let kind: Kind
  /// Parametric reconstruction that it starts from.
  let base: String
  /// Free text about the network, kept beside the results.
  let description: String
  /// How it works, in a sentence.
  let sentence: String

  var name: String { identity.name }

  /// What a thread keeps of a method.
  func makeWorkspace(array: DetectorArray) -> NetworkEnsemble.Workspace? {
    guard case .networks(let ensemble) = kind else { return nil }
    return ensemble.makeWorkspace(array: array)
  }

  func correct(
    _ events: [ReconstructedEvent], in workspace: NetworkEnsemble.Workspace?
  ) throws -> [Reconstruction] {
    switch kind {
    case .polynomial(let calibration): calibration.correct(events)
    case .networks(let ensemble):
      try workspace.map { try ensemble.correct(events, in: $0) } ?? []
    }
  }
}

extension CorrectionMethod {
  init(_ ensemble: NetworkEnsemble, name: String, files: [URL]) {
    let isControl = !ensemble.members[0].metadata.spec.usesWaveforms
    identity = MethodIdentity(
      name: name, kind: files.count > 1 ? .ensemble : isControl ? .control : .network)
    kind = .networks(ensemble)
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

  init(_ calibration: PolynomialCalibration, file: URL) {
    identity = .polynomial
    kind = .polynomial(calibration)
    base = "standard"
    description = "of the training split of \(file.lastPathComponent)"
    sentence =
      "Control: standard reconstruction plus a polynomial of degree 3 in sec theta and ln S800"
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
