internal import Glibc

/// Neighbouring values of a chunk to be written.
enum ChunkPiece<Element: StoredElement>: Sendable {
  /// New values.
  case values([Element])
  /// Values of a chunk of another file, a range counted from its first one; they stay as they are
  /// stored.
  case stored(StoredChunk<Element>, Range<Int>)

  var valueCount: Int {
    switch self {
    case .values(let values): values.count
    case .stored(_, let range): range.count
    }
  }

  /// Writes the bytes of the values into planes, each `stride` bytes after the one before.
  ///
  /// - Throws: `.readFailed` for a chunk that is damaged.
  func write(
    _ type: StoredType, into planes: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws(StoreError) {
    switch self {
    case .values(let values):
      split(values[...], type, into: planes, stride)
    case .stored(let chunk, let range):
      guard chunk.type == type, let stored = try chunk.planes() else {
        return split(try chunk.values()[range], type, into: planes, stride)
      }
      // Rows are neighbours within each plane, so they need not become numbers in between.
      let storedStride = stored.count / type.byteCount
      stored.withUnsafeBufferPointer {
        guard let first = $0.baseAddress else { return }
        for plane in 0..<type.byteCount {
          memcpy(
            planes + plane * stride, first + plane * storedStride + range.lowerBound, range.count)
        }
      }
    }
  }

  private func split(
    _ values: ArraySlice<Element>, _ type: StoredType, into planes: UnsafeMutablePointer<UInt8>,
    _ stride: Int
  ) {
    values.withUnsafeBufferPointer {
      guard let first = $0.baseAddress else { return }
      Element.split(type, first, count: $0.count, into: planes, stride: stride)
    }
  }
}
