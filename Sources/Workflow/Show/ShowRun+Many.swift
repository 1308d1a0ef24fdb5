import ShowerModel
import ShowerReport
import ShowerStore

extension ShowRun {
  /// Draws the footprints of the chosen events on one page.
  ///
  /// - Returns: what a terminal shows.
  func drawSheet(of reader: EventFileReader, to file: PictureFile) throws -> [String] {
    let rows = try chosenRows(of: reader)
    let pictures = try rows.prefix(ContactSheet.mostEvents).map { row in
      try Interruption.check()
      return try picture(of: reader, row)
    }
    let left = rows.count - pictures.count
    let note = left > 0 ? ", without the last \(text(left))" : ""
    let title = title(rows.count) + note
    try file.write(
      ContactSheet(title: title, pictures: pictures), overwrite: output.overwrites)
    return pictures.map(\.statusText)
      + (left > 0
        ? [
          "\(text(left)) of \(text(rows.count)) events are not drawn: a sheet has room for "
            + "\(ContactSheet.mostEvents). Choose fewer by --where or --events"
        ] : [])
  }

  /// Draws where on the sky the methods see the chosen events.
  ///
  /// - Returns: what a terminal shows.
  /// - Throws: `InputError` for events without a time, or an array without a place on the Earth.
  func drawSky(of reader: EventFileReader, to file: PictureFile) throws -> [String] {
    guard let site = reader.array.site else {
      throw InputError(
        description: "\(input): its array has no place on the Earth. An array file states it by "
          + "\"# latitude:\" and \"# longitude:\"")
    }
    guard reader.eventCount > 0, try reader.startTimes(0..<1) != nil else {
      throw InputError(
        description: "\(input): its events have no time (/events/utc), so their places in the sky "
          + "are unknown. Simulated events have none")
    }
    let rows = try chosenRows(of: reader)
    let names = ["standard"] + methods(reader)
    var places = names.map { _ in [SkyMap.Place]() }
    for part in BrowsedEvents.chunks(of: rows) {
      try Interruption.check()
      let range = part[0]..<part[part.count - 1] + 1
      guard let starts = try reader.startTimes(range) else { continue }
      for (method, name) in names.enumerated() {
        let results = try reader.reconstructions(named: name, range)
        for index in part.map({ $0 - range.lowerBound }) {
          let (result, start) = (results[index], starts[index])
          guard result.hasGeometry,
            let (place, _) = skyPlace(of: result, start.0, start.1, site)
          else { continue }
          places[method].append(
            SkyMap.Place(place, zenith: result.shower.zenith, sigma: result.sigma))
        }
      }
    }
    let map = SkyMap(title: title(rows.count), methods: Array(zip(names, places)))
    try file.write(map, overwrite: output.overwrites)
    return zip(names, places).map {
      "\(EscapedText.terminal($0)): \(text($1.count)) of \(text(rows.count)) events have a "
        + "direction"
    }
  }
}
