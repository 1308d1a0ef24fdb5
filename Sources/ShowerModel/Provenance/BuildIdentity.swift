/// Which build of the program made something: version and commit.
public struct BuildIdentity: Sendable, Hashable, Codable {
  public let version: String
  /// Abbreviated hash; nil where the build had no git.
  public let commit: String?
  /// Whether files differed from the commit.
  public let isModified: Bool

  public init(version: String, commit: String?, isModified: Bool) {
    self.version = version
    self.commit = commit
    self.isModified = isModified
  }
}

extension BuildIdentity: CustomStringConvertible {
  /// `0.2.0 (commit 1a2b3c4d5e6f, modified)`, or `0.2.0 (unknown build)`.
  public var description: String {
    guard let commit else { return "\(version) (unknown build)" }
    return "\(version) (commit \(commit)\(isModified ? ", modified" : ""))"
  }
}
