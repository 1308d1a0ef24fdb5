internal import Synchronization

/// A chunk of a dataset as the file holds it, decoded once by the thread that first needs it.
final class StoredChunk<Element: StoredElement>: Sendable {
  /// Its rows; the last chunk of a dataset has values beyond them.
  let rows: Range<Int>
  /// How its planes are made; nil for a chunk that HDF5 itself has read.
  private let codec: ChunkCodec<Element>?
  private let file: FileContext
  private let place: String
  private let content: Mutex<Content>

  private enum Content: Sendable {
    case stored([UInt8])
    case planes([UInt8])
    case decoded([Element])
    case damaged
  }

  /// Type of its planes, nil where it has none.
  var type: StoredType? { codec?.type }

  private init(
    _ content: Content, _ codec: ChunkCodec<Element>?, _ rows: Range<Int>, _ file: FileContext,
    _ place: String
  ) {
    self.rows = rows
    self.codec = codec
    self.file = file
    self.place = place
    self.content = Mutex(content)
  }

  convenience init(
    _ bytes: [UInt8], _ codec: ChunkCodec<Element>, rows: Range<Int>, file: FileContext,
    place: String
  ) {
    self.init(.stored(bytes), codec, rows, file, place)
  }

  /// A chunk that is not compressed.
  convenience init(
    planes: [UInt8], _ codec: ChunkCodec<Element>, rows: Range<Int>, file: FileContext,
    place: String
  ) {
    self.init(.planes(planes), codec, rows, file, place)
  }

  convenience init(
    decoded values: [Element], rows: Range<Int>, file: FileContext, place: String
  ) {
    self.init(.decoded(values), nil, rows, file, place)
  }

  /// Its values, row by row.
  ///
  /// - Throws: `.readFailed` where gzip's check sum does not fit.
  func values() throws(StoreError) -> [Element] {
    let values = content.withLock { content -> [Element]? in
      switch content {
      case .decoded(let values): return values
      case .damaged: return nil
      case .stored(let bytes):
        let values = codec?.decoded(bytes)
        content = values.map { .decoded($0) } ?? .damaged
        return values
      case .planes(let planes):
        let values = codec.map { codec in planes.withUnsafeBytes { codec.values(of: $0) } }
        content = values.map { .decoded($0) } ?? .damaged
        return values
      }
    }
    guard let values else { throw damage }
    return values
  }

  /// Its planes, kept as values are; nil where it has been decoded to values before.
  ///
  /// - Throws: `.readFailed` where gzip's check sum does not fit.
  func planes() throws(StoreError) -> [UInt8]? {
    let (planes, isDamaged) = content.withLock { content -> ([UInt8]?, Bool) in
      switch content {
      case .planes(let planes): return (planes, false)
      case .decoded: return (nil, false)
      case .damaged: return (nil, true)
      case .stored(let bytes):
        let planes = codec?.inflated(bytes)
        content = planes.map { .planes($0) } ?? .damaged
        return (planes, planes == nil)
      }
    }
    if isDamaged { throw damage }
    return planes
  }

  /// The error of a value that cannot be.
  func damaged(_ reason: String) -> StoreError { file.damaged(place, reason) }

  private var damage: StoreError {
    .readFailed(
      file: file.path, place: "\(place), rows \(rows.lowerBound) to \(rows.upperBound - 1)",
      reason: "a chunk does not decompress")
  }
}

/// Rows of a dataset, taken from the file but not decoded yet, which any thread can do.
struct StoredRows<Element: StoredElement>: Sendable {
  let rows: Range<Int>
  /// Values of a row.
  let rowLength: Int
  /// The chunks that hold them, in order.
  let chunks: [StoredChunk<Element>]

  /// Gives the values chunk by chunk; `body` gets those of some rows and which rows, counted from
  /// the first.
  func forEachPart(
    _ body: (_ values: ArraySlice<Element>, _ rows: Range<Int>) throws(StoreError) -> Void
  ) throws(StoreError) {
    for chunk in chunks {
      let part = chunk.rows.clamped(to: rows)
      let values = try chunk.values()
      try body(
        values[
          (part.lowerBound - chunk.rows.lowerBound)
            * rowLength..<(part.upperBound - chunk.rows.lowerBound) * rowLength],
        part.lowerBound - rows.lowerBound..<part.upperBound - rows.lowerBound)
    }
  }

  /// All values, row by row.
  func values() throws(StoreError) -> [Element] {
    var all: [Element] = []
    all.reserveCapacity(rows.count * rowLength)
    try forEachPart { (values, _) throws(StoreError) in all.append(contentsOf: values) }
    return all
  }
}

extension StoredRows<Int64> {
  /// Largest number of an event or a shower: one can count on from it.
  private static var largest: Int64 { 1 << 62 }

  /// Numbers of events or showers.
  ///
  /// - Throws: `.damaged` for one that is beyond all sense, or an error of reading.
  func numbers() throws(StoreError) -> [Int] {
    let values = try values()
    if let index = values.firstIndex(where: { $0.magnitude > Self.largest }),
      let chunk = chunks.first
    {
      throw chunk.damaged("number \(values[index]) in row \(rows.lowerBound + index)")
    }
    return values.map { Int($0) }
  }
}
