internal import CHDF5

/// A growing dataset: rows are kept until whole chunks are full, then written.
///
/// Every chunk is written once and complete, so HDF5 needs no room to keep chunks.
final class DatasetWriter<Element: StoredElement> {
  /// Rows appended so far.
  private(set) var rowCount = 0
  private let handle: Handle
  private let rowShape: [Int]
  private let rowLength: Int
  private let bufferLength: Int
  private var pending: [Element] = []
  private var writtenRows = 0

  var place: String { handle.place }
  var file: FileContext { handle.file }

  /// A new dataset, shuffled and compressed by gzip 1.
  ///
  /// Rows have the shape `rowShape`, empty for a column. `bufferChunks` chunks of `chunkRows` rows
  /// are kept in memory before they are written.
  init(
    _ label: DatasetLabel, in group: Handle, rowShape: [Int] = [],
    chunkRows: Int = EventFormat.columnChunk, bufferChunks: Int = 1
  ) throws(StoreError) {
    let file = group.file
    let creation = try Handle.properties(file, chdf5_dataset_create())
    let access = try Handle.properties(file, chdf5_dataset_access())
    let shape = rowShape.map { hsize_t($0) }
    try creation.check(H5Pset_obj_track_times(creation.id, false))
    try creation.check(
      H5Pset_chunk(creation.id, Int32(1 + shape.count), [hsize_t(chunkRows)] + shape))
    try creation.check(H5Pset_shuffle(creation.id))
    try creation.check(H5Pset_deflate(creation.id, 1))
    try access.check(H5Pset_chunk_cache(access.id, 1, 0, 1))
    let space = try Handle(
      file, label.name, H5Sclose,
      opening: H5Screate_simple(
        Int32(1 + shape.count), [0] + shape, [chdf5_unlimited()] + shape))
    handle = try Handle(
      file, group.path(of: label.name), H5Dclose,
      opening: H5Dcreate2(
        group.id, label.name, label.storage.fileType, space.id, chdf5_default(), creation.id,
        access.id))
    self.rowShape = rowShape
    rowLength = rowShape.reduce(1, *)
    bufferLength = chunkRows * bufferChunks * rowLength
    try handle.set("UNIT", label.unit)
    try handle.set("DESCRIPTION", label.description)
    if let meanings = label.meanings { try handle.set("MEANINGS", meanings) }
  }

  /// Adds an attribute beside UNIT and DESCRIPTION.
  func set(_ name: String, _ text: String) throws(StoreError) { try handle.set(name, text) }

  /// Appends one row of a column.
  func append(_ value: Element) throws(StoreError) {
    pending.append(value)
    try rowWasAppended()
  }

  /// Appends one row given by its values in order, in one or several parts.
  func append(row parts: [Element]...) throws(StoreError) {
    for part in parts { pending.append(contentsOf: part) }
    try rowWasAppended()
  }

  private func rowWasAppended() throws(StoreError) {
    rowCount += 1
    if pending.count >= bufferLength { try flush() }
  }

  /// Writes what is kept.
  func flush() throws(StoreError) {
    guard !pending.isEmpty else { return }
    let shape = rowShape.map { hsize_t($0) }
    let extent = [hsize_t(rowCount - writtenRows)] + shape
    try handle.check(H5Dset_extent(handle.id, [hsize_t(rowCount)] + shape))
    let fileSpace = try Handle(file, place, H5Sclose, opening: H5Dget_space(handle.id))
    let start = [hsize_t(writtenRows)] + shape.map { _ in 0 }
    try handle.check(
      H5Sselect_hyperslab(fileSpace.id, H5S_SELECT_SET, start, nil, extent, nil))
    let memorySpace = try Handle(
      file, place, H5Sclose, opening: H5Screate_simple(Int32(extent.count), extent, nil))
    try handle.check(
      pending.withUnsafeBytes {
        H5Dwrite(
          handle.id, Element.memoryType, memorySpace.id, fileSpace.id, chdf5_default(),
          $0.baseAddress)
      })
    writtenRows = rowCount
    pending.removeAll(keepingCapacity: true)
  }

  /// Writes what is kept and closes the dataset.
  func close() throws(StoreError) {
    try flush()
    try handle.close()
  }
}
