internal import Foundation
public import ShowerModel
internal import ShowerStore

/// Files of lists of stations: CSV or JSON, as `StationLists` says, or HDF5.
///
/// **HDF5**: one data set a column, of one length, in the root group: `event_id`, `station_id`,
/// `x`, `y`, `z` [m], `t` [ns], `signal` [VEM], and optionally `flags` (bit 0: saturated). A
/// station with NaN in `t` and `signal` is silent. `event` and `id` are other names of the first
/// two. Where an array is given, `x`, `y` and `z` may be left out. Positions that can hardly be
/// metres need the attribute `UNIT` of `x`, with the text `m`.
public enum StationListFile {
  /// Whether a file that is no event file has the columns of lists of stations.
  public static func mayBeHDF5(_ path: String) -> Bool {
    do throws(StoreError) {
      let file = try NumberFile(path: path)
      for name in ["t", "signal"] where try file.shape(of: name) == nil { return false }
      return true
    } catch {
      // It is not for us to say what is wrong with it.
      return false
    }
  }

  /// Whether a file looks like lists of stations in CSV or JSON; false where it cannot be read.
  public static func mayBeText(_ path: String) -> Bool {
    guard let start = try? ForeignFile.start(of: path), !start.starts(with: ForeignFile.hdf5) else {
      return false
    }
    let text = String(decoding: TextFile.withoutMark(Data(start)), as: UTF8.self)
    switch text.first(where: { !$0.isWhitespace }) {
    case "[", "{": return text.contains("\"stations\"") || text.contains("\"event")
    default:
      let header = text.split(whereSeparator: \.isNewline).first { !$0.hasPrefix("#") } ?? ""
      let names = header.split(separator: ",")
      return names.contains("t") && names.contains("signal")
    }
  }

  /// Reads all lists of a file.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - array: of the stations; nil for that of the file.
  /// - Returns: the lists in the order of the file.
  /// - Throws: `TableError` with the row at fault, `FormatError` for a file that cannot be read.
  public static func read(_ path: String, array: DetectorArray? = nil) throws -> StationLists {
    if try ForeignFile.start(of: path).starts(with: ForeignFile.hdf5) {
      let columns: StationColumns
      do throws(StoreError) {
        columns = try self.columns(try NumberFile(path: path), needsPositions: array == nil)
      } catch {
        throw FormatError(error)
      }
      return try StationLists(columns, file: path, array: array)
    }
    let text: String
    do throws(TextFileError) { text = try TextFile.read(path) } catch {
      throw FormatError(
        path, error.description,
        remedy: "Give lists of stations as CSV, JSON or HDF5 (Documentation/event-picture.md)")
    }
    return try StationLists(parsing: text, file: path, array: array)
  }

  private static func columns(
    _ file: NumberFile, needsPositions: Bool
  ) throws(StoreError) -> StationColumns {
    let rows = 0..<(try file.rowCount(of: "t", shape: []))
    func values(_ name: String) throws(StoreError) -> [Double] {
      try file.require(name, shape: [rows.count])
      return try file.values(rows, of: name)
    }
    func whole(_ names: [String]) throws(StoreError) -> [Int] {
      var name = names[0]
      for other in names.dropFirst() where try file.shape(of: name) == nil { name = other }
      var result: [Int] = []
      result.reserveCapacity(rows.count)
      for (row, value) in try values(name).enumerated() {
        guard let number = Int(exactly: value) else {
          throw .damaged(
            file: file.path, place: "/\(name)", reason: "\(value) in row \(row) is no whole number")
        }
        result.append(number)
      }
      return result
    }
    var hasEvents = try file.shape(of: "event_id") != nil
    if !hasEvents { hasEvents = try file.shape(of: "event") != nil }
    let hasFlags = try file.shape(of: "flags") != nil
    let positions =
      needsPositions ? (try values("x"), try values("y"), try values("z")) : ([], [], [])
    return StationColumns(
      eventIDs: hasEvents ? try whole(["event_id", "event"]) : rows.map { _ in 0 },
      stationIDs: try whole(["station_id", "id"]),
      positions: positions.0.indices.map { row in
        Position(positions.0[row], positions.1[row], positions.2[row])
      },
      times: try values("t"), signals: try values("signal"),
      saturated: hasFlags ? try whole(["flags"]).map { $0 & 1 == 1 } : [],
      hasUnit: needsPositions ? try file.text("UNIT", of: "x") == "m" : false)
  }
}
