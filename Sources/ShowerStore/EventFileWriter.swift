internal import CHDF5
public import ShowerModel

/// A new event file.
///
/// It is written as `path.part` beside its place. `finish(adding:)` gives it its name, when it is
/// complete. After any error, or without `finish`, nothing is left, and an earlier file is
/// untouched. Memory does not grow with the number of events. Use it from one task.
///
///     let file = try EventFileWriter(path: "events.h5", array: array, sampleCount: 128,
///                                    simulated: true, overwrite: false)
///     try file.append(events)
///     try file.finish(adding: step)
public final class EventFileWriter {
  public let path: String
  /// Events in the file so far.
  public private(set) var eventCount: Int

  private let part: PartFile
  private let context: FileContext
  private let array: DetectorArray
  private let provenance: [ProvenanceStep]
  private let energyScale: EnergyScale
  private let purpose: FilePurpose
  private let chunks: ChunkQueue
  private var root: Handle?
  /// The file that is copied, and names of the results to leave out.
  private var copied: (source: EventFileReader, omitting: Set<String>)?
  private var hasBegunCopy = false
  /// Large datasets of which some chunks are still to be copied.
  private var copies: [DatasetCopy] = []
  /// What a copy has left out: paths in the source. A copy holds only numbers and texts of fixed
  /// length.
  public private(set) var leftOut: [String] = []
  private var reconstruction: Handle?
  private var events: EventTablesWriter?
  private var fits: [(name: String, tables: StandardTablesWriter)] = []
  private var networks: [(name: String, table: TableWriter<Reconstruction>)] = []

  /// Makes the working file, with the array in it and no events.
  ///
  /// - Parameters:
  ///   - path: of the output, in a folder that exists.
  ///   - array: to whose stations the indices of events refer.
  ///   - sampleCount: samples of every waveform, T.
  ///   - simulated: whether all events have a truth; else none has.
  ///   - hasUTC: whether the UTC of all events is known.
  ///   - purpose: what the file is for.
  ///   - overwrite: whether an earlier file may be replaced.
  ///   - submit: where to compress; nil for the thread that appends. The bytes are the same.
  /// - Throws: `.outputExists`, `.cannotCreate`, `.writeFailed`.
  public convenience init(
    path: String, array: DetectorArray, sampleCount: Int, simulated: Bool, hasUTC: Bool = false,
    purpose: FilePurpose = .lasting, overwrite: Bool, compressing submit: WorkSubmission? = nil
  ) throws(StoreError) {
    try self.init(
      path: path, array: array, provenance: [], energyScale: .simulation, eventCount: 0,
      purpose: purpose, overwrite: overwrite, compressing: submit)
    try beginEvents(sampleCount: sampleCount, simulated: simulated, hasUTC: hasUTC)
  }

  /// A new file for events of files like `source`. It has the array, the length of waveforms, the
  /// truth and the scale of energies of `source`, but no events.
  ///
  /// - Parameters:
  ///   - source: one of the files whose rows are to be appended.
  ///   - path: of the output, in a folder that exists.
  ///   - overwrite: whether an earlier file may be replaced.
  ///   - submit: where to compress; nil for the thread that appends. The bytes are the same.
  /// - Throws: `.outputExists`, `.cannotCreate`, `.writeFailed`.
  public convenience init(
    like source: EventFileReader, to path: String, overwrite: Bool,
    compressing submit: WorkSubmission? = nil
  ) throws(StoreError) {
    try self.init(
      path: path, array: source.array, provenance: [], energyScale: source.energyScale,
      eventCount: 0, purpose: .lasting, overwrite: overwrite, compressing: submit)
    try beginEvents(
      sampleCount: source.sampleCount, simulated: source.hasTruth, hasUTC: source.hasUTC)
  }

  /// A new file with what another one holds, to which results can be appended.
  ///
  /// A copy of all events takes over the compressed data. Unknown groups are included, except for
  /// what `leftOut` names. It begins with the first call after this one and goes on as results are
  /// appended: other threads may compute meanwhile. A copy of some events is read and written
  /// again.
  ///
  /// - Parameters:
  ///   - source: the file to copy.
  ///   - path: of the output, in a folder that exists.
  ///   - rows: the events to keep, nil for all.
  ///   - omitting: names of groups in /reconstruction to leave out, because they will be made anew
  ///     or are out of date.
  ///   - energyScale: of the energies to be appended, nil for that of the source.
  ///   - resultsOnly: whether to keep only number, shower, time and truth of the events. It is for
  ///     results that `append(resultsOf:_:)` will add to the events of `source` later.
  ///   - purpose: what the file is for.
  ///   - overwrite: whether an earlier file may be replaced.
  ///   - submit: where to compress; nil for the thread that appends. The bytes are the same.
  /// - Throws: `.outputExists`, `.cannotCreate`, `.writeFailed`, or an error of reading `source`.
  public convenience init(
    copying source: EventFileReader, to path: String, rows: Range<Int>? = nil,
    omitting: Set<String> = [], energyScale: EnergyScale? = nil, resultsOnly: Bool = false,
    purpose: FilePurpose = .lasting, overwrite: Bool, compressing submit: WorkSubmission? = nil
  ) throws(StoreError) {
    let scale = energyScale ?? source.energyScale
    let kept = (rows ?? 0..<source.eventCount).clamped(to: 0..<source.eventCount)
    guard kept.count < source.eventCount || resultsOnly else {
      try self.init(
        path: path, array: source.array, provenance: source.provenance, energyScale: scale,
        eventCount: kept.count, purpose: purpose, overwrite: overwrite, compressing: submit)
      copied = (source, omitting)
      return
    }
    try self.init(
      path: path, array: source.array, provenance: source.provenance, energyScale: scale,
      eventCount: 0, purpose: purpose, overwrite: overwrite, compressing: submit)
    try beginEvents(
      sampleCount: source.sampleCount, simulated: source.hasTruth, hasUTC: source.hasUTC)
    guard resultsOnly else {
      try appendRows(of: source, kept, omitting: omitting)
      return
    }
    for rows in source.chunks(of: 500, in: kept) {
      try append(
        source.events(rows, waveforms: false).map { event in
          var event = event
          event.hits = []
          event.deadStations = []
          return event
        })
    }
    try writing { (root) throws(StoreError) in
      try root.set(EventFormat.omittedResults, omitting.sorted().joined(separator: "\n"))
    }
  }

  private init(
    path: String, array: DetectorArray, provenance: [ProvenanceStep], energyScale: EnergyScale,
    eventCount: Int, purpose: FilePurpose, overwrite: Bool, compressing submit: WorkSubmission?
  ) throws(StoreError) {
    self.path = path
    self.array = array
    self.provenance = provenance
    self.energyScale = energyScale
    self.eventCount = eventCount
    self.purpose = purpose
    chunks = ChunkQueue(purpose.compression, submit)
    let context = FileContext(path: path, isOutput: true)
    self.context = context
    let part = try PartFile(path: path, overwrite: overwrite)
    self.part = part
    let access = try Handle.properties(context, chdf5_file_access())
    let creation = try Handle.properties(context, chdf5_file_create())
    try access.check(H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG))
    // The format of HDF5 1.10: check sums on all metadata, small indices of chunks.
    try access.check(H5Pset_libver_bounds(access.id, H5F_LIBVER_V110, H5F_LIBVER_V110))
    // The lock is that of PartFile, taken before the file is emptied.
    try access.check(H5Pset_file_locking(access.id, false, true))
    try creation.check(H5Pset_obj_track_times(creation.id, false))
    root = try Handle(
      context, "/", H5Fclose,
      opening: H5Fcreate(part.partPath, chdf5_truncate(), creation.id, access.id))
  }

  deinit { abandon() }

  /// Writes the array, and the groups that events go to.
  private func beginEvents(
    sampleCount: Int, simulated: Bool, hasUTC: Bool
  ) throws(StoreError) {
    try writing { (root) throws(StoreError) in
      guard (1...65_536).contains(sampleCount) else {
        throw context.invalid("/hits/waveform", "waveforms of \(sampleCount) samples")
      }
      try StoredArray.write(array, to: root, chunks)
      events = try EventTablesWriter(
        root, array: array, sampleCount: sampleCount, simulated: simulated, hasUTC: hasUTC, chunks)
    }
  }

  // MARK: - Appending

  /// Appends some events of another file with all their reconstructions; the files must have the
  /// same array.
  ///
  /// - Parameters:
  ///   - rows: of the events.
  ///   - source: the other file.
  ///   - omitting: names of reconstructions to leave out.
  ///   - number: of the first of them, from which the others count; nil to keep their numbers.
  /// - Throws: `.writeFailed`, `.invalidContent` for events that the file cannot hold, or an error
  ///   of reading.
  public func append(
    _ rows: Range<Int>, of source: EventFileReader, omitting: Set<String> = [],
    numberedFrom number: Int? = nil
  ) throws(StoreError) {
    try appendRows(of: source, rows, omitting: omitting, numberedFrom: number)
  }

  /// Appends the reconstructions of some events of another file, whose events are those of this one
  /// in order.
  ///
  /// - Throws: `.writeFailed`, `.invalidContent` for results that the file has already, or an error
  ///   of reading.
  public func append(resultsOf source: EventFileReader, _ rows: Range<Int>) throws(StoreError) {
    try appendResults(of: source, rows, omitting: [])
  }

  /// Appends events; not possible in a copy, which has its events already.
  public func append(_ newEvents: [Event]) throws(StoreError) {
    try writing { (_) throws(StoreError) in
      let events = try eventTables()
      try events.append(newEvents)
      eventCount = events.eventCount
    }
  }

  /// Appends results of a parametric fit with the signals that they used, in the order of the
  /// events.
  ///
  /// - Parameters:
  ///   - results: one an event.
  ///   - stations: of each event.
  ///   - identity: of the fit; its name is that of the group in the file.
  ///   - selection: definition of the quality cuts whose verdict the results carry; that of the
  ///     first call
  ///     counts.
  ///   - front: what the shower front is, of the first call.
  /// - Throws: `.writeFailed`, or `.invalidContent` for results that the file has already.
  public func append(
    standard results: [StandardResult], stations: [[StationSignal]],
    as identity: MethodIdentity = .standard,
    selection: String? = nil, front: String? = nil
  ) throws(StoreError) {
    try writing { (root) throws(StoreError) in
      guard results.count == stations.count else {
        throw context.invalid(
          "/" + EventFormat.stations(of: identity.name),
          "\(stations.count) lists of stations for \(results.count) results")
      }
      let tables = try fitTables(identity, selection, front, root)
      try tables.append(results, stations) { (rowCount) throws(StoreError) in
        try proceedCopying(to: rowCount)
      }
    }
  }

  /// Appends the results of a correction, in the order of the events.
  ///
  /// - Parameters:
  ///   - reconstructions: one an event.
  ///   - identity: of the method; its name is that of the group in the file, not "standard".
  ///   - networkDescription: free text kept beside the results; that of the first call counts.
  ///   - method: how they were made, in a sentence; that of the first call counts.
  ///   - scale: of their energies, nil for that of the file; that of the first call counts.
  ///   - further: names of the columns of `Reconstruction.furtherColumns` that the method gives.
  /// - Throws: `.writeFailed`, or `.invalidContent` for a name that cannot be or is there already.
  public func append(
    _ reconstructions: [Reconstruction], as identity: MethodIdentity, networkDescription: String,
    method: String = EventFileWriter.networkMethod, on scale: EnergyScale? = nil,
    further: [String] = []
  ) throws(StoreError) {
    try writing { (root) throws(StoreError) in
      let table = try networkTable(
        identity, networkDescription, method, scale, further, root)
      try appendBlocks(reconstructions.count, to: table) { (part) throws(StoreError) in
        try table.append(reconstructions[part])
      }
    }
  }

  /// Appends rows in parts that end where blocks of events do.
  private func appendBlocks(
    _ count: Int, to table: TableWriter<Reconstruction>,
    _ append: (_ part: Range<Int>) throws(StoreError) -> Void
  ) throws(StoreError) {
    try EventBlock.append(
      count, to: table.rowCount, passingOn: table.datasets, append
    ) { (rowCount) throws(StoreError) in
      try proceedCopying(to: rowCount)
    }
  }

  /// What is said of results that a network made.
  public static let networkMethod =
    "Standard reconstruction plus the residual predicted by a network"

  // MARK: - Ending

  /// Completes the file. Checks that all results have a row for every event, adds how the file was
  /// made, writes it to the disk and gives it its name.
  public func finish(adding step: ProvenanceStep) throws(StoreError) {
    try finish(adding: [step])
  }

  /// Completes the file, with several steps that made it.
  public func finish(adding steps: [ProvenanceStep]) throws(StoreError) {
    try writing { (root) throws(StoreError) in
      try checkRowCounts()
      for copy in copies { try copy.proceed(to: 1, of: 1) }
      let datasets =
        (events?.datasets ?? []) + fits.flatMap(\.tables.datasets)
        + networks.flatMap(\.table.datasets)
      for dataset in datasets { try dataset.passOnRest() }
      try chunks.writeAll()
      for dataset in datasets { try dataset.close() }
      try root.set("FORMAT", EventFormat.name)
      try root.set("FORMAT_VERSION", EventFormat.version)
      try root.set("DESCRIPTION", EventFormat.description)
      try root.set("PROVENANCE", JSONText.encode(provenance + steps))
      try root.set(EventFormat.lineage, JSONText.encode(Lineage(provenance + steps)))
      try root.check(H5Fflush(root.id, H5F_SCOPE_GLOBAL))
      dropHandles()
      try root.close()
      try part.commit(durably: purpose.isLasting)
      self.root = nil
    }
  }

  /// Gives up: removes the working file.
  public func abandon() {
    dropHandles()
    root = nil
    part.discard()
  }

  /// Runs one step; after an error nothing is left of the file.
  private func writing(_ step: (Handle) throws(StoreError) -> Void) throws(StoreError) {
    guard let root else { throw context.invalid("/", "the file was ended before") }
    do {
      if let (source, omitting) = copied, !hasBegunCopy {
        hasBegunCopy = true
        try copyGroups(from: source, to: root, omitting: omitting)
      }
      try step(root)
    } catch {
      abandon()
      throw error
    }
  }

  private func dropHandles() {
    copies = []
    copied = nil
    events = nil
    fits = []
    networks = []
    reconstruction = nil
  }

  private func checkRowCounts() throws(StoreError) {
    let counts =
      networks.map { ($0.name, $0.table.rowCount) } + fits.map { ($0.name, $0.tables.rowCount) }
    for (name, count) in counts where count != eventCount {
      throw context.invalid("/reconstruction/\(name)", "\(count) rows for \(eventCount) events")
    }
  }

  // MARK: - Groups

  private func eventTables() throws(StoreError) -> EventTablesWriter {
    guard let events else { throw context.invalid("/events", "a copy takes no more events") }
    return events
  }

  private func reconstructionGroup(_ root: Handle) throws(StoreError) -> Handle {
    if let reconstruction { return reconstruction }
    let group = try root.createGroup("reconstruction")
    try group.set("DESCRIPTION", "One group a method; their rows are those of /events")
    reconstruction = group
    return group
  }

  private func fitTables(
    _ identity: MethodIdentity, _ selection: String?, _ front: String?, _ root: Handle
  ) throws(StoreError) -> StandardTablesWriter {
    let name = identity.name
    if let known = fits.first(where: { $0.name == name }) { return known.tables }
    // So that the places of chunks and groups in the file do not depend on how far the threads are.
    try chunks.writeAll()
    let group = try reconstructionGroup(root)
    guard try !group.contains(name) else {
      throw context.invalid("/reconstruction/\(name)", "the file has results of that name already")
    }
    let tables = try StandardTablesWriter(
      root, identity, reconstruction: group, array: array, selection: selection, front: front,
      energyScale: energyScale, chunks)
    fits.append((name, tables))
    return tables
  }

  private func networkTable(
    _ identity: MethodIdentity, _ description: String, _ method: String, _ scale: EnergyScale?,
    _ further: [String], _ root: Handle
  ) throws(StoreError) -> TableWriter<Reconstruction> {
    let scale = scale ?? energyScale
    let name = identity.name
    if let known = networks.first(where: { $0.name == name }) { return known.table }
    try chunks.writeAll()
    guard MethodName.isValid(name), name != "standard" else {
      throw context.invalid(
        "/reconstruction",
        "\"\(name)\" cannot name a network's results; a name has \(MethodName.rule)")
    }
    let parent = try reconstructionGroup(root)
    guard try !parent.contains(name) else {
      throw context.invalid("/reconstruction/\(name)", "the file has results of that name already")
    }
    let group = try parent.createGroup(name)
    try group.set("METHOD", method)
    try group.set(EventFormat.identity, JSONText.encode(identity))
    try group.set("NETWORK", description)
    try group.set(EventFormat.energyScale, scale.rawValue)
    let columns =
      Reconstruction.correctionColumns(on: scale)
      + Reconstruction.furtherColumns.filter { further.contains($0.name) }
    let table = try TableWriter(columns, in: group, chunks)
    networks.append((name, table))
    return table
  }

  // MARK: - Copying

  private func copyGroups(
    from source: EventFileReader, to root: Handle, omitting: Set<String>
  ) throws(StoreError) {
    var seen: Set<UInt64> = [try source.root.objectAddress()]
    if try source.root.contains("reconstruction") {
      let results = try source.root.openGroup("reconstruction")
      seen.insert(try results.objectAddress())
      for name in try results.memberNames() where !omitting.contains(name) {
        try copy(name, from: results, to: reconstructionGroup(root), &seen)
      }
    }
    let names = try source.root.memberNames().filter { name in
      name != "reconstruction" && !omitting.contains { EventFormat.stations(of: $0) == name }
    }
    // Links of others may lead to our groups, which must be copied at their own places.
    for name in names.filter(EventFormat.isGroup) + names.filter({ !EventFormat.isGroup($0) }) {
      try copy(name, from: source.root, to: root, &seen)
    }
  }

  /// Copies a member of a group, or begins to where it is large. A group is copied once, though
  /// several links may lead to it.
  private func copy(
    _ name: String, from source: Handle, to target: Handle, _ seen: inout Set<UInt64>
  ) throws(StoreError) {
    guard try source.contains(name) else { return leftOut.append(source.path(of: name)) }
    switch try source.kind(of: name) {
    case H5I_DATASET:
      guard
        let begun = try DatasetCopy(name, from: source, to: target, chunks, leftOut: &leftOut)
      else { return leftOut.append(source.path(of: name)) }
      if begun.isLarge { copies.append(begun) } else { try begun.proceed(to: 1, of: 1) }
    case H5I_GROUP:
      let group = try source.openGroup(name)
      guard seen.insert(try group.objectAddress()).inserted else {
        return leftOut.append(group.place)
      }
      let copy = try target.createGroup(name)
      try copy.copyAttributes(of: group, leftOut: &leftOut)
      for member in try group.memberNames() { try self.copy(member, from: group, to: copy, &seen) }
    default: leftOut.append(source.path(of: name))
    }
  }

  /// Goes on copying in step with the events that have results.
  private func proceedCopying(to rowCount: Int) throws(StoreError) {
    for copy in copies { try copy.proceed(to: rowCount, of: eventCount) }
  }

  private func appendRows(
    of source: EventFileReader, _ kept: Range<Int>, omitting: Set<String>,
    numberedFrom number: Int? = nil
  ) throws(StoreError) {
    for rows in source.chunks(of: 500, in: kept) {
      let first = number.map { $0 + rows.lowerBound - kept.lowerBound }
      if source.hasAllEventColumns {
        try writing { (_) throws(StoreError) in
          let events = try eventTables()
          try events.append(rows, of: source, numberedFrom: first)
          eventCount = events.eventCount
        }
      } else {
        try append(
          try source.events(rows).enumerated().map { index, event in
            var event = event
            if let first { event.id = first + index }
            return event
          })
      }
      try appendResults(of: source, rows, omitting: omitting)
    }
  }

  private func appendResults(
    of source: EventFileReader, _ rows: Range<Int>, omitting: Set<String>
  ) throws(StoreError) {
    let fitNames = source.fitNames.filter { !omitting.contains($0) }
    for name in fitNames {
      let (selection, front) = (try source.selection(of: name), try source.front(of: name))
      let identity = source.identity(of: name)
      let stored = try source.fit(name)
      if stored.hasAllColumns {
        try writing { (root) throws(StoreError) in
          let tables = try fitTables(identity, selection, front, root)
          try tables.append(rows, of: stored) { (rowCount) throws(StoreError) in
            try proceedCopying(to: rowCount)
          }
        }
        continue
      }
      try append(
        standard: try source.standardResults(rows, of: name),
        stations: try source.stationSignals(rows, of: name), as: identity,
        selection: selection, front: front)
    }
    for name in source.reconstructionNames
    where !omitting.contains(name) && !fitNames.contains(name) {
      let identity = source.identity(of: name)
      let description = try source.networkDescription(of: name) ?? ""
      let method = try source.methodDescription(of: name) ?? EventFileWriter.networkMethod
      let scale = try source.energyScale(of: name)
      let stored = try source.reconstructionTable(name)
      let further = try source.furtherColumns(of: name)
      if stored.missing.isSubset(of: Reconstruction.furtherColumns.map(\.name)) {
        try writing { (root) throws(StoreError) in
          let table = try networkTable(identity, description, method, scale, further, root)
          try appendBlocks(rows.count, to: table) { (part) throws(StoreError) in
            let first = rows.lowerBound + part.lowerBound
            table.append(stored: try stored.stored(first..<first + part.count), count: part.count)
          }
        }
        continue
      }
      try append(
        try source.storedReconstructions(named: name, rows), as: identity,
        networkDescription: description, method: method, on: scale, further: further)
    }
  }
}
