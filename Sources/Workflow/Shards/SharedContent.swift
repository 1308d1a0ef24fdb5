import ShowerModel
import ShowerStore

/// What all parts of one whole have in common beside their history.
struct SharedContent {
  private let path: String
  private let array: DetectorArray
  /// Further properties, by how a message calls them.
  private let properties: [(name: String, value: String)]

  init(_ reader: EventFileReader) throws {
    path = reader.path
    array = reader.array
    var properties = [
      ("samples of a waveform", "\(reader.sampleCount)"),
      ("events", reader.hasTruth ? "simulated" : "data"),
      ("standard reconstruction", reader.hasStandard ? "yes" : "no"),
      ("other reconstructions", reader.reconstructionNames.sorted().joined(separator: ", ")),
      ("scale of energies", reader.energyScale.rawValue),
    ]
    if reader.hasStandard { properties.append(("selection", try reader.selection() ?? "none")) }
    for name in reader.reconstructionNames {
      let description = try reader.networkDescription(of: name) ?? ""
      properties.append(("network of \(name)", description))
    }
    self.properties = properties
  }

  /// - Throws: `MergeError` with the first difference.
  func check(against other: SharedContent) throws(MergeError) {
    let differences = array.detector.differences(from: other.array.detector)
    guard differences.isEmpty else {
      throw MergeError(
        "\(path): its stations are not those of \(other.path): "
          + differences.joined(separator: ", "))
    }
    guard array == other.array else {
      throw MergeError(
        "\(path): array \(array.name) of \(array.stations.count) stations is not the array "
          + "\(other.array.name) of \(other.array.stations.count) stations of \(other.path)"
          + (array.name == other.array.name ? ": positions or edge differ" : ""))
    }
    for (own, others) in zip(properties, other.properties) where own != others {
      throw MergeError(
        "\(path): \(own.name): \(own.value), but \(others.name): \(others.value) in \(other.path)")
    }
  }
}

/// Files that cannot be put together, and why.
struct MergeError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
