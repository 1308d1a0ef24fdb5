public import ShowerModel

/// The array and the stations that an energy table was made for.
///
/// S800 at equal energy depends on the altitude, and on what a station measures of a particle. It
/// depends a little on the spacing, since the fit does.
public struct EnergyTablePurpose: Sendable, Equatable {
  /// Name of the array, for messages.
  public var array: String
  /// Spacing and altitude of the array [m].
  public var spacing: Double
  public var altitude: Double
  public var detector: DetectorDescription

  /// What still counts as the same: spacings to 20 %, altitudes to 100 m.
  private static let (spacingTolerance, altitudeTolerance) = (0.2, 100.0)
  /// What of the stations S800 depends on.
  private static let quantities = DetectorDescription.quantities.filter {
    ["layers", "station_area", "vem_energy"].contains($0.name)
  }

  public init(_ array: DetectorArray) {
    self.array = array.name
    spacing = array.spacing
    altitude = array.referenceAltitude
    detector = array.detector
  }

  /// In what an array differs from that of the table, in words; empty where the table holds.
  public func differences(from array: DetectorArray) -> [String] {
    var differences: [String] = []
    if abs(array.spacing / spacing - 1) > Self.spacingTolerance {
      differences.append("spacing \(spacing) and \(array.spacing) m")
    }
    if abs(array.referenceAltitude - altitude) > Self.altitudeTolerance {
      differences.append("altitude \(altitude) and \(array.referenceAltitude) m")
    }
    for quantity in Self.quantities where detector[quantity] != array.detector[quantity] {
      differences.append(
        "\(quantity.name) \(detector[quantity]) and \(array.detector[quantity])")
    }
    if detector.response != array.detector.response {
      differences.append("response \(detector.response) and \(array.detector.response)")
    }
    return differences
  }

  // MARK: - In the file

  /// The comment line of a table, without its mark: `for: array NAME; spacing 1200; ...`.
  public var text: String {
    let values = [("spacing", spacing), ("altitude", altitude)]
    let stations = Self.quantities.map { ($0.name, detector[$0]) }
    // A name may hold anything; the separator would end it.
    let name = array.map { $0 == ";" || $0.isNewline ? " " : $0 }
    return "for: array \(String(name)); "
      + (values + stations).map { "\($0) \($1)" }.joined(separator: "; ")
      + "; response \(detector.response)"
  }

  /// From the lines of a table; nil where none begins with `# for:`.
  ///
  /// - Throws: `TableError` with the line at fault.
  init?(_ lines: [Substring], name: String) throws(TableError) {
    let mark = "# for: "
    guard let number = lines.firstIndex(where: { $0.hasPrefix(mark) }) else { return nil }
    func fail(_ reason: String) -> TableError {
      TableError(table: name, line: number + 1, reason: reason)
    }
    var values: [Substring: Substring] = [:]
    for part in lines[number].dropFirst(mark.count).split(separator: ";") {
      let words = part.drop { $0 == " " }.split(separator: " ", maxSplits: 1)
      if words.count == 2 { values[words[0]] = words[1] }
    }
    func value(_ key: String) throws(TableError) -> Double {
      guard let value = values[Substring(key)].flatMap({ Double($0) }), value.isFinite else {
        throw fail("the line # for: has no number \(key)")
      }
      return value
    }
    array = String(values["array"] ?? "")
    spacing = try value("spacing")
    altitude = try value("altitude")
    guard spacing > 0 else { throw fail("the line # for: has the spacing \(spacing)") }
    var detector = DetectorDescription.telescopeArray
    for quantity in Self.quantities {
      let number = try value(quantity.name)
      guard detector.set(quantity, to: number) else {
        throw fail("the line # for: has the \(quantity.name) \(number)")
      }
    }
    if let response = values["response"] { detector.response = String(response) }
    self.detector = detector
  }
}
