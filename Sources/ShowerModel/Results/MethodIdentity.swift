/// What a reconstruction is: its name, and of what kind it is.
///
/// Stored with the results as JSON, attribute IDENTITY. Nothing is concluded from a name, but in
/// files of versions that stored no identity.
public struct MethodIdentity: Sendable, Hashable, Codable {
  /// What a method is, which says what its gain means.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The standard fit, against which all others are measured.
    case standard
    /// A reconstruction that the experiment published.
    case published
    /// The standard fit with a front that was fitted to simulated events.
    case tuned
    /// Ten numbers fitted to the standard result: what calibration alone gains.
    case polynomial
    /// A network on fewer inputs, which shows what the others add.
    case control
    case network
    /// Several networks, of which the mean counts.
    case ensemble
    /// Results that came with a file of another program.
    case imported

    /// Whether a comparison is about it, unless the user names another method.
    public var isNetwork: Bool { self == .network || self == .ensemble }
  }

  /// The name of the group in the file, by the rule of `MethodName`.
  public let name: String
  public let kind: Kind

  public init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }

  public static let standard = MethodIdentity(name: "standard", kind: .standard)
  public static let published = MethodIdentity(name: "published", kind: .published)
  public static let tuned = MethodIdentity(name: "tuned", kind: .tuned)
  public static let polynomial = MethodIdentity(name: "polynomial", kind: .polynomial)

  /// The identity by the rules of files before format 1.4, which stored names alone.
  public init(ofOldFile name: String) {
    let kind: Kind =
      switch name {
      case "standard": .standard
      case "tuned": .tuned
      case "polynomial": .polynomial
      case "event", "scalars": .control
      default: .network
      }
    self.init(name: name, kind: kind)
  }
}
