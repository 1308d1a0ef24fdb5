internal import CHDF5

/// Rows of a dataset as bytes of its own type, however another program has laid them out.
final class RowBytes {
  let shape: [Int]
  let elementBytes: Int
  /// Bytes of a row.
  let rowBytes: Int
  /// Nil where the values lie in one piece.
  let chunks: ChunkGrid?

  private let dataset: Handle
  private let type: hid_t
  /// The chunks of the last request, since requests cut chunks.
  private var recent: [[Int]: [UInt8]] = [:]

  /// Largest row and largest chunk [bytes].
  static let sizeLimit = 64 << 20

  /// - Parameters:
  ///   - dataset: open.
  ///   - type: an equal type that was made by us.
  ///   - elementBytes: its size.
  /// - Throws: `.unsupported` for filters and layouts that are not read, `.damaged` for impossible
  ///   sizes.
  init(_ dataset: Handle, type: hid_t, elementBytes: Int) throws(StoreError) {
    self.dataset = dataset
    self.type = type
    self.elementBytes = elementBytes
    let shape = try dataset.datasetShape()
    self.shape = shape
    rowBytes = try RowBytes.product(shape.dropFirst(), elementBytes, dataset, "a row")
    let creation = try Handle(
      dataset.file, dataset.place, H5Pclose, opening: H5Dget_create_plist(dataset.id))
    switch H5Pget_layout(creation.id) {
    case H5D_CONTIGUOUS, H5D_COMPACT: chunks = nil
    case H5D_CHUNKED:
      chunks = try ChunkGrid(
        dataset, creation, type: type, elementBytes: elementBytes, shape: shape)
    default:
      throw dataset.file.unsupported(
        dataset.place, "its values are not in the file itself", remedy: "Write them into it")
    }
  }

  static func product(
    _ lengths: some Sequence<Int>, _ elementBytes: Int, _ dataset: Handle, _ what: String
  ) throws(StoreError) -> Int {
    var bytes = elementBytes
    for length in lengths {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: length)
      guard !overflows, product <= sizeLimit else {
        throw dataset.file.unsupported(
          dataset.place, "\(what) of more than \(sizeLimit >> 20) MiB",
          remedy: "Write it with smaller chunks")
      }
      bytes = product
    }
    return bytes
  }

  /// The bytes of some rows within the dataset.
  func bytes(_ rows: Range<Int>) throws(StoreError) -> [UInt8] {
    guard let chunks else { return try bytesInOnePiece(rows) }
    var result = [UInt8](repeating: 0, count: rows.count * rowBytes)
    var used: [[Int]: [UInt8]] = [:]
    var usedBytes = 0
    for start in chunks.starts(of: rows) {
      let cell =
        if let known = recent[start] { known } else { try chunks.cell(at: start, of: dataset) }
      chunks.copy(cell, at: start, to: &result, rows: rows, rowBytes: rowBytes)
      usedBytes += cell.count
      if usedBytes <= RowBytes.sizeLimit { used[start] = cell }
    }
    recent = used
    return result
  }

  private func bytesInOnePiece(_ rows: Range<Int>) throws(StoreError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: rows.count * rowBytes)
    let (file, place) = (dataset.file, dataset.place)
    let extent = [hsize_t(rows.count)] + shape.dropFirst().map { hsize_t($0) }
    let start = [hsize_t(rows.lowerBound)] + shape.dropFirst().map { _ in 0 }
    let fileSpace = try Handle(file, place, H5Sclose, opening: H5Dget_space(dataset.id))
    try dataset.check(H5Sselect_hyperslab(fileSpace.id, H5S_SELECT_SET, start, nil, extent, nil))
    let memorySpace = try Handle(
      file, place, H5Sclose, opening: H5Screate_simple(Int32(extent.count), extent, nil))
    try file.check(
      "\(place), rows \(rows.lowerBound) to \(rows.upperBound - 1)",
      H5Dread(dataset.id, type, memorySpace.id, fileSpace.id, chdf5_default(), &bytes))
    return bytes
  }
}

/// The chunks of a dataset and how to read them.
struct ChunkGrid {
  /// Lengths of a chunk along each axis.
  let extent: [Int]
  let filters: ChunkFilters
  /// Whether chunks that reach over the edge lie there with filters, as all others.
  let filtersEdges: Bool
  /// Bytes of a chunk without filters.
  let byteCount: Int
  /// One element where no chunk was written.
  let fill: [UInt8]

  private let shape: [Int]
  private let elementBytes: Int

  init(
    _ dataset: Handle, _ creation: Handle, type: hid_t, elementBytes: Int, shape: [Int]
  ) throws(StoreError) {
    var lengths = [hsize_t](repeating: 0, count: 33)
    let rank = Int(try dataset.check(H5Pget_chunk(creation.id, 32, &lengths)))
    extent = lengths.prefix(rank).map { Int(clamping: $0) }
    guard rank == shape.count, extent.allSatisfy({ $0 > 0 }) else {
      throw dataset.file.damaged(dataset.place, "chunks of shape \(extent) in \(shape)")
    }
    byteCount = try RowBytes.product(extent, elementBytes, dataset, "a chunk")
    filters = try ChunkFilters(
      Handle(
        dataset.file, dataset.place, H5Pclose, opening: H5Dget_create_plist(dataset.id)),
      elementBytes: elementBytes, elementCount: byteCount / elementBytes)
    var options: UInt32 = 0
    try dataset.check(H5Pget_chunk_opts(creation.id, &options))
    filtersEdges = options == 0
    var fill = [UInt8](repeating: 0, count: elementBytes)
    var state = H5D_FILL_VALUE_UNDEFINED
    try dataset.check(H5Pfill_value_defined(creation.id, &state))
    if state == H5D_FILL_VALUE_USER_DEFINED {
      try dataset.check(H5Pget_fill_value(creation.id, type, &fill))
    }
    self.fill = fill
    self.shape = shape
    self.elementBytes = elementBytes
  }

  /// The first elements of all chunks that hold some rows, those of the last axis next to each
  /// other.
  func starts(of rows: Range<Int>) -> [[Int]] {
    var starts: [[Int]] = [[]]
    for axis in shape.indices {
      let all = axis == 0 ? rows : 0..<shape[axis]
      guard !all.isEmpty else { return [] }
      let first = all.lowerBound / extent[axis] * extent[axis]
      let along = Array(stride(from: first, to: all.upperBound, by: extent[axis]))
      starts = starts.flatMap { start in along.map { start + [$0] } }
    }
    return starts
  }

  /// The bytes of a chunk without filters; fill values where it was never written.
  func cell(at start: [Int], of dataset: Handle) throws(StoreError) -> [UInt8] {
    guard let stored = try dataset.storedChunk(at: start, limit: 2 * byteCount + 1024) else {
      return Array(repeatElement(fill, count: byteCount / elementBytes).joined())
    }
    return try plain(stored, at: start, of: dataset)
  }

  /// The bytes of a chunk as the file holds it, without filters.
  func plain(
    _ stored: (bytes: [UInt8], mask: UInt32), at start: [Int], of dataset: Handle
  ) throws(StoreError) -> [UInt8] {
    try plain(stored, at: start, file: dataset.file, place: dataset.place)
  }

  func plain(
    _ stored: (bytes: [UInt8], mask: UInt32), at start: [Int], file: FileContext, place: String
  ) throws(StoreError) -> [UInt8] {
    let isAtEdge = zip(start, zip(extent, shape)).contains { $0 + $1.0 > $1.1 }
    let mask = isAtEdge && !filtersEdges ? ~0 : stored.mask
    guard let bytes = filters.undone(stored.bytes, mask: mask, byteCount: byteCount) else {
      let first = start.first ?? 0
      let last = min(first + (extent.first ?? 1), shape.first ?? 1) - 1
      throw .readFailed(
        file: file.path, place: "\(place), rows \(first) to \(last)",
        reason: "a chunk does not decompress")
    }
    return bytes
  }

  /// Copies the elements of a chunk that lie in some rows to their places.
  func copy(
    _ cell: [UInt8], at start: [Int], to result: inout [UInt8], rows: Range<Int>, rowBytes: Int
  ) {
    // Ranges of the dataset that the chunk covers, along each axis.
    var covered = zip(start, zip(extent, shape)).map { $0..<min($0 + $1.0, $1.1) }
    covered[0] = covered[0].clamped(to: rows)
    guard covered.allSatisfy({ !$0.isEmpty }) else { return }
    let last = shape.count - 1
    let runBytes = covered[last].count * elementBytes
    var index = covered.map(\.lowerBound)
    while true {
      var (source, target) = (0, 0)
      for axis in shape.indices {
        source = source * extent[axis] + index[axis] - start[axis]
        target =
          target * (axis == 0 ? 1 : shape[axis]) + index[axis] - (axis == 0 ? rows.lowerBound : 0)
      }
      result.replaceSubrange(
        target * elementBytes..<target * elementBytes + runBytes,
        with: cell[source * elementBytes..<source * elementBytes + runBytes])
      // The next run: axes before the last one count up like the digits of a number.
      var axis = last - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < covered[axis].upperBound { break }
        index[axis] = covered[axis].lowerBound
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

extension Handle {
  /// The bytes of a chunk of a dataset and the filters that it left out, nil where it was never
  /// written.
  ///
  /// - Throws: `.damaged` for more than `limit` bytes, `.readFailed`.
  func storedChunk(at start: [Int], limit: Int)
    throws(StoreError) -> (bytes: [UInt8], mask: UInt32)?
  {
    let first = start.map { hsize_t($0) }
    var count: hsize_t = 0
    HDF5.start()
    if H5Dget_chunk_storage_size(id, first, &count) < 0 {
      // HDF5 calls it an error where a chunk was never written.
      guard HDF5.lastError != "chunk storage is not allocated" else { return nil }
      try check(-1)
    }
    guard count > 0 else { return nil }
    guard count <= limit else { throw file.damaged(place, "a chunk of \(count) bytes") }
    var mask: UInt32 = 0
    var status: herr_t = -1
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(count)) { bytes, initialised in
      status = H5Dread_chunk(id, chdf5_default(), first, &mask, bytes.baseAddress)
      initialised = status >= 0 ? Int(count) : 0
    }
    let rows = start.first.map { ", row \($0)" } ?? ""
    try file.check("\(place)\(rows)", status)
    return (bytes, mask)
  }
}
