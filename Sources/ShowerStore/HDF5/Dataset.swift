internal import CHDF5

/// A dataset opened for reading: rows of a fixed shape.
///
/// Chunks as our files have them are taken as they are, to be decoded on any thread; what else there may be in
/// a file that another program wrote, HDF5 reads.
final class Dataset<Element: StoredElement> {
  let rowCount: Int
  /// Lengths of the dimensions after the first; empty for a column.
  let rowShape: [Int]
  private let handle: Handle
  private let layout: ChunkLayout<Element>?
  /// The last chunks read, since ranges cut chunks.
  private var recent: [StoredChunk<Element>] = []

  var place: String { handle.place }
  var file: FileContext { handle.file }

  /// Opens a member of a group, which must have a rank of 1 + `dimensions`.
  init(_ name: String, in group: Handle, dimensions: Int = 0) throws(StoreError) {
    let access = try Handle.properties(group.file, chdf5_dataset_access())
    try access.check(H5Pset_chunk_cache(access.id, 521, EventFormat.libraryCache, 1))
    handle = try Handle(
      group.file, group.path(of: name), H5Dclose, opening: H5Dopen2(group.id, name, access.id))
    let shape = try handle.datasetShape()
    guard shape.count == 1 + dimensions else {
      throw group.file.damaged(handle.place, "rank \(shape.count) instead of \(1 + dimensions)")
    }
    rowCount = shape[0]
    rowShape = Array(shape.dropFirst())
    layout = try ChunkLayout(handle, rowShape: rowShape)
  }

  /// Values of some rows, row by row.
  func read(_ rows: Range<Int>) throws(StoreError) -> [Element] {
    try stored(rows).values()
  }

  /// Some rows, not decoded yet.
  func stored(_ rows: Range<Int>) throws(StoreError) -> StoredRows<Element> {
    let rowLength = rowShape.reduce(1, *)
    guard !rows.isEmpty, rowLength > 0 else {
      return StoredRows(rows: rows, rowLength: rowLength, chunks: [])
    }
    guard let layout, rows.upperBound <= rowCount else {
      let values = try valuesByLibrary(rows)
      let all = StoredChunk(decoded: values, rows: rows, file: file, place: place)
      return StoredRows(rows: rows, rowLength: rowLength, chunks: [all])
    }
    var chunks: [StoredChunk<Element>] = []
    for first in stride(
      from: rows.lowerBound / layout.rows * layout.rows, to: rows.upperBound, by: layout.rows)
    {
      if let known = recent.first(where: { $0.rows.lowerBound == first }) {
        chunks.append(known)
      } else {
        chunks.append(try storedChunk(from: first, layout))
      }
    }
    recent = chunks.suffix(2)
    return StoredRows(rows: rows, rowLength: rowLength, chunks: chunks)
  }

  private func storedChunk(from first: Int, _ layout: ChunkLayout<Element>)
    throws(StoreError) -> StoredChunk<Element>
  {
    let start = [hsize_t(first)] + rowShape.map { _ in 0 }
    let rows = first..<min(first + layout.rows, rowCount)
    let codec = layout.codec
    switch storedBytes(at: start, limit: 2 * codec.byteCount + 1024) {
    case (let bytes, ChunkCompression.gzip.skippedFilters)?:
      return StoredChunk(bytes, codec, rows: rows, file: file, place: place)
    case (let planes, ChunkCompression.none.skippedFilters)? where planes.count == codec.byteCount:
      return StoredChunk(planes: planes, codec, rows: rows, file: file, place: place)
    default:
      return StoredChunk(
        decoded: try valuesByLibrary(rows), rows: rows, file: file, place: place)
    }
  }

  /// The bytes of a chunk and the filters that it leaves out, nil where there are none: it was never written, or
  /// is too large for one of ours, or cannot be read, of which HDF5 then gives the reason.
  private func storedBytes(at start: [hsize_t], limit: Int)
    -> (bytes: [UInt8], skippedFilters: UInt32)?
  {
    HDF5.start()
    var count: hsize_t = 0
    guard H5Dget_chunk_storage_size(handle.id, start, &count) >= 0, count > 0, count <= limit
    else { return nil }
    var skippedFilters: UInt32 = 0
    var wasRead = false
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(count)) { bytes, initialised in
      wasRead =
        H5Dread_chunk(
          handle.id, chdf5_default(), start, &skippedFilters, bytes.baseAddress) >= 0
      initialised = wasRead ? Int(count) : 0
    }
    return wasRead ? (bytes, skippedFilters) : nil
  }

  private func valuesByLibrary(_ rows: Range<Int>) throws(StoreError) -> [Element] {
    let count = rows.count * rowShape.reduce(1, *)
    var values = [Element](repeating: .zero, count: count)
    let (start, extent) = (
      [hsize_t(rows.lowerBound)] + rowShape.map { _ in 0 },
      [hsize_t(rows.count)] + rowShape.map { hsize_t($0) }
    )
    let fileSpace = try Handle(file, place, H5Sclose, opening: H5Dget_space(handle.id))
    try handle.check(
      H5Sselect_hyperslab(fileSpace.id, H5S_SELECT_SET, start, nil, extent, nil))
    let memorySpace = try Handle(
      file, place, H5Sclose, opening: H5Screate_simple(Int32(extent.count), extent, nil))
    try check(
      rows,
      values.withUnsafeMutableBytes {
        H5Dread(
          handle.id, Element.memoryType, memorySpace.id, fileSpace.id, chdf5_default(),
          $0.baseAddress)
      })
    return values
  }

  private func check(_ rows: Range<Int>, _ call: @autoclosure () -> herr_t) throws(StoreError) {
    try file.check("\(place), rows \(rows.lowerBound) to \(rows.upperBound - 1)", call())
  }
}

extension Handle {
  /// Lengths of the dimensions of an open dataset.
  func datasetShape() throws(StoreError) -> [Int] {
    let space = try Handle(file, place, H5Sclose, opening: H5Dget_space(id))
    let rank = try check(H5Sget_simple_extent_ndims(space.id))
    var extent = [hsize_t](repeating: 0, count: Int(rank))
    try check(H5Sget_simple_extent_dims(space.id, &extent, nil))
    var shape: [Int] = []
    for length in extent {
      guard let length = Int(exactly: length), length < 1 << 40 else {
        throw file.damaged(place, "a dimension of \(length)")
      }
      shape.append(length)
    }
    return shape
  }
}
