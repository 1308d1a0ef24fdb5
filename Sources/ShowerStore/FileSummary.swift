internal import CHDF5
internal import Glibc
public import ShowerModel

/// What is in an event file.
public struct FileSummary: Sendable, Equatable {
  /// A group with its attributes as text, in alphabetical order.
  public struct Group: Sendable, Equatable {
    public let path: String
    public let attributes: [Attribute]
    public let datasets: [Dataset]
  }

  public struct Attribute: Sendable, Equatable {
    public let name: String
    public let value: String
  }

  /// A dataset: what is stored, and how large.
  public struct Dataset: Sendable, Equatable {
    public let path: String
    public let shape: [Int]
    /// float64, float32, int64, int32, uint16, uint8 or "other".
    public let type: String
    public let unit: String
    public let description: String
    /// "0=good, ..." for an enumeration, else nil.
    public let meanings: String?
    /// Bytes in the file.
    public let storedBytes: Int
  }

  public let path: String
  /// Bytes of the whole file.
  public let fileBytes: Int
  public let formatVersion: String
  public let arrayName: String
  public let stationCount: Int
  public let eventCount: Int
  public let hitCount: Int
  public let sampleCount: Int
  public let hasTruth: Bool
  /// All reconstructions, "standard" included.
  public let reconstructionNames: [String]
  public let groups: [Group]
  public let provenance: [ProvenanceStep]
}

extension EventFileReader {
  /// What is in the file: groups, datasets, sizes, how it was made.
  public func summary() throws(StoreError) -> FileSummary {
    var status = stat()
    stat(path, &status)
    var groups: [FileSummary.Group] = []
    var seen: Set<UInt64> = []
    try root.summarise(into: &groups, seen: &seen)
    return FileSummary(
      path: path, fileBytes: Int(status.st_size), formatVersion: formatVersion,
      arrayName: array.name, stationCount: array.stations.count, eventCount: eventCount,
      hitCount: hitCount, sampleCount: sampleCount, hasTruth: hasTruth,
      reconstructionNames: (hasStandard ? ["standard"] : []) + reconstructionNames,
      groups: groups, provenance: provenance)
  }
}

extension Handle {
  /// This group and the groups below it, depth first and each once, since links may lead back.
  fileprivate func summarise(
    into groups: inout [FileSummary.Group], seen: inout Set<UInt64>
  ) throws(StoreError) {
    guard seen.insert(try objectAddress()).inserted else { return }
    var datasets: [FileSummary.Dataset] = []
    var below: [String] = []
    for name in try memberNames() where try contains(name) {
      switch try kind(of: name) {
      case H5I_DATASET: datasets.append(try summary(ofDataset: name))
      case H5I_GROUP: below.append(name)
      default: continue
      }
    }
    let attributes = try texts().map { FileSummary.Attribute(name: $0.name, value: $0.text) }
    groups.append(FileSummary.Group(path: place, attributes: attributes, datasets: datasets))
    for name in below { try openGroup(name).summarise(into: &groups, seen: &seen) }
  }

  private func summary(ofDataset name: String) throws(StoreError) -> FileSummary.Dataset {
    let dataset = try Handle(
      file, path(of: name), H5Dclose, opening: H5Dopen2(id, name, chdf5_default()))
    let type = try Handle(file, dataset.place, H5Tclose, opening: H5Dget_type(dataset.id))
    return FileSummary.Dataset(
      path: dataset.place, shape: try dataset.datasetShape(), type: Handle.name(ofType: type.id),
      unit: try dataset.text("UNIT") ?? "", description: try dataset.text("DESCRIPTION") ?? "",
      meanings: try dataset.text("MEANINGS"), storedBytes: Int(H5Dget_storage_size(dataset.id)))
  }

  private static func name(ofType type: hid_t) -> String {
    let bits = 8 * H5Tget_size(type)
    switch H5Tget_class(type) {
    case H5T_FLOAT: return "float\(bits)"
    case H5T_INTEGER: return H5Tget_sign(type) == H5T_SGN_NONE ? "uint\(bits)" : "int\(bits)"
    default: return "other"
    }
  }
}
