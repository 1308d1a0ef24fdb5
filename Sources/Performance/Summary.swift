public import Foundation
public import ShowerModel

/// What `summary.json` holds: every number of a report, and where it came from.
///
/// Keys are written in Documentation/summary-keys.md.
public struct Summary: Sendable, Codable, Equatable {
  public let title: String
  /// Name of the method that is compared with the standard reconstruction.
  public let method: String
  public let comparison: Comparison
  public let provenance: [ProvenanceStep]

  public init(
    title: String, method: String, comparison: Comparison, provenance: [ProvenanceStep]
  ) {
    self.title = title
    self.method = method
    self.comparison = comparison
    self.provenance = provenance
  }

  /// A stored summary.
  ///
  /// - Throws: `DecodingError`.
  public init(json: Data) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Summary.self, from: json)
  }

  /// The same bytes for the same numbers: sorted keys, null for what is undefined.
  ///
  /// - Throws: `EncodingError`.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
