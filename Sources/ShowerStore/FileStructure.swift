internal import CHDF5
internal import ShowerModel

/// The groups of an event file and their numbers of rows, which must agree.
struct FileStructure {
  let eventCount: Int
  let hitCount: Int
  let hasTruth: Bool
  /// Members of /reconstruction.
  let reconstructions: [String]

  init(_ root: Handle) throws(StoreError) {
    var counts: [String: Int] = [:]
    for name in ["array", "events", "hits", "dead_stations"] {
      guard try root.contains(name) else {
        // Without it, all stations worked.
        if name == "dead_stations" { continue }
        throw .missingContent(
          file: root.file.path, place: "/\(name)", .events)
      }
      counts[name] = try FileStructure.rowCount(root.openGroup(name))
    }
    let eventCount = counts["events"] ?? 0
    hitCount = counts["hits"] ?? 0
    self.eventCount = eventCount
    hasTruth = try root.contains("truth")
    var alignedGroups: [Handle] = []
    if hasTruth { alignedGroups.append(try root.openGroup("truth")) }
    var names: [String] = []
    if try root.contains("reconstruction") {
      let group = try root.openGroup("reconstruction")
      names = try group.memberNames()
      for name in names where !MethodName.isValid(name) {
        throw root.file.unsupported(
          group.path(of: name), "the name of a method has \(MethodName.rule)",
          remedy: "Rename the group, for example by move() of h5py")
      }
      for name in names { alignedGroups.append(try group.openGroup(name)) }
    }
    reconstructions = names
    for group in alignedGroups {
      let count = try FileStructure.rowCount(group)
      guard count == eventCount else {
        throw root.file.damaged(group.place, "\(count) rows for \(eventCount) events")
      }
    }
  }

  /// Rows of a group, the same for all of its datasets.
  static func rowCount(_ group: Handle) throws(StoreError) -> Int {
    var count: Int?
    for name in try group.datasetNames() {
      let dataset = try Handle(
        group.file, group.path(of: name), H5Dclose,
        opening: H5Dopen2(group.id, name, chdf5_default()))
      guard let rows = try dataset.datasetShape().first else {
        throw group.file.damaged(dataset.place, "no rows")
      }
      if let count, count != rows {
        throw group.file.damaged(
          dataset.place, "\(rows) rows, where others of the group have \(count)")
      }
      count = rows
    }
    return count ?? 0
  }
}
