import Foundation
import ShowerModel
import Testing

@testable import ShowerFormats

/// A folder that goes with its owner, and files in it.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "airshower-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: url.appending(path: name))
    return path(name)
  }
}

enum Samples {
  static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func fixture(_ name: String) -> String {
    repository.appending(path: "Fixtures/" + name).path
  }

  static func array(_ name: String) throws -> DetectorArray {
    let url = repository.appending(path: "tables/arrays/\(name).csv")
    return try DetectorArray(parsing: String(contentsOf: url, encoding: .utf8), file: name)
  }

  static func surveys() throws -> StationSurveys {
    StationSurveys(
      before2008: try array("telescope-array-2008"), since2008: try array("telescope-array"))
  }

  /// All bytes of a packed file.
  static func unpacked(_ path: String) throws -> [UInt8] {
    try #require(try PackedFile(path: path).readAll(limit: 100 << 20))
  }

  /// All events of a file.
  static func events(_ path: String) throws -> [ImportedEvent] {
    let file = try ForeignFile.open(path: path, surveys: surveys())
    var events: [ImportedEvent] = []
    while let event = try file.next() { events.append(event) }
    return events
  }

  /// The error that reading a file ends with.
  static func error(of path: String) -> String? {
    do {
      _ = try events(path)
      return nil
    } catch {
      return "\(error)".replacingOccurrences(of: path, with: "FILE")
    }
  }

  /// An event of data with one window a station, at times within its clock [ns].
  static func data(
    id: Int = 1, utc: CalendarTime = CalendarTime(2014, 7, 13, 4, 38, 52), time: Double = 0,
    windows: [(station: Int, start: Double)], bad: LayerSet = []
  ) -> Event {
    let waveform = Waveform(
      samples: (0..<128).map { UInt16(6 + $0 % 3) }, pedestal: 6.25, pedestalDeviation: 0.15,
      countsPerVEM: 40)
    return Event(
      id: id, showerID: id, time: time,
      hits: windows.map {
        Hit(
          station: $0.station, windowStart: $0.start, upper: waveform, lower: waveform,
          badLayers: bad)
      }, utc: utc)
  }

  /// A DST file of events.
  static func write(_ events: [Event], to path: String) throws {
    let writer = try DSTWriter(
      path: path, name: path, packs: false, array: array("telescope-array"), sampleCount: 128)
    for event in events { try writer.append(event) }
    try writer.finish()
  }
}
