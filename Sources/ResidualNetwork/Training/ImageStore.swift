import Glibc
internal import Numerics

/// Where the image record of an event is stored.
struct RecordLocation {
  /// Rank of the process that made the record.
  var owner = 0
  /// Offset of the record [bytes].
  var offset: Int
  /// Size of the record [bytes].
  var size: Int
}

/// Where images of a training set are stored.
public struct StorageLimits: Sendable {
  /// Memory for images [bytes].
  public var memory: Int
  /// File for images beyond that. It is unlinked at once, and the system deletes it when the
  /// process ends.
  public var scratch: String

  public init(memory: Int = .max, scratch: String = "") {
    self.memory = memory
    self.scratch = scratch
  }
}

/// Stores the image records of a training set in memory, or beyond a limit in an unnamed file.
///
/// Locations and bytes of records are the same in both; only the speed depends on the limit.
/// Unchecked Sendable: after the last `append` threads only read.
final class ImageStore: @unchecked Sendable {
  private let limits: StorageLimits
  /// Whether other processes read the file too. It then keeps its name until they have opened it.
  private let isShared: Bool
  private var blocks: [[UInt8]] = []
  /// Offset of each block.
  private var starts: [Int] = []
  private(set) var byteCount = 0
  /// Descriptors of the files of all owners, -1 for one that is not open.
  private var files: [Int32] = []

  init(_ limits: StorageLimits, isShared: Bool = false) {
    self.limits = limits
    self.isShared = isShared
  }

  deinit {
    for file in files where file >= 0 { close(file) }
  }

  /// Whether the images lie in a file.
  var isInFile: Bool { !files.isEmpty }

  /// Bytes of memory in use.
  var memory: Int { blocks.reduce(0) { $0 + $1.count } }

  /// Appends bytes and returns their offset.
  ///
  /// - Throws: `NetworkError.notWritable`.
  func append(_ bytes: [UInt8]) throws(NetworkError) -> Int {
    let offset = byteCount
    byteCount += bytes.count
    if !isInFile, byteCount <= limits.memory {
      starts.append(offset)
      blocks.append(bytes)
      return offset
    }
    if !isInFile { try moveToFile() }
    try write(bytes, at: offset)
    return offset
  }

  /// Moves all records to the file, also those within the limit of memory.
  ///
  /// - Throws: `NetworkError.notWritable`.
  func moveToFile() throws(NetworkError) {
    guard !isInFile else { return }
    let flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC
    let file = Glibc.open(limits.scratch, flags, 0o600)
    guard file >= 0 else { throw failure() }
    // The system deletes a file without a name when the process ends, however it ends.
    if !isShared { unlink(limits.scratch) }
    files = [file]
    for (start, block) in zip(starts, blocks) { try write(block, at: start) }
    (starts, blocks) = ([], [])
  }

  /// Opens the files of all processes. The owner of a record is its index in `paths`.
  func open(_ paths: [String]) throws(NetworkError) {
    for file in files where file >= 0 { close(file) }
    files = []
    for path in paths {
      let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else {
        throw .notWritable(path: path, reason: "images of another process: \(reason())")
      }
      files.append(file)
    }
  }

  /// Removes the name of the own file, after all other processes have opened it.
  func forgetName() { unlink(limits.scratch) }

  /// Asks the system to read bytes of a file ahead.
  func readAhead(owner: Int, from offset: Int, count: Int) {
    guard files.indices.contains(owner) else { return }
    posix_fadvise(files[owner], off_t(offset), off_t(count), POSIX_FADV_WILLNEED)
  }

  /// Reads a record.
  ///
  /// - Parameters:
  ///   - location: the record.
  ///   - target: memory aligned to 8 bytes that receives it.
  /// - Throws: `NetworkError.engine` where the file cannot be read.
  func read(_ location: RecordLocation, into target: UnsafeMutableRawPointer) throws(NetworkError) {
    guard isInFile else {
      let own = (1..<starts.count).partitioningIndex { starts[$0] > location.offset } - 1
      blocks[own].withUnsafeBytes { block in
        target.copyMemory(
          from: block.baseAddress.map { $0 + location.offset - starts[own] }
            ?? UnsafeRawPointer(target),
          byteCount: location.size)
      }
      return
    }
    var done = 0
    while done < location.size {
      let count = pread(
        files[location.owner], target + done, location.size - done, off_t(location.offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw .engine("\(limits.scratch): images cannot be read back (\(reason()))")
      }
      done += count
    }
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws(NetworkError) {
    let isDone = bytes.withUnsafeBytes { source in
      var done = 0
      while done < source.count {
        let count = pwrite(
          files[0], source.baseAddress.map { $0 + done }, source.count - done,
          off_t(offset + done))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
    guard isDone else { throw failure() }
  }

  private func failure() -> NetworkError {
    .notWritable(
      path: limits.scratch,
      reason: "images that exceed the memory: \(reason()). Give --memory or --scratch")
  }

  private func reason() -> String { String(cString: strerror(errno)) }
}
