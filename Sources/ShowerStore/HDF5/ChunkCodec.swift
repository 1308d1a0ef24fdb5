/// Shuffle and gzip, the filters of our files, on chunks of one dataset.
///
/// HDF5 would do the same, but one call at a time in the whole process; this can be done on any thread.
struct ChunkCodec<Element: StoredElement>: Sendable {
  let type: StoredType
  /// Values of a chunk, which is whole in the file also where the dataset ends before.
  let valueCount: Int

  var byteCount: Int { valueCount * type.byteCount }

  /// The values of a chunk, nil where its bytes are damaged.
  func decoded(_ bytes: [UInt8]) -> [Element]? {
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 16) { planes in
      guard Deflate.decompress(bytes, into: planes) else { return nil }
      let planes = planes.assumingMemoryBound(to: UInt8.self)
      return [Element](unsafeUninitializedCapacity: valueCount) { values, count in
        if let planes = planes.baseAddress, let values = values.baseAddress {
          Element.join(type, planes, count: valueCount, into: values)
        }
        count = valueCount
      }
    }
  }

  /// The bytes of a chunk with these values, and zeros where there are fewer.
  func encoded(_ values: [Element]) -> [UInt8] {
    var whole = values
    whole.append(contentsOf: repeatElement(.zero, count: valueCount - values.count))
    return withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 16) { planes in
      let bytes = planes.assumingMemoryBound(to: UInt8.self)
      whole.withUnsafeBufferPointer { values in
        if let values = values.baseAddress, let planes = bytes.baseAddress {
          Element.split(type, values, count: valueCount, into: planes)
        }
      }
      return Deflate.compress(UnsafeRawBufferPointer(planes))
    }
  }
}
