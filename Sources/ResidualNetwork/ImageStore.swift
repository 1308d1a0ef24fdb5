import Glibc

/// Images of the events of a training set: in memory, or, where they need more than is allowed, in an unnamed file.
///
/// The place of a record is the same in either, and so is what is read: nothing but speed depends on the limit.
/// Unchecked Sendable: when all is appended, threads only read.
final class ImageStore: @unchecked Sendable {
  /// Where the image of an event lies.
  struct Place {
    /// Of the process that made it.
    var owner = 0
    var offset: Int
    var size: Int
  }

  /// Where images may be kept, and how many bytes of memory they may have.
  struct Room {
    var limit = Int.max
    /// The file for those that exceed it.
    var scratch = ""
    /// Whether others read the file too: it then keeps its name until they have opened it.
    var isShared = false
  }

  private let room: Room
  private var blocks: [[UInt8]] = []
  /// Offset of each block.
  private var starts: [Int] = []
  private(set) var byteCount = 0
  /// Descriptors of the files of all owners, -1 for one that is not open.
  private var files: [Int32] = []

  init(_ room: Room) { self.room = room }

  deinit {
    for file in files where file >= 0 { close(file) }
  }

  /// Whether the images lie in a file.
  var isInFile: Bool { !files.isEmpty }

  /// Bytes of memory in use.
  var memory: Int { blocks.reduce(0) { $0 + $1.count } }

  /// Keeps bytes, and returns where.
  func append(_ bytes: [UInt8]) throws(NetworkError) -> Int {
    let offset = byteCount
    byteCount += bytes.count
    if !isInFile, byteCount <= room.limit {
      starts.append(offset)
      blocks.append(bytes)
      return offset
    }
    if !isInFile { try moveToFile() }
    try write(bytes, at: offset)
    return offset
  }

  /// Puts all in the file, also what would have room in memory.
  func moveToFile() throws(NetworkError) {
    guard !isInFile else { return }
    let flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC
    let file = Glibc.open(room.scratch, flags, 0o600)
    guard file >= 0 else { throw failure() }
    // Without a name it goes with the process, however that ends.
    if !room.isShared { unlink(room.scratch) }
    files = [file]
    for (start, block) in zip(starts, blocks) { try write(block, at: start) }
    (starts, blocks) = ([], [])
  }

  /// Opens the files of other owners; a record's owner is then its position in `paths`.
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

  /// Takes the name away from the own file, when all others have opened it.
  func forgetName() { unlink(room.scratch) }

  /// Tells the system that records will be read soon, so that it reads them in one go.
  func announce(owner: Int, from offset: Int, count: Int) {
    guard files.indices.contains(owner) else { return }
    posix_fadvise(files[owner], off_t(offset), off_t(count), POSIX_FADV_WILLNEED)
  }

  /// Reads a record into memory that begins at a multiple of 8 bytes.
  func read(_ place: Place, into target: UnsafeMutableRawPointer) throws(NetworkError) {
    guard isInFile else {
      var (low, high) = (0, starts.count)
      while high - low > 1 {
        let middle = (low + high) / 2
        if starts[middle] <= place.offset { low = middle } else { high = middle }
      }
      blocks[low].withUnsafeBytes { block in
        target.copyMemory(
          from: block.baseAddress.map { $0 + place.offset - starts[low] }
            ?? UnsafeRawPointer(target),
          byteCount: place.size)
      }
      return
    }
    var done = 0
    while done < place.size {
      let count = pread(
        files[place.owner], target + done, place.size - done, off_t(place.offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw .engine("\(room.scratch): images cannot be read back (\(reason()))")
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
      path: room.scratch,
      reason: "images that exceed the memory: \(reason()). Give --memory or --scratch")
  }

  private func reason() -> String { String(cString: strerror(errno)) }
}
