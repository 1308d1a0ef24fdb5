internal import FoundationEssentials

/// The same form is used in `tables/selections`, event files, provenance and reports. Keys are the
/// names of the properties. A missing key means that the cut is not applied. Angles are in degrees
/// there.
extension QualityCuts: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case name
    case description
    case minimumStations
    case maximumReducedChi2
    case maximumSignalUncertainty
    case maximumDirectionUncertainty
    case maximumZenith
    case minimumEdgeDistance
    case minimumEnergy
  }

  /// Any key, known or not.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// - Throws: `DecodingError` with the key at fault, also for a key that is not known.
  public init(from decoder: any Decoder) throws {
    let known = CodingKeys.allCases.map(\.rawValue)
    let keys = try decoder.container(keyedBy: Key.self).allKeys.map(\.stringValue).sorted()
    if let key = keys.first(where: { !known.contains($0) }) {
      throw QualityCuts.wrong(
        Key(stringValue: key), "unknown key, did you mean \"\(nearestName(to: key, in: known))\"?")
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    /// A number within limits, in the unit of the file.
    func number(
      _ key: CodingKeys, _ limits: ClosedRange<Double>, _ demand: String, unit: Double = 1
    ) throws -> Double? {
      guard let value = try container.decodeIfPresent(Double.self, forKey: key) else { return nil }
      guard limits.contains(value) else { throw QualityCuts.wrong(key, "must be \(demand)") }
      return value * unit
    }
    let positive = Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude
    let stations = try number(.minimumStations, 0...1e6, "a number of stations")
    guard stations.map({ $0 == $0.rounded() }) ?? true else {
      throw QualityCuts.wrong(CodingKeys.minimumStations, "must be a whole number of stations")
    }
    self.init(
      name: try container.decodeIfPresent(String.self, forKey: .name) ?? "",
      description: try container.decodeIfPresent(String.self, forKey: .description) ?? "",
      minimumStations: stations.map { Int($0) },
      maximumReducedChi2: try number(.maximumReducedChi2, positive, "above 0"),
      maximumSignalUncertainty: try number(.maximumSignalUncertainty, positive, "above 0"),
      maximumDirectionUncertainty: try number(
        .maximumDirectionUncertainty, 1e-6...180, "above 0 and at most 180 degrees",
        unit: Units.degree),
      maximumZenith: try number(
        .maximumZenith, 1e-6...90, "above 0 and at most 90 degrees", unit: Units.degree),
      minimumEdgeDistance: try number(.minimumEdgeDistance, -1e7...1e7, "a distance in metres"),
      minimumEnergy: try number(.minimumEnergy, positive, "above 0 EeV"))
  }

  public func encode(to encoder: any Encoder) throws {
    /// Without the digits that the change of units leaves behind.
    func degrees(_ angle: Double) -> Double { (angle / Units.degree * 1e9).rounded() / 1e9 }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    if !description.isEmpty { try container.encode(description, forKey: .description) }
    try container.encodeIfPresent(minimumStations, forKey: .minimumStations)
    try container.encodeIfPresent(maximumReducedChi2, forKey: .maximumReducedChi2)
    try container.encodeIfPresent(maximumSignalUncertainty, forKey: .maximumSignalUncertainty)
    try container.encodeIfPresent(
      maximumDirectionUncertainty.map(degrees), forKey: .maximumDirectionUncertainty)
    try container.encodeIfPresent(maximumZenith.map(degrees), forKey: .maximumZenith)
    try container.encodeIfPresent(minimumEdgeDistance, forKey: .minimumEdgeDistance)
    try container.encodeIfPresent(minimumEnergy, forKey: .minimumEnergy)
  }

  private static func wrong(_ key: any CodingKey, _ reason: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: [key], debugDescription: reason))
  }

  /// A selection from the text of a file in `tables/selections`; without a name it has that of the
  /// file.
  ///
  /// - Throws: `TableError` with the file and the key at fault.
  public init(parsing text: String, file: String) throws(TableError) {
    do {
      self = try JSONDecoder().decode(QualityCuts.self, from: Data(text.utf8))
    } catch {
      throw TableError(table: file, reason: QualityCuts.reason(error))
    }
    guard name.isEmpty else { return }
    let last = file.split(separator: "/").last ?? ""
    name = String(last.hasSuffix(".json") ? last.dropLast(5) : last)
  }

  /// The key and what is wrong with it.
  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "cannot be read" }
    switch error {
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      guard let key = context.codingPath.last else {
        return "must be one JSON object with the limits as keys"
      }
      return "\(key.stringValue): must be \(type == String.self ? "a text" : "a number")"
    case .dataCorrupted(let context):
      guard let key = context.codingPath.last else {
        let place = context.underlyingError.map { " (\($0))" } ?? ""
        return "is not valid JSON\(place)"
      }
      return "\(key.stringValue): \(context.debugDescription)"
    case .keyNotFound(let key, _): return "\(key.stringValue): is missing"
    @unknown default: return "cannot be read"
    }
  }

  /// The definition on one line, as event files and provenance hold it; it can be read back as a
  /// file.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Texts and finite numbers alone: encoding has no way to fail.
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
