internal import CHDF5

/// A dataset opened for reading: rows of a fixed shape.
///
/// Chunks as our files have them are taken as they are, to be decoded on any thread. Other layouts,
/// filters and types of numbers, which another program may have written, are decoded at once.
final class Dataset<Element: StoredElement> {
  let rowCount: Int
  /// Lengths of the dimensions after the first; empty for a column.
  let rowShape: [Int]
  private let handle: Handle
  private let format: NumberFormat
  private let layout: ChunkLayout<Element>?
  private let foreignRows: RowBytes
  /// The last chunks read, since ranges cut chunks.
  private var recent: [StoredChunk<Element>] = []

  var place: String { handle.place }
  var file: FileContext { handle.file }

  /// Opens a member of a group, which must have a rank of 1 + `dimensions`.
  init(_ name: String, in group: Handle, dimensions: Int = 0) throws(StoreError) {
    let file = group.file
    handle = try Handle(
      file, group.path(of: name), H5Dclose, opening: H5Dopen2(group.id, name, chdf5_default()))
    let shape = try handle.datasetShape()
    guard shape.count == 1 + dimensions else {
      throw file.damaged(handle.place, "rank \(shape.count) instead of \(1 + dimensions)")
    }
    rowCount = shape[0]
    rowShape = Array(shape.dropFirst())
    try Dataset.checkRows(shape, handle)
    let type = try Handle(file, handle.place, H5Tclose, opening: H5Dget_type(handle.id))
    guard let format = try NumberFormat(type: type) else {
      throw file.unsupported(
        handle.place, "its values are no numbers of 1 to 8 bytes", remedy: "Write it as numbers")
    }
    self.format = format
    layout = try ChunkLayout(handle, rowShape: rowShape)
    foreignRows = try RowBytes(handle, type: format.id, elementBytes: format.byteCount)
  }

  /// A text attribute, nil where there is none.
  func text(_ attribute: String) throws(StoreError) -> String? { try handle.text(attribute) }

  /// Bytes of rows that a column may claim without storing them: values that were never written
  /// are fill values.
  private static var unwrittenLimit: Double { Double(1 << 20) }
  /// Largest factor by which gzip makes bytes fewer.
  private static var largestCompression: Double { 1100 }

  /// Refuses more rows than the stored bytes can hold: work on them would not end.
  private static func checkRows(_ shape: [Int], _ handle: Handle) throws(StoreError) {
    let stored = Double(H5Dget_storage_size(handle.id))
    let claimed = shape.reduce(1.0) { $0 * Double($1) }
    guard claimed <= largestCompression * stored + unwrittenLimit else {
      throw handle.file.damaged(
        handle.place, "\(shape[0]) rows, but only \(Int(stored)) bytes are stored")
    }
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
    guard rows.upperBound <= rowCount else {
      throw file.damaged(place, "\(rowCount) rows, but others of the group have more")
    }
    guard let layout else {
      let all = StoredChunk(
        decoded: try foreignValues(rows), rows: rows, file: file, place: place)
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
    let start = [first] + rowShape.map { _ in 0 }
    let rows = first..<min(first + layout.rows, rowCount)
    let codec = layout.codec
    switch try handle.storedChunk(at: start, limit: 2 * codec.byteCount + 1024) {
    case (let bytes, ChunkCompression.gzip.skippedFilters)?:
      return StoredChunk(bytes, codec, rows: rows, file: file, place: place)
    case (let planes, ChunkCompression.none.skippedFilters)? where planes.count == codec.byteCount:
      return StoredChunk(planes: planes, codec, rows: rows, file: file, place: place)
    default:
      return StoredChunk(
        decoded: try foreignValues(rows), rows: rows, file: file, place: place)
    }
  }

  private func foreignValues(_ rows: Range<Int>) throws(StoreError) -> [Element] {
    let bytes = try foreignRows.bytes(rows)
    var values: [Element] = []
    values.reserveCapacity(bytes.count / format.byteCount)
    let format = format
    var refused: NumberFormat.Number?
    bytes.withUnsafeBytes { bytes in
      for offset in stride(from: 0, to: bytes.count, by: format.byteCount) {
        let number = format.number(in: bytes, at: offset)
        guard let value = Element(number) else {
          refused = number
          return
        }
        values.append(value)
      }
    }
    if let refused {
      let row = rows.lowerBound + values.count / rowShape.reduce(1, *)
      throw file.damaged(
        place, "\(refused.double) in row \(row) is no whole number of the column's range")
    }
    return values
  }
}

extension Handle {
  /// Lengths of the dimensions of an open dataset.
  func datasetShape() throws(StoreError) -> [Int] {
    let space = try Handle(file, place, H5Sclose, opening: H5Dget_space(id))
    return try space.spaceShape()
  }

  /// Lengths of the dimensions of a dataset of a group.
  func shape(ofDataset name: String) throws(StoreError) -> [Int] {
    try Handle(file, path(of: name), H5Dclose, opening: H5Dopen2(id, name, chdf5_default()))
      .datasetShape()
  }

  /// Lengths of the dimensions of an open dataspace; none for a single value.
  func spaceShape() throws(StoreError) -> [Int] {
    let rank = try check(H5Sget_simple_extent_ndims(id))
    var extent = [hsize_t](repeating: 0, count: Int(rank))
    try check(H5Sget_simple_extent_dims(id, &extent, nil))
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
