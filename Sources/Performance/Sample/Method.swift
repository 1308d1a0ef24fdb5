package import ShowerModel

/// A reconstruction that is compared: the standard one, another fit, a control or a network.
package struct Method: Sendable, Equatable {
  package let identity: MethodIdentity
  /// What made it, in words.
  package let explanation: String

  package static let standard = Method(.standard)

  /// - Parameters:
  ///   - identity: as the event file states it.
  ///   - explanation: nil for the words that fit its kind.
  package init(_ identity: MethodIdentity, explanation: String? = nil) {
    self.identity = identity
    self.explanation = explanation ?? identity.kind.explanation
  }

  package var name: String { identity.name }
  package var kind: MethodIdentity.Kind { identity.kind }

  /// The order of a table that goes from the least to the most: the standard fit, the polynomial,
  /// other fits, controls, networks.
  package static func ordered(_ methods: [Method]) -> [Method] {
    methods.enumerated().sorted {
      ($0.element.kind.rank, $0.offset) < ($1.element.kind.rank, $1.offset)
    }.map(\.element)
  }
}

extension MethodIdentity.Kind {
  fileprivate var rank: Int {
    switch self {
    case .standard: 0
    case .polynomial: 1
    case .published, .imported: 2
    case .tuned: 3
    case .control: 4
    case .network, .ensemble: 5
    }
  }

  fileprivate var explanation: String {
    switch self {
    case .standard: "the standard fit"
    case .published: "the reconstruction that the experiment published"
    case .tuned: "fit with a front tuned on simulated events"
    case .polynomial: "polynomial of degree 3 in sec theta and log10 S800 of the standard fit"
    case .control: "network without waveforms"
    case .network: "network"
    case .ensemble: "several networks"
    case .imported: "result of another program"
    }
  }
}
