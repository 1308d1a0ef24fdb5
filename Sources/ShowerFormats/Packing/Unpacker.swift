internal import CBzip2
internal import CZlib

/// Unpacks a stream piece by piece.
protocol Unpacker: AnyObject {
  /// For messages.
  var name: String { get }
  /// Begins a stream after the one before: files that are put one after the other are one file.
  func beginStream()
  func unpack(
    _ input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> UnpackingStep
}

/// What became of a piece.
struct UnpackingStep {
  enum State {
    case goesOn, ended, damaged
  }

  let consumed: Int
  let produced: Int
  let state: State
}

/// gzip by zlib. libdeflate, which event files use, has whole buffers only.
final class GzipUnpacker: Unpacker {
  let name = "gzip"
  private var stream = z_stream()

  init() {
    // 15 bits of window, 16 for the header of gzip.
    inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  }

  deinit { inflateEnd(&stream) }

  func beginStream() { inflateReset(&stream) }

  func unpack(
    _ input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> UnpackingStep {
    stream.next_in = input.bindMemory(to: UInt8.self).baseAddress
    stream.avail_in = UInt32(input.count)
    stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
    stream.avail_out = UInt32(output.count)
    let status = inflate(&stream, Z_NO_FLUSH)
    return UnpackingStep(
      consumed: input.count - Int(stream.avail_in), produced: output.count - Int(stream.avail_out),
      state: status == Z_STREAM_END
        ? .ended : status == Z_OK || status == Z_BUF_ERROR ? .goesOn : .damaged)
  }
}

/// bzip2 by libbz2.
final class Bzip2Unpacker: Unpacker {
  let name = "bzip2"
  private var stream = bz_stream()

  init() { BZ2_bzDecompressInit(&stream, 0, 0) }

  deinit { BZ2_bzDecompressEnd(&stream) }

  func beginStream() {
    BZ2_bzDecompressEnd(&stream)
    stream = bz_stream()
    BZ2_bzDecompressInit(&stream, 0, 0)
  }

  func unpack(
    _ input: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> UnpackingStep {
    stream.next_in = input.bindMemory(to: CChar.self).baseAddress
    stream.avail_in = UInt32(input.count)
    stream.next_out = output.bindMemory(to: CChar.self).baseAddress
    stream.avail_out = UInt32(output.count)
    let status = BZ2_bzDecompress(&stream)
    return UnpackingStep(
      consumed: input.count - Int(stream.avail_in), produced: output.count - Int(stream.avail_out),
      state: status == BZ_STREAM_END ? .ended : status == BZ_OK ? .goesOn : .damaged)
  }
}
