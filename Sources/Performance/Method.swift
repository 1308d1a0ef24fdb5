/// A reconstruction that is compared: the standard one, another fit, a control or a network.
public struct Method: Sendable, Codable, Equatable {
  /// What a method is, which says what its gain means.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The reconstruction that all others are measured against.
    case standard
    /// Ten numbers fitted to the standard result: what calibration alone gains.
    case polynomial
    /// A network on fewer inputs, which shows what the others add.
    case control
    /// A second fit of formulas.
    case parametric
    case network
  }

  public let name: String
  public let kind: Kind
  /// What made it, in words.
  public let explanation: String

  public static let standardName = "standard"
  public static let polynomialName = "polynomial"

  public static let standard = Method(standardName)

  /// The kind follows the name under which the method is stored.
  public init(_ name: String, explanation: String? = nil) {
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

  /// Whether it is there to judge others by, and no candidate itself.
  public var isControl: Bool { kind != .network }

  /// The order of a table that goes from the least to the most: standard, polynomial, fit's outputs, tuned front,
  /// station scalars, networks.
  public static func ordered(_ methods: [Method]) -> [Method] {
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
