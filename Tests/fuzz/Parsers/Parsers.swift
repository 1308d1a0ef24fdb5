internal import Foundation
internal import ResidualNetwork
internal import ShowerFormats
internal import ShowerModel
internal import ShowerSimulation
internal import StandardReconstruction

/// A parser of ours, as libFuzzer calls it: bytes in, any error of ours is fine.
typealias Parser = @Sendable ([UInt8]) -> Void

/// A parser of texts.
func ofText(_ parse: @escaping @Sendable (String) throws -> Void) -> Parser {
  { try? parse(String(decoding: $0, as: UTF8.self)) }
}

/// A parser of files: it reads a file in memory, of the same name each time.
func ofFile(_ parse: @escaping @Sendable (String) throws -> Void) -> Parser {
  let path = "/dev/shm/airshower-fuzzing-\(getpid())"
  return { bytes in
    guard let file = fopen(path, "wb") else { return }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    try? parse(path)
    unlink(path)
  }
}

/// What `EventCondition` may speak of.
let quantities = ["energy", "zenith", "stations"].map { EventQuantity($0, unit: "", $0) }

/// Every parser of ours, by the name that `libfuzzer.sh` gives.
let parsers: [String: Parser] = [
  "stations": ofText { _ = try StationLists(parsing: $0, file: "input", array: nil) },
  "array": ofText { _ = try DetectorArray(parsing: $0, file: "input") },
  "response": ofText { _ = try ResponseTable(parsing: $0, file: "input") },
  "cuts": ofText { _ = try QualityCuts(parsing: $0, file: "input") },
  "front": ofText { _ = try TunedFrontFile(parsing: $0, file: "input") },
  "condition": ofText { _ = try EventCondition(parsing: $0, quantities: quantities) },
  "energy-table": ofText { _ = try EnergyTable(parsing: $0, name: "input") },
  "settings": ofText { _ = try SettingsLayer(parsing: $0, file: "input") },
  "specification": { _ = try? NetworkSpec(json: Data($0), source: "input") },
  "escapes": ofText { _ = (EscapedText.terminal($0), EscapedText.csv($0), EscapedText.json($0)) },
  "foreign": ofFile { path in
    let array = "tables/arrays/telescope-array.csv"
    let surveys = StationSurveys(try DetectorArray(parsing: TextFile.read(array), file: array))
    let events = try ForeignFile.open(path: path, surveys: surveys)
    while try events.next() != nil {}
  },
  "corsika": ofFile { path in
    let reader = try CorsikaReader(path: path)
    while try reader.nextEvent() != nil { while try reader.nextRows() != nil {} }
  },
]
