internal import CDeflate
internal import Synchronization

/// zlib streams, as HDF5's gzip filter keeps them, of whole buffers and on any thread.
enum Deflate {
  /// Half the time of zlib's level 1, and 6 % smaller on our waveforms; higher levels gain little
  /// more.
  private static let level: Int32 = 1

  /// The compressors that no thread uses just now: one takes 100 kB, and a chunk 0.2 ms.
  private static let compressors = Mutex<[Tool]>([])
  private static let decompressors = Mutex<[Tool]>([])

  static func compress(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let tool = compressors.withLock { $0.popLast() } ?? Tool(libdeflate_alloc_compressor(level))
    defer { compressors.withLock { $0.append(tool) } }
    let bound = libdeflate_zlib_compress_bound(tool.pointer, bytes.count)
    return withUnsafeTemporaryAllocation(byteCount: bound, alignment: 16) { room in
      let count = libdeflate_zlib_compress(
        tool.pointer, bytes.baseAddress, bytes.count, room.baseAddress, bound)
      return [UInt8](room.prefix(count))
    }
  }

  /// Fills `bytes`; false where the stream is damaged or of another length.
  static func decompress(_ stream: [UInt8], into bytes: UnsafeMutableRawBufferPointer) -> Bool {
    decompress(stream, into: bytes, written: nil)
  }

  /// The content of a stream of at most `limit` bytes; nil where the stream is damaged or longer.
  static func decompress(_ stream: [UInt8], limit: Int) -> [UInt8]? {
    var isWhole = false
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { bytes, count in
      var written = 0
      let room = UnsafeMutableRawBufferPointer(start: bytes.baseAddress, count: limit)
      isWhole = decompress(stream, into: room, written: &written)
      count = isWhole ? written : 0
    }
    return isWhole ? bytes : nil
  }

  /// `written` gets the length; without it the stream must fill all of `bytes`.
  private static func decompress(
    _ stream: [UInt8], into bytes: UnsafeMutableRawBufferPointer,
    written: UnsafeMutablePointer<Int>?
  ) -> Bool {
    let tool = decompressors.withLock { $0.popLast() } ?? Tool(libdeflate_alloc_decompressor())
    defer { decompressors.withLock { $0.append(tool) } }
    return stream.withUnsafeBytes {
      libdeflate_zlib_decompress(
        tool.pointer, $0.baseAddress, $0.count, bytes.baseAddress, bytes.count, written)
    } == LIBDEFLATE_SUCCESS
  }

  /// A compressor or decompressor, used by one thread at a time and kept until the process ends.
  private struct Tool: Sendable {
    nonisolated(unsafe) let pointer: OpaquePointer

    init(_ pointer: OpaquePointer?) {
      guard let pointer else { fatalError("out of memory") }
      self.pointer = pointer
    }
  }
}
