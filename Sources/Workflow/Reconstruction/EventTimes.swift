import ShowerModel
import ShowerStore

/// When the events of a file of data were, and where in the sky the first ones came from.
struct EventTimes {
  /// Time of the first and of the last event.
  let range: String
  /// A table of the first events; empty without a direction of them.
  let sky: [String]

  /// Events whose place in the sky is told.
  private static let count = 10

  /// - Returns: nil for simulations, and for no events.
  init?(_ reader: EventFileReader) throws {
    guard reader.eventCount > 0,
      let first = try reader.startTimes(0..<1)?.first,
      let last = try reader.startTimes(reader.eventCount - 1..<reader.eventCount)?.first
    else { return nil }
    range = "\(utcText(first.0, first.1)) to \(utcText(last.0, last.1))"
    guard let site = reader.array.site, let name = EventColumns.methods(of: reader).first else {
      sky = []
      return
    }
    let rows = 0..<min(Self.count, reader.eventCount)
    let (ids, starts) = (try reader.eventIDs(rows), try reader.startTimes(rows) ?? [])
    let results = try reader.reconstructions(named: name, rows)
    let lines = zip(ids, zip(starts, results)).compactMap { id, known -> String? in
      let (start, result) = known
      guard let (place, sigma) = skyPlace(of: result, start.0, start.1, site) else { return nil }
      return "    event \(id), \(utcText(start.0, start.1)): \(skyText(place, sigma))"
    }
    sky = lines.isEmpty ? [] : ["  places in the sky by \(name), of the first events"] + lines
  }
}

/// Right ascension, declination and galactic coordinates with errors.
func skyText(_ place: SkyCoordinates, _ sigma: SkyCoordinates) -> String {
  func angle(_ path: KeyPath<SkyCoordinates, Double>) -> String {
    "\(text(place[keyPath: path] / Units.degree, decimals: 2)) ± "
      + text(sigma[keyPath: path] / Units.degree, decimals: 2)
  }
  return "right ascension \(angle(\.rightAscension)) deg, declination "
    + "\(angle(\.declination)) deg (J2000), galactic l \(angle(\.galacticLongitude)) deg, "
    + "b \(angle(\.galacticLatitude)) deg"
}
