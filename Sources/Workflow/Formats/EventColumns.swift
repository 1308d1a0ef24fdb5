import Foundation
import ShowerModel
import ShowerStore

/// One event with all that is known of it, without waveforms.
struct EventRow {
  var id: Int
  var showerID: Int
  /// Where the time is known.
  var start: (second: CalendarTime, nanoseconds: Double)?
  var truth: Truth?
  var standard: StandardResult?
  /// By the order of the methods in the file.
  var methods: [Reconstruction]

  /// The events of some rows of a file.
  static func rows(of reader: EventFileReader, _ rows: Range<Int>) throws -> [EventRow] {
    let (ids, showers) = (try reader.eventIDs(rows), try reader.showerIDs(rows))
    let starts = try reader.startTimes(rows)
    let truths = reader.hasTruth ? try reader.truths(rows) : nil
    let standard = reader.hasStandard ? try reader.standardResults(rows) : nil
    let methods = try EventColumns.methods(of: reader).map {
      try reader.reconstructions(named: $0, rows)
    }
    return ids.indices.map { index in
      EventRow(
        id: ids[index], showerID: showers[index], start: starts?[index], truth: truths?[index],
        standard: standard?[index], methods: methods.map { $0[index] })
    }
  }
}

/// The columns of a table with a row an event.
struct EventColumns {
  struct Column {
    /// METHOD_QUANTITY_UNIT; truth is a method.
    let name: String
    let text: (EventRow) -> String
  }

  let columns: [Column]

  /// Names of all methods, the standard one first.
  static func methods(of reader: EventFileReader) -> [String] {
    (reader.hasStandard ? ["standard"] : []) + reader.reconstructionNames
  }

  /// All columns that a file has.
  init(of reader: EventFileReader) {
    var columns = [
      Column(name: "event_id") { "\($0.id)" }, Column(name: "shower_id") { "\($0.showerID)" },
    ]
    if reader.hasUTC {
      columns.append(
        Column(name: "utc") { row in row.start.map { utcText($0.second, $0.nanoseconds) } ?? "" })
    }
    if reader.hasTruth {
      columns.append(Column(name: "truth_primary") { $0.truth?.primary.symbol ?? "" })
      columns += Self.showerColumns("truth_") { $0.truth?.shower ?? .undefined }
    }
    for (index, method) in Self.methods(of: reader).enumerated() {
      columns += Self.columns(of: method, index)
      columns += Self.furtherColumns(of: method, index, reader)
      if reader.networkNames.contains(method) {
        columns.append(
          Column(name: "\(method)_fallback") { $0.methods[index].fallback.name })
      }
      if reader.hasUTC, let site = reader.array.site {
        columns += Self.skyColumns(of: method, index, site)
      }
    }
    if reader.hasStandard { columns += Self.standardColumns }
    self.columns = columns
  }

  private static func columns(of method: String, _ index: Int) -> [Column] {
    [Column(name: "\(method)_status") { $0.methods[index].status.name }]
      + showerColumns("\(method)_") { $0.methods[index].shower }
      + [
        number("\(method)_log_energy_sigma") { $0.methods[index].sigma.logEnergy },
        number("\(method)_zenith_sigma_deg") { $0.methods[index].sigma.zenith / Units.degree },
        number("\(method)_azimuth_sigma_deg") { $0.methods[index].sigma.azimuth / Units.degree },
        number("\(method)_core_x_sigma_m") { $0.methods[index].sigma.coreX },
        number("\(method)_core_y_sigma_m") { $0.methods[index].sigma.coreY },
      ]
  }

  /// What a network predicts beyond the standard quantities.
  private static func furtherColumns(
    of method: String, _ index: Int, _ reader: EventFileReader
  ) -> [Column] {
    let stored = (try? reader.furtherColumns(of: method)) ?? []
    return Reconstruction.furtherColumns.filter { stored.contains($0.name) }.map { column in
      number("\(method)_\(column.name)") { column.value(of: $0.methods[index]) }
    }
  }

  private static func showerColumns(
    _ prefix: String, _ shower: @escaping (EventRow) -> Shower
  ) -> [Column] {
    [
      number(prefix + "log_energy") { shower($0).logEnergy },
      number(prefix + "energy_eev") { shower($0).energy },
      number(prefix + "zenith_deg") { shower($0).zenith / Units.degree },
      number(prefix + "azimuth_deg") { Units.positive(shower($0).azimuth) / Units.degree },
      number(prefix + "core_x_m") { shower($0).coreX },
      number(prefix + "core_y_m") { shower($0).coreY },
    ]
  }

  private static func skyColumns(
    of method: String, _ index: Int, _ site: GeographicSite
  ) -> [Column] {
    let angles: [(String, (SkyCoordinates) -> Double)] = [
      ("ra", \.rightAscension), ("dec", \.declination), ("galactic_l", \.galacticLongitude),
      ("galactic_b", \.galacticLatitude),
    ]
    return angles.flatMap { name, angle in
      [
        number("\(method)_\(name)_deg") { row in
          row.sky(index, site).map { angle($0.place) / Units.degree } ?? .nan
        },
        number("\(method)_\(name)_sigma_deg") { row in
          row.sky(index, site).map { angle($0.sigma) / Units.degree } ?? .nan
        },
      ]
    }
  }

  private static var standardColumns: [Column] {
    func of(_ name: String, _ value: @escaping (StandardResult) -> Double) -> Column {
      number("standard_" + name) { $0.standard.map(value) ?? .nan }
    }
    return [
      of("s800", \.signal800), of("s800_sigma", \.signal800Sigma),
      of("curvature_ns", \.curvature), of("chi2", \.chi2), of("ndf", \.degreesOfFreedom),
      of("stations") { Double($0.stationCount) }, of("edge_distance_m", \.edgeDistance),
      Column(name: "standard_cut") { $0.standard?.verdict.name ?? "" },
    ]
  }

  /// A number with all its digits; empty where there is none.
  private static func number(
    _ name: String, _ value: @escaping (EventRow) -> Double
  ) -> Column {
    Column(name: name) { row in
      let number = value(row)
      guard number.isFinite else { return "" }
      return number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    }
  }
}

extension EventRow {
  /// Where in the sky a method sees the shower, with errors; nil without a time or a direction.
  func sky(
    _ method: Int, _ site: GeographicSite
  ) -> (place: SkyCoordinates, sigma: SkyCoordinates)? {
    let result = methods[method]
    return start.flatMap { skyPlace(of: result, $0.second, $0.nanoseconds, site) }
  }
}

/// Where in the sky a reconstructed shower came from, and the errors; nil without a direction.
func skyPlace(
  of result: Reconstruction, _ second: CalendarTime, _ nanoseconds: Double, _ site: GeographicSite
) -> (place: SkyCoordinates, sigma: SkyCoordinates)? {
  let (shower, sigma) = (result.shower, result.sigma)
  guard shower.zenith.isFinite, shower.azimuth.isFinite else { return nil }
  return (
    SkyCoordinates(shower.direction, at: second, nanoseconds: nanoseconds, site: site),
    SkyCoordinates.deviations(
      zenith: (shower.zenith, sigma.zenith), azimuth: (shower.azimuth, sigma.azimuth),
      at: second, nanoseconds: nanoseconds, site: site)
  )
}

/// UTC of a time that begins so many nanoseconds after a second: 2014-07-13T04:38:52.000000000.
func utcText(_ second: CalendarTime, _ nanoseconds: Double) -> String {
  guard nanoseconds.isFinite, abs(nanoseconds) < 1e15 else { return second.text() }
  let whole = Int(nanoseconds.rounded())
  let seconds = Int((Double(whole) / 1e9).rounded(.down))
  return CalendarTime(seconds: second.seconds + seconds)
    .text(nanoseconds: whole - seconds * 1_000_000_000)
}
