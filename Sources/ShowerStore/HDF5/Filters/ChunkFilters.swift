internal import CHDF5

/// The filters of a dataset's chunks, in the order in which a writer applies them.
///
/// We undo them ourselves: HDF5 1.10 trusts the bytes of a chunk and reads or writes beyond its
/// buffers where they are damaged.
struct ChunkFilters: Sendable {
  private let filters: [Filter]

  private enum Filter: Equatable, Sendable {
    case shuffle(elementBytes: Int)
    case deflate
    case fletcher32
    case scaleOffset(ScaleOffset)
  }

  /// Whether chunks can be copied to a file of ours as they are: shuffled, compressed by gzip, both
  /// or neither.
  let areOurs: Bool
  var isShuffled: Bool { filters.contains { if case .shuffle = $0 { true } else { false } } }
  var isDeflated: Bool { filters.contains(.deflate) }

  /// The name of a filter that we do not undo, by the registry of the HDF Group.
  private static func name(_ id: H5Z_filter_t) -> String {
    let names: [H5Z_filter_t: String] = [
      4: "szip", 5: "nbit", 307: "bzip2", 32_000: "lzf", 32_001: "blosc", 32_004: "lz4",
      32_008: "bitshuffle", 32_013: "zfp", 32_015: "zstd", 32_026: "blosc2",
    ]
    return names[id].map { "\($0) (\(id))" } ?? "\(id)"
  }

  /// The filters of a creation list.
  ///
  /// - Throws: `.unsupported` for a filter that we do not undo, `.damaged` for impossible
  ///   parameters.
  init(_ creation: Handle, elementBytes: Int, elementCount: Int) throws(StoreError) {
    var filters: [Filter] = []
    let count = try creation.check(H5Pget_nfilters(creation.id))
    for index in 0..<UInt32(max(count, 0)) {
      let (id, parameters) = try ChunkFilters.filter(index, creation)
      switch id {
      case H5Z_FILTER_SHUFFLE:
        guard parameters.first == UInt32(elementBytes) else {
          throw creation.file.damaged(creation.place, "a shuffle filter of another type")
        }
        filters.append(.shuffle(elementBytes: elementBytes))
      case H5Z_FILTER_DEFLATE: filters.append(.deflate)
      case H5Z_FILTER_FLETCHER32: filters.append(.fletcher32)
      case H5Z_FILTER_SCALEOFFSET:
        guard
          let filter = ScaleOffset(
            parameters, elementBytes: elementBytes, elementCount: elementCount)
        else { throw creation.file.damaged(creation.place, "a scale-offset filter that cannot be") }
        filters.append(.scaleOffset(filter))
      default:
        throw creation.file.unsupported(
          creation.place, "its filter \(ChunkFilters.name(id)) is not read",
          remedy: "Write it with gzip: h5repack -f GZIP=1 OLD NEW")
      }
    }
    self.filters = filters
    areOurs =
      [[], [.deflate]].contains(filters)
      || [1, 2].contains(filters.count) && filters[0] == .shuffle(elementBytes: elementBytes)
        && filters.dropFirst().allSatisfy { $0 == .deflate }
  }

  /// A filter and its parameters.
  private static func filter(_ index: UInt32, _ creation: Handle)
    throws(StoreError) -> (id: H5Z_filter_t, parameters: [UInt32])
  {
    var flags: UInt32 = 0
    var parameters = [UInt32](repeating: 0, count: 64)
    var count = parameters.count
    let id = try creation.check(
      H5Pget_filter2(creation.id, index, &flags, &count, &parameters, 0, nil, nil))
    guard count <= parameters.count else {
      throw creation.file.damaged(creation.place, "a filter of \(count) parameters")
    }
    return (id, Array(parameters.prefix(count)))
  }

  /// Undoes the filters on a chunk.
  ///
  /// - Parameters:
  ///   - bytes: as the file holds them.
  ///   - mask: filters that this chunk left out, bit 0 the first.
  ///   - byteCount: of the chunk without filters.
  /// - Returns: the bytes of its elements, nil where the chunk is damaged.
  func undone(_ bytes: [UInt8], mask: UInt32, byteCount: Int) -> [UInt8]? {
    var bytes = bytes
    for (index, filter) in filters.enumerated().reversed() where mask & (1 << UInt32(index)) == 0 {
      guard let before = ChunkFilters.undo(filter, bytes, byteCount) else { return nil }
      bytes = before
    }
    return bytes.count == byteCount ? bytes : nil
  }

  private static func undo(_ filter: Filter, _ bytes: [UInt8], _ byteCount: Int) -> [UInt8]? {
    switch filter {
    case .deflate: Deflate.decompress(bytes, limit: 2 * byteCount + 1024)
    case .shuffle(let elementBytes): unshuffled(bytes, elementBytes)
    case .fletcher32: Fletcher32.checked(bytes)
    case .scaleOffset(let filter): filter.undone(bytes)
    }
  }

  /// Bytes of elements one after the other, from planes of their bytes; what is left over follows.
  private static func unshuffled(_ planes: [UInt8], _ elementBytes: Int) -> [UInt8] {
    guard elementBytes > 1 else { return planes }
    let count = planes.count / elementBytes
    var bytes = planes
    for byte in 0..<elementBytes {
      for element in 0..<count {
        bytes[element * elementBytes + byte] = planes[byte * count + element]
      }
    }
    return bytes
  }

  /// Planes of bytes from the bytes of elements.
  static func shuffled(_ bytes: [UInt8], _ elementBytes: Int) -> [UInt8] {
    guard elementBytes > 1 else { return bytes }
    let count = bytes.count / elementBytes
    var planes = bytes
    for byte in 0..<elementBytes {
      for element in 0..<count {
        planes[byte * count + element] = bytes[element * elementBytes + byte]
      }
    }
    return planes
  }
}
