/// Shuffle and gzip, the filters of our files, on chunks of one dataset.
///
/// HDF5 would do the same, but with one call at a time in the whole process. This can be done on
/// any thread.
struct ChunkCodec<Element: StoredElement>: Sendable {
  let type: StoredType
  /// Values of a chunk, which is whole in the file also where the dataset ends before.
  let valueCount: Int

  var byteCount: Int { valueCount * type.byteCount }

  /// The planes of a chunk, nil where its bytes are damaged.
  func inflated(_ bytes: [UInt8]) -> [UInt8]? {
    var isWhole = false
    let planes = [UInt8](unsafeUninitializedCapacity: byteCount) { planes, count in
      isWhole = Deflate.decompress(
        bytes, into: UnsafeMutableRawBufferPointer(start: planes.baseAddress, count: byteCount))
      count = isWhole ? byteCount : 0
    }
    return isWhole ? planes : nil
  }

  /// The values of a chunk, nil where its bytes are damaged.
  func decoded(_ bytes: [UInt8]) -> [Element]? {
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 16) { planes in
      guard Deflate.decompress(bytes, into: planes) else { return nil }
      return values(of: UnsafeRawBufferPointer(planes))
    }
  }

  /// The values of a chunk that its planes make.
  func values(of planes: UnsafeRawBufferPointer) -> [Element] {
    [Element](unsafeUninitializedCapacity: valueCount) { values, count in
      if let planes = planes.assumingMemoryBound(to: UInt8.self).baseAddress,
        let values = values.baseAddress
      {
        Element.join(type, planes, count: valueCount, into: values)
      }
      count = valueCount
    }
  }

  /// The bytes of a chunk that these pieces make, and zeros where they end before.
  ///
  /// - Throws: `.readFailed` for a piece of another file that is damaged.
  func encoded(
    _ pieces: [ChunkPiece<Element>], _ compression: ChunkCompression
  ) throws(StoreError) -> [UInt8] {
    let planes = try planes(of: pieces)
    return switch compression {
    case .gzip:
      planes.withUnsafeBytes {
        // Samples of waveforms are noise nearly all.
        type == .uint16
          ? LiteralDeflate.compress($0, blockLength: valueCount) : Deflate.compress($0)
      }
    case .none: planes
    }
  }

  private func planes(of pieces: [ChunkPiece<Element>]) throws(StoreError) -> [UInt8] {
    var failure: StoreError?
    let planes = [UInt8](unsafeUninitializedCapacity: byteCount) { planes, count in
      guard let start = planes.baseAddress else { return }
      var done = 0
      do throws(StoreError) {
        for piece in pieces {
          try piece.write(type, into: start + done, stride: valueCount)
          done += piece.valueCount
        }
      } catch {
        failure = error
      }
      for plane in 0..<type.byteCount {
        (start + plane * valueCount + done).initialize(repeating: 0, count: valueCount - done)
      }
      count = byteCount
    }
    if let failure { throw failure }
    return planes
  }
}
