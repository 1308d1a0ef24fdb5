import Foundation
import ShowerModel
import ShowerSimulation

/// The folder `tables/` with arrays, energies, selections, simulation fields and networks.
package struct TableFolder {
  let url: URL

  /// The energy table of the standard reconstruction where none is named.
  package static let defaultEnergyTable = "telescope-array-simulated"
  /// The quality cuts where none are named.
  package static let defaultSelection = "standard"
  /// The front that the word "tuned" stands for.
  static let defaultFront = "telescope-array-tuned"

  /// `--tables`, `$AIRSHOWER_TABLES`, `./tables`, beside the program and in the folders above it.
  ///
  /// - Throws: `InputError` where there is none.
  init(option: String?) throws {
    let environment = ProcessInfo.processInfo.environment["AIRSHOWER_TABLES"]
    if let given = option ?? environment {
      guard TableFolder.isTables(URL(filePath: given)) else {
        throw InputError(
          description: "\(given): not a folder of tables (it should hold arrays, energy, networks)")
      }
      url = URL(filePath: given)
      return
    }
    var places = [URL(filePath: "tables")]
    if let program = Bundle.main.executableURL?.resolvingSymlinksInPath() {
      var folder = program.deletingLastPathComponent()
      for _ in 0..<5 {
        places += [
          folder.appending(path: "tables"), folder.appending(path: "share/airshower/tables"),
        ]
        folder = folder.deletingLastPathComponent()
      }
    }
    guard let found = places.first(where: TableFolder.isTables) else {
      throw InputError(
        description: "the folder tables was not found: give --tables DIR or set AIRSHOWER_TABLES")
    }
    url = found
  }

  private static func isTables(_ url: URL) -> Bool {
    FileManager.default.fileExists(atPath: url.appending(path: "arrays").path)
  }

  /// A file of the folder, or any file where `name` is a path that exists.
  ///
  /// - Throws: `InputError` with the names there are.
  func file(_ kind: TableKind, _ name: String) throws -> URL {
    let files = FileManager.default
    if files.fileExists(atPath: name) && name.contains(".") { return URL(filePath: name) }
    let place = url.appending(path: "\(kind.folder)/\(name)\(kind.suffix)")
    if files.fileExists(atPath: place.path) { return place }
    let known = names(kind).joined(separator: ", ")
    throw InputError(
      description: "\(name): neither a file nor the name of \(kind.noun). Names in "
        + "\(url.appending(path: kind.folder).path): \(known.isEmpty ? "none" : known)")
  }

  /// Names of the tables of a kind, in order.
  func names(_ kind: TableKind) -> [String] {
    let folder = url.appending(path: kind.folder).path
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(kind.suffix) }.map { String($0.dropLast(kind.suffix.count)) }.sorted()
  }

  /// An array of `tables/arrays`, of a file, `ideal:COLUMNSxROWS[:SPACING]`, or
  /// `hexagon:RINGS[:SPACING]`.
  ///
  /// - Parameters:
  ///   - name: one of these.
  ///   - altitudeSpread: scatter of the altitudes of an ideal grid [m].
  /// - Returns: the array, and its file where it has one.
  /// - Throws: `WrongUse` for an ideal grid that is none, `InputError`, `TableError`.
  func array(_ name: String, altitudeSpread: Double) throws -> (array: DetectorArray, file: URL?) {
    if name.hasPrefix("ideal:") {
      return (try idealGrid(name, altitudeSpread: altitudeSpread), nil)
    }
    if name.hasPrefix("hexagon:") {
      return (try hexagon(name, altitudeSpread: altitudeSpread), nil)
    }
    guard altitudeSpread == 0 else {
      throw InputError(
        description:
          "altitudeSpread is for ideal arrays only: the stations of \(name) have given altitudes")
    }
    let file = try file(.array, name)
    let array = try DetectorArray(parsing: text(of: file), file: file.path)
    try array.detector.requireSupported(file.path)
    return (array, file)
  }

  private func idealGrid(_ name: String, altitudeSpread: Double) throws -> DetectorArray {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).dropFirst()
    let numbers = (parts.first ?? "").split(separator: "x", omittingEmptySubsequences: false)
      .map { Int($0) }
    let spacing = parts.count == 2 ? parts.last.flatMap { Double($0) } : 1200
    guard parts.count <= 2, numbers.count == 2, let columns = numbers[0], let rows = numbers[1],
      (2...250).contains(columns), (2...250).contains(rows), let spacing,
      (50...20_000).contains(spacing)
    else {
      throw WrongUse(
        "--array \(name): write ideal:COLUMNSxROWS or ideal:COLUMNSxROWS:SPACING with 2 to 250 "
          + "columns and rows and a spacing of 50 to 20000 m, as in ideal:16x16:1200")
    }
    return .idealGrid(
      columns: columns, rows: rows, spacing: spacing, altitudeSpread: altitudeSpread)
  }

  private func hexagon(_ name: String, altitudeSpread: Double) throws -> DetectorArray {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).dropFirst()
    let spacing = parts.count == 2 ? parts.last.flatMap { Double($0) } : 1500
    guard parts.count <= 2, let rings = parts.first.flatMap({ Int($0) }),
      (1...100).contains(rings), let spacing, (50...20_000).contains(spacing)
    else {
      throw WrongUse(
        "--array \(name): write hexagon:RINGS or hexagon:RINGS:SPACING with 1 to 100 rings about "
          + "the central station and a spacing of 50 to 20000 m, as in hexagon:3:1500")
    }
    return .hexagon(rings: rings, spacing: spacing, altitudeSpread: altitudeSpread)
  }

  /// A variation of the simulation, of `tables/variations` or of a file.
  func variation(_ name: String) throws -> (layer: SettingsLayer, file: URL) {
    let file = try file(.variation, name)
    return (try SettingsLayer(parsing: text(of: file), file: file.path), file)
  }

  /// Names and descriptions of all variations of the folder, by name.
  func variations() throws -> [(name: String, description: String)] {
    try names(.variation).map { ($0, try variation($0).layer.description) }
  }

  /// The fitted constants of the simulation's shower model.
  func showerConstants() throws -> (constants: ShowerConstants, file: URL) {
    let file = try file(.showerModel, "shower-model")
    return (try ShowerConstants(parsing: text(of: file), file: file.path), file)
  }

  /// The response of an array's stations to single particles. Stations of one layer take the upper
  /// layer of a table of two.
  ///
  /// - Throws: `InputError` where the table has fewer layers than the stations.
  func response(of array: DetectorArray) throws -> (response: ResponseTable, file: URL) {
    let file = try file(.response, array.detector.response)
    let table = try ResponseTable(parsing: text(of: file), file: file.path)
    if array.detector.layerCount == 1 { return (table.upperLayer, file) }
    guard table.layerCount == 2 else {
      throw InputError(
        description:
          "\(file.path): is the response of one layer, but the stations of \(array.name) have "
          + "two. Give a table of two layers (# response: NAME), or state # layers: 1")
    }
    return (table, file)
  }

  /// Quality cuts of `tables/selections`, or of a file.
  func selection(_ name: String) throws -> (cuts: QualityCuts, file: URL) {
    let file = try file(.selection, name)
    return (try QualityCuts(parsing: text(of: file), file: file.path), file)
  }

  /// A tuned front of `tables/fronts`, the shipped one for the name "tuned", or of a file.
  func tunedFront(_ name: String) throws -> (front: TunedFrontFile, file: URL) {
    let file = try file(.front, name == "tuned" ? TableFolder.defaultFront : name)
    return (try TunedFrontFile(parsing: text(of: file), file: file.path), file)
  }

  func text(of file: URL) throws -> String {
    do throws(TextFileError) { return try TextFile.read(file.path) } catch {
      throw InputError(description: "\(file.path): \(error)")
    }
  }
}
