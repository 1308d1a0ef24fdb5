internal import Glibc

/// The bytes of a file from begin to end, unpacked on the way where it is packed.
///
/// gzip and bzip2 are recognised by their first bytes. Memory is that of two buffers.
final class PackedFile {
  let path: String
  /// Bytes of the file itself, packed or not.
  let byteCount: Int
  /// Bytes of the file itself that were read so far.
  private(set) var bytesRead = 0
  private var descriptor: Int32
  private var unpacker: (any Unpacker)?
  private var buffer = [UInt8](repeating: 0, count: 1 << 18)
  private var unread = 0..<0
  /// Whether a stream has ended, after which another may follow or the file ends.
  private var isBetweenStreams = false

  /// - Throws: `FormatError` for a file that cannot be opened.
  init(path: String) throws(FormatError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT || errno == ENOTDIR
        ? FormatError(path, "no such file", remedy: "Check the name")
        : FormatError(path, "cannot be read: \(Self.reason)", remedy: "Check its rights")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FormatError(path, "is no regular file", remedy: "Give a file")
    }
    byteCount = Int(status.st_size)
    try fill()
    let start = buffer[unread]
    if start.starts(with: [0x1F, 0x8B]) {
      unpacker = GzipUnpacker()
    } else if start.starts(with: Array("BZh".utf8)) {
      unpacker = Bzip2Unpacker()
    }
  }

  deinit { close(descriptor) }

  /// Fills a buffer; fewer bytes come only at the end.
  ///
  /// - Throws: `FormatError` for a file that the system cannot read, or whose packing is damaged.
  func read(into target: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    var filled = 0
    while filled < target.count {
      if unread.isEmpty { try fill() }
      let rest = UnsafeMutableRawBufferPointer(rebasing: target[filled...])
      guard let unpacker else {
        let count = min(unread.count, rest.count)
        guard count > 0 else { break }
        buffer.withUnsafeBytes { bytes in
          rest.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes[unread.prefix(count)]))
        }
        unread = unread.lowerBound + count..<unread.upperBound
        filled += count
        continue
      }
      if isBetweenStreams {
        guard !unread.isEmpty else { break }
        unpacker.beginStream()
        isBetweenStreams = false
      }
      guard !unread.isEmpty else {
        throw FormatError(
          path, "the \(unpacker.name) data end early", at: "byte \(bytesRead)",
          remedy: FormatError.copyAgain)
      }
      let step = buffer.withUnsafeMutableBytes { bytes in
        unpacker.unpack(UnsafeMutableRawBufferPointer(rebasing: bytes[unread]), into: rest)
      }
      unread = unread.lowerBound + step.consumed..<unread.upperBound
      filled += step.produced
      switch step.state {
      case .goesOn: break
      case .ended: isBetweenStreams = true
      case .damaged:
        throw FormatError(
          path, "the \(unpacker.name) data are damaged",
          at: "byte \(bytesRead - unread.count)", remedy: FormatError.copyAgain)
      }
    }
    return filled
  }

  /// All bytes of a small file; nil for a larger one than the limit.
  func readAll(limit: Int) throws(FormatError) -> [UInt8]? {
    let part = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
    defer { part.deallocate() }
    var all: [UInt8] = []
    while true {
      let count = try read(into: part)
      guard count > 0 else { return all }
      all += part[..<count]
      guard all.count <= limit else { return nil }
    }
  }

  private func fill() throws(FormatError) {
    var count = 0
    repeat {
      count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    } while count < 0 && errno == EINTR
    guard count >= 0 else {
      throw FormatError(path, "cannot be read: \(Self.reason)", remedy: "Check the disk")
    }
    bytesRead += count
    unread = 0..<count
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
