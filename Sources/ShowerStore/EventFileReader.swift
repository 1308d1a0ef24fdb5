internal import CHDF5
internal import Foundation
internal import Glibc
public import ShowerModel

/// An event file opened for reading.
///
/// Every request names a range of events, so memory does not grow with the file. Opening checks
/// that the file is ours and that its groups agree; a request checks the values it reads. Use it
/// from one task: HDF5 works under one lock.
///
///     let file = try EventFileReader(path: "events.h5")
///     for rows in file.chunks(of: 1000) { for event in try file.events(rows) { ... } }
public final class EventFileReader {
  public let path: String
  /// Format version of the file, "1.0.0".
  public let formatVersion: String
  /// What made the file, newest step last.
  public let provenance: [ProvenanceStep]
  public let array: DetectorArray
  public let eventCount: Int
  /// Readout windows of all events.
  public let hitCount: Int
  /// Samples of one waveform, T.
  public let sampleCount: Int
  /// Whether the events are simulated and hold their truth.
  public let hasTruth: Bool
  /// Whether the standard reconstruction was made.
  public let hasStandard: Bool
  /// Other reconstructions, one a network or a further fit.
  public let reconstructionNames: [String]
  /// Parametric fits: those with all columns of the standard one and stations of their own, itself
  /// included.
  public let fitNames: [String]
  /// What each reconstruction is, by its name, the standard one included.
  public let identities: [String: MethodIdentity]
  /// Which showers the file holds, and which ones its methods learned from.
  public let lineage: Lineage
  /// Scale of the energies of all reconstructions.
  public let energyScale: EnergyScale

  let root: Handle
  let context: FileContext
  let stationOfID: [Int: Int]
  let eventTables: EventTables
  let truthTable: TableReader<Truth>?
  var fitTables: [String: StandardTables] = [:]
  var reconstructionTables: [String: TableReader<Reconstruction>] = [:]

  /// Opens a file and checks its structure.
  ///
  /// - Throws: `StoreError` of kind `.unusableInput`.
  public init(path: String) throws(StoreError) {
    self.path = path
    root = try EventFileReader.open(path)
    context = root.file
    formatVersion = try EventFileReader.checkedVersion(root)
    let structure = try FileStructure(root)
    eventCount = structure.eventCount
    hitCount = structure.hitCount
    hasTruth = structure.hasTruth
    hasStandard = structure.reconstructions.contains("standard")
    reconstructionNames = structure.reconstructions.filter { $0 != "standard" }
    fitNames = try EventFileReader.fitNames(structure.reconstructions, root)
    energyScale =
      hasStandard
      ? try EventFileReader.energyScale(
        of: root.openGroup("reconstruction").openGroup("standard")) : .simulation
    guard
      let steps = JSONText.decode([ProvenanceStep].self, try root.text("PROVENANCE") ?? "[]")
    else {
      throw context.damaged("/", "attribute PROVENANCE is no list of steps")
    }
    provenance = steps
    lineage = try EventFileReader.lineage(root, steps)
    identities = try EventFileReader.identities(structure.reconstructions, root)
    array = try StoredArray.read(from: root)
    stationOfID = array.indexOfStation
    eventTables = try EventTables(
      root, layers: array.detector.layerCount, isSimulated: hasTruth)
    sampleCount = eventTables.waveform.rowShape[1]
    let layers = eventTables.waveform.rowShape[0]
    guard array.detector.layerCount == layers else {
      throw context.damaged(
        "/array",
        "LAYERS \(array.detector.layerCount) (2 where it is not stated), but /hits/waveform has "
          + "\(layers)")
    }
    truthTable =
      hasTruth
      ? try TableReader(
        Truth.columns, in: try root.openGroup("truth"), content: .truth)
      : nil
  }

  /// Whether the file states the UTC of its events.
  public var hasUTC: Bool { eventTables.utc != nil }

  /// Whether events have all columns of the newest version of the format.
  var hasAllEventColumns: Bool {
    eventTables.accuracy.missing.isEmpty && eventTables.hitColumns.missing.isEmpty
      && eventTables.hitTruthColumns?.missing.isEmpty ?? true
      && truthTable?.missing.isEmpty ?? true
  }

  /// Ranges of `size` events that cover the first `limit` events.
  public func chunks(of size: Int, limit: Int? = nil) -> [Range<Int>] {
    let end = min(eventCount, limit ?? eventCount)
    return stride(from: 0, to: end, by: max(size, 1)).map { $0..<min($0 + max(size, 1), end) }
  }

  /// Ranges of `size` events that cover some rows. No rows give one empty range, so that results of
  /// no events are made and stored too.
  public func chunks(of size: Int, in rows: Range<Int>) -> [Range<Int>] {
    guard !rows.isEmpty else { return [rows] }
    return stride(from: rows.lowerBound, to: rows.upperBound, by: max(size, 1)).map {
      $0..<min($0 + max(size, 1), rows.upperBound)
    }
  }

  /// In a file of results without hits, the reconstructions that the file they belong to should
  /// lose; nil in others.
  public func omittedResults() throws(StoreError) -> [String]? {
    try root.text(EventFormat.omittedResults)?.components(separatedBy: "\n").filter {
      !$0.isEmpty
    }
  }

  /// What a reconstruction of the file is.
  public func identity(of name: String) -> MethodIdentity {
    identities[name] ?? MethodIdentity(ofOldFile: name)
  }

  /// The free text that a network's reconstruction carries, nil where there is none.
  public func networkDescription(of name: String) throws(StoreError) -> String? {
    try reconstructionGroup(name).text("NETWORK")
  }

  /// How a reconstruction was made, in a sentence; nil where the file does not say.
  public func methodDescription(of name: String) throws(StoreError) -> String? {
    try reconstructionGroup(name).text("METHOD")
  }

  // MARK: - Opening

  private static func fitNames(
    _ reconstructions: [String], _ root: Handle
  ) throws(StoreError) -> [String] {
    var names: [String] = []
    for name in reconstructions {
      let hasStations = try root.contains(EventFormat.stations(of: name))
      if hasStations || name == "standard" { names.append(name) }
    }
    return names
  }

  private static func lineage(
    _ root: Handle, _ steps: [ProvenanceStep]
  ) throws(StoreError) -> Lineage {
    guard let text = try root.text(EventFormat.lineage) else { return Lineage(steps) }
    guard let lineage = JSONText.decode(Lineage.self, text) else {
      throw root.file.damaged("/", "attribute \(EventFormat.lineage) is no lineage")
    }
    return lineage
  }

  private static func identities(
    _ names: [String], _ root: Handle
  ) throws(StoreError) -> [String: MethodIdentity] {
    var identities: [String: MethodIdentity] = [:]
    for name in names {
      let group = try root.openGroup("reconstruction").openGroup(name)
      guard let text = try group.text(EventFormat.identity) else {
        identities[name] = MethodIdentity(ofOldFile: name)
        continue
      }
      guard let identity = JSONText.decode(MethodIdentity.self, text) else {
        throw group.file.damaged(
          group.place, "attribute \(EventFormat.identity) is no identity of a method")
      }
      // Somebody may have renamed the group.
      identities[name] = MethodIdentity(name: name, kind: identity.kind)
    }
    return identities
  }

  static func open(_ path: String) throws(StoreError) -> Handle {
    var context = FileContext(path: path, isOutput: false)
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw errno == ENOENT || errno == ENOTDIR
        ? .missing(file: path) : .unreadable(file: path, reason: systemReason())
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(
        file: path,
        reason: status.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "it is no regular file")
    }
    guard access(path, R_OK) == 0 else {
      throw .unreadable(file: path, reason: systemReason())
    }
    HDF5.start()
    guard H5Fis_hdf5(path) > 0 else {
      throw PartFile.isPart(path) ? .unfinished(file: path) : .notHDF5(file: path)
    }
    guard !isOpenForWriting(path) else { throw .unfinished(file: path) }
    context.texts = try FileCheck.texts(of: context, byteCount: Int(status.st_size))
    let properties = try Handle.properties(context, chdf5_file_access())
    try properties.check(H5Pset_fclose_degree(properties.id, H5F_CLOSE_STRONG))
    // Finished files never change, and file systems of clusters often cannot lock.
    try properties.check(H5Pset_file_locking(properties.id, false, true))
    do {
      return try Handle(
        context, "/", H5Fclose, opening: H5Fopen(path, chdf5_read_only(), properties.id))
    } catch .readFailed(let file, _, let reason) {
      throw .damaged(file: file, place: "the file as a whole", reason: reason)
    }
  }

  /// Whether the file's first block says that a writer has not closed it. Only files from version 3
  /// on, as ours are, say so.
  private static func isOpenForWriting(_ path: String) -> Bool {
    guard let file = fopen(path, "r") else { return false }
    defer { fclose(file) }
    var block = [UInt8](repeating: 0, count: 12)
    guard fread(&block, 1, block.count, file) == block.count else { return false }
    let (version, consistencyFlags) = (block[8], block[11])
    return version >= 3 && consistencyFlags & 1 != 0
  }

  private static func checkedVersion(_ root: Handle) throws(StoreError) -> String {
    let path = root.file.path
    guard try root.text("FORMAT") == EventFormat.name, let version = try root.text("FORMAT_VERSION")
    else { throw PartFile.isPart(path) ? .unfinished(file: path) : .notEventFile(file: path) }
    guard let major = version.split(separator: ".").first.flatMap({ Int($0) }),
      major == EventFormat.majorVersion
    else {
      throw .unsupportedVersion(
        file: path, found: version, supported: "\(EventFormat.majorVersion).x")
    }
    return version
  }
}
