/// A reconstruction that is compared: the standard one, another fit, a control or a network.
package struct Method: Sendable, Codable, Equatable {
  /// The kind of a method, which decides what its gain means.
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// The reconstruction that all others are measured against.
    case standard
    /// The polynomial baseline: ten coefficients, which give what calibration alone gains.
    case polynomial
    /// A network on fewer inputs, which shows what the others add.
    case control
    /// Another parametric fit.
    case parametric
    case network
  }

  package let name: String
  package let kind: Kind
  /// What made it, in words.
  package let explanation: String

  package static let standardName = "standard"
  package static let polynomialName = "polynomial"

  package static let standard = Method(standardName)

  /// The kind follows the name under which the method is stored.
  package init(_ name: String, explanation: String? = nil) {
    self.name = name
    let (kind, usual): (Kind, String) =
      switch name {
      case Method.standardName: (.standard, "the standard fit")
      case Method.polynomialName:
        (.polynomial, "polynomial of degree 3 in sec theta and log10 S800 of the standard fit")
      case "event": (.control, "network on the outputs of the standard fit only")
      case "scalars": (.control, "network without waveforms")
      case "tuned": (.parametric, "fit with a front tuned on simulated events")
      default: (.network, "network")
      }
    self.kind = kind
    self.explanation = explanation ?? usual
  }

  /// The order of a table that goes from the least to the most: standard, polynomial, fit's
  /// outputs, tuned front, station scalars, networks.
  package static func ordered(_ methods: [Method]) -> [Method] {
    func rank(_ method: Method) -> Int {
      switch (method.kind, method.name) {
      case (.standard, _): 0
      case (.polynomial, _): 1
      case (.control, "event"): 2
      case (.parametric, _): 3
      case (.control, _): 4
      case (.network, _): 5
      }
    }
    return methods.enumerated().sorted {
      (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
    }.map(\.element)
  }
}
