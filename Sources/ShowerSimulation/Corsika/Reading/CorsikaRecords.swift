internal import Glibc

/// The sub-blocks of a particle file in order, with the markers of records checked and taken off.
final class CorsikaRecords {
  let layout: CorsikaLayout
  var path: String { bytes.path }
  /// Number of the sub-block that was given last, from 1.
  private(set) var block = 0

  /// Records read at once.
  private static let recordsPerRead = 32

  private let bytes: CorsikaBytes
  /// Some bytes longer than it is filled: a row of seven words is read as eight.
  private let buffer: UnsafeMutableRawBufferPointer
  private let start: UnsafeMutableRawPointer
  private var filled = 0
  /// Where the next record starts.
  private var recordStart = 0
  /// Sub-blocks of the current record that are left, and where the next one starts.
  private var blocksLeft = 0
  private var blockStart = 0
  /// Whether the last record is not whole.
  private var isCut = false
  /// Why the bytes ended early.
  private var failure: CorsikaError.Kind?

  /// - Throws: `CorsikaError` where the file cannot be opened or is no particle file.
  init(path: String) throws(CorsikaError) {
    let bytes = try CorsikaBytes(path: path)
    let start = UnsafeMutableRawBufferPointer.allocate(
      byteCount: CorsikaLayout.startBytes, alignment: 16)
    defer { start.deallocate() }
    let count = try bytes.read(into: start)
    if count < start.count { try bytes.end() }
    layout = try CorsikaLayout(
      start: UnsafeRawBufferPointer(rebasing: start[..<count]), file: path)
    self.bytes = bytes
    let size = Self.recordsPerRead * layout.bytesOnDisk + 8
    self.start = .allocate(byteCount: size, alignment: 16)
    buffer = UnsafeMutableRawBufferPointer(start: self.start, count: size)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: start[..<count]))
    filled = count
  }

  deinit { buffer.deallocate() }

  /// The start of the next sub-block, nil at the end of the file; valid until the next call.
  ///
  /// Of a record that is cut its whole sub-blocks are given.
  /// - Throws: `.truncated` after a cut record, `.wrongMarker`, and errors of reading.
  func next() throws(CorsikaError) -> UnsafeRawPointer? {
    if blocksLeft == 0 {
      guard try takeRecord() else { return nil }
    }
    blocksLeft -= 1
    block += 1
    defer { blockStart += layout.blockBytes }
    return UnsafeRawPointer(start + blockStart)
  }

  /// Whether there is another record, which is made the current one.
  private func takeRecord() throws(CorsikaError) -> Bool {
    if isCut { throw cut }
    if filled - recordStart < layout.bytesOnDisk { try refill() }
    let left = filled - recordStart
    guard left > 0 else {
      if failure != nil { throw cut }
      return false
    }
    try checkMarker(at: recordStart, within: left)
    if left >= layout.bytesOnDisk {
      try checkMarker(at: recordStart + layout.markerBytes + layout.recordBytes, within: left)
      blocksLeft = CorsikaLayout.blocksPerRecord
    } else {
      isCut = true
      blocksLeft = min(
        max(left - layout.markerBytes, 0) / layout.blockBytes, CorsikaLayout.blocksPerRecord)
      guard blocksLeft > 0 else { throw cut }
    }
    blockStart = recordStart + layout.markerBytes
    recordStart += layout.bytesOnDisk
    return true
  }

  private var cut: CorsikaError {
    CorsikaError(
      file: path, block: block + 1,
      failure ?? .truncated(missing: "the end of this record"))
  }

  private func checkMarker(at offset: Int, within left: Int) throws(CorsikaError) {
    guard layout.markerBytes > 0, left >= layout.markerBytes else { return }
    var found = Int(
      UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    if layout.markerBytes == 8 {
      found = Int(
        truncatingIfNeeded: UInt64(
          littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
    }
    guard found == layout.recordBytes else {
      throw CorsikaError(
        file: path, block: block + 1, .wrongMarker(found: found, expected: layout.recordBytes))
    }
  }

  /// Moves what is left to the front and reads on.
  private func refill() throws(CorsikaError) {
    let left = filled - recordStart
    if recordStart > 0, left > 0 {
      memmove(start, start + recordStart, left)
    }
    recordStart = 0
    let free = UnsafeMutableRawBufferPointer(rebasing: buffer[left..<buffer.count - 8])
    let count = try bytes.read(into: free)
    filled = left + count
    guard count < free.count else { return }
    // What was unpacked before a failure is good, and used first.
    do { try bytes.end() } catch { failure = error.kind }
  }
}
