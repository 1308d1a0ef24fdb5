internal import CHDF5

/// A growing dataset: rows are kept until whole chunks are full, then compressed and written once
/// each.
final class DatasetWriter<Element: StoredElement> {
  /// Rows appended so far.
  private(set) var rowCount = 0
  private let handle: Handle
  private let queue: ChunkQueue
  private let codec: ChunkCodec<Element>
  private let rowShape: [Int]
  private let rowLength: Int
  private let chunkRows: Int
  /// Full chunks that were not given to the queue yet.
  private var full: [[ChunkPiece<Element>]] = []
  /// The chunk that is being filled: pieces that are complete, and new values after them.
  private var pieces: [ChunkPiece<Element>] = []
  private var growing: [Element] = []
  /// Rows of the chunk that is being filled.
  private var growingRows: Int { rowCount % chunkRows }
  /// Chunks given to the queue.
  private var chunkCount = 0

  var place: String { handle.place }
  var file: FileContext { handle.file }

  /// A new dataset, shuffled and compressed by gzip 1, unless the queue leaves that out.
  ///
  /// Rows have the shape `rowShape`, empty for a column; `chunkRows` rows are a chunk.
  init(
    _ label: DatasetLabel, in group: Handle, _ queue: ChunkQueue, rowShape: [Int] = [],
    chunkRows: Int = EventFormat.columnChunk
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
        group.id, label.name, label.type.id, space.id, chdf5_default(), creation.id, access.id))
    self.queue = queue
    self.rowShape = rowShape
    self.chunkRows = chunkRows
    rowLength = rowShape.reduce(1, *)
    codec = ChunkCodec(type: label.type, valueCount: chunkRows * rowLength)
    try handle.set("UNIT", label.unit)
    try handle.set("DESCRIPTION", label.description)
    if let meanings = label.meanings { try handle.set("MEANINGS", meanings) }
  }

  /// Adds an attribute beside UNIT and DESCRIPTION.
  func set(_ name: String, _ text: String) throws(StoreError) { try handle.set(name, text) }

  /// Appends one row of a column.
  func append(_ value: Element) {
    growing.append(value)
    rowsWereAppended(1)
  }

  /// Appends one row given by its values in order, in one or two parts.
  func append(row first: [Element], _ second: [Element] = []) {
    growing.append(contentsOf: first)
    growing.append(contentsOf: second)
    rowsWereAppended(1)
  }

  /// Appends `count` rows that `fill` makes. `fill` is called once for each chunk, and appends the
  /// rows of a range, counted from 0, to the array.
  func append(
    _ count: Int, _ fill: (Range<Int>, inout [Element]) throws(StoreError) -> Void
  ) throws(StoreError) {
    var done = 0
    while done < count {
      let part = done..<min(done + chunkRows - growingRows, count)
      try fill(part, &growing)
      rowsWereAppended(part.count)
      done = part.upperBound
    }
  }

  /// Appends rows of another file, which need not be decoded yet and stay as they are stored.
  func append(stored rows: StoredRows<Element>) {
    for chunk in rows.chunks {
      let part = chunk.rows.clamped(to: rows.rows)
      var first = part.lowerBound
      while first < part.upperBound {
        let end = min(first + chunkRows - growingRows, part.upperBound)
        endValues()
        append(
          chunk,
          (first - chunk.rows.lowerBound) * rowLength..<(end - chunk.rows.lowerBound) * rowLength)
        rowsWereAppended(end - first)
        first = end
      }
    }
  }

  /// Adds a piece, or makes the last one longer.
  private func append(_ chunk: StoredChunk<Element>, _ range: Range<Int>) {
    if case .stored(let last, let before)? = pieces.last, last === chunk,
      before.upperBound == range.lowerBound
    {
      pieces[pieces.count - 1] = .stored(chunk, before.lowerBound..<range.upperBound)
    } else {
      pieces.append(.stored(chunk, range))
    }
  }

  private func rowsWereAppended(_ count: Int) {
    rowCount += count
    if growingRows == 0, count > 0 { full.append(takeChunk()) }
  }

  /// Makes a piece of the new values.
  private func endValues() {
    guard !growing.isEmpty else { return }
    pieces.append(.values(growing))
    growing = []
  }

  private func takeChunk() -> [ChunkPiece<Element>] {
    endValues()
    defer {
      pieces = []
      growing.reserveCapacity(codec.valueCount)
    }
    return pieces
  }
}

/// A dataset of any type that is being written.
protocol ChunkedWriter {
  /// Gives full chunks to the queue.
  func passOnFullChunks() throws(StoreError)
  /// Gives what is left to the queue.
  func passOnRest() throws(StoreError)
  /// Closes the dataset, when the queue has written all.
  func close() throws(StoreError)
}

extension DatasetWriter: ChunkedWriter {
  func passOnFullChunks() throws(StoreError) {
    guard !full.isEmpty else { return }
    for pieces in full { try passOn(pieces, rows: chunkRows) }
    full.removeAll(keepingCapacity: true)
  }

  func passOnRest() throws(StoreError) {
    try passOnFullChunks()
    guard growingRows > 0 else { return }
    try passOn(takeChunk(), rows: growingRows)
  }

  func close() throws(StoreError) { try handle.close() }

  private func passOn(_ pieces: [ChunkPiece<Element>], rows: Int) throws(StoreError) {
    let (codec, handle, first) = (codec, handle, chunkCount * chunkRows)
    let compression = queue.compression
    let shape = rowShape.map { hsize_t($0) }
    chunkCount += 1
    try queue.add { () throws(StoreError) in
      try codec.encoded(pieces, compression)
    } write: { (bytes) throws(StoreError) in
      try handle.check(H5Dset_extent(handle.id, [hsize_t(first + rows)] + shape))
      try handle.check(
        H5Dwrite_chunk(
          handle.id, chdf5_default(), compression.skippedFilters,
          [hsize_t(first)] + shape.map { _ in 0 }, bytes.count, bytes))
    }
  }
}
