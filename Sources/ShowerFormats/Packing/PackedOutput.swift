internal import CZlib
internal import Glibc

/// A file that is written, packed by gzip where it is asked for.
final class PackedOutput {
  private let path: String
  /// What messages call it: the file as it will be called.
  private let name: String
  private var plain: UnsafeMutablePointer<FILE>?
  private var packed: gzFile?

  /// - Parameters:
  ///   - path: to write to.
  ///   - name: for messages.
  ///   - packs: whether to pack by gzip.
  /// - Throws: `FormatError` for a file that cannot be made.
  init(path: String, name: String, packs: Bool) throws(FormatError) {
    self.path = path
    self.name = name
    // Level 1: waveforms get hardly smaller beyond.
    if packs { packed = gzopen(path, "wb1") } else { plain = fopen(path, "wb") }
    guard plain != nil || packed != nil else { throw failure() }
  }

  deinit {
    if let plain { fclose(plain) }
    if let packed { gzclose(packed) }
  }

  func write(_ bytes: [UInt8]) throws(FormatError) {
    let count: Int
    if let packed {
      count = Int(gzwrite(packed, bytes, UInt32(bytes.count)))
    } else if let plain {
      count = fwrite(bytes, 1, bytes.count, plain)
    } else {
      count = 0
    }
    guard count == bytes.count else { throw failure() }
  }

  func finish() throws(FormatError) {
    let status: Int32
    if let packed {
      status = gzclose(packed)
    } else if let plain {
      status = fclose(plain)
    } else {
      status = 0
    }
    (packed, plain) = (nil, nil)
    guard status == 0 else { throw failure() }
  }

  private func failure() -> FormatError {
    FormatError(
      name, "cannot be written: \(String(cString: strerror(errno)))",
      remedy: "Check the folder and the space on the disk", isOutput: true)
  }
}
