import ShowerStore

/// The events of the shards of a simulation in the order of their throws, as runs of neighbours in one file.
///
/// The number of an event is that of its throw.
/// Memory is that of a window of numbers of each file.
struct MergeOrder {
  private var cursors: [Cursor]
  private let covered: Int
  private var left: Int

  /// Runs are cut here, so that memory stays small.
  private static let longestRun = 512

  /// - Parameters:
  ///   - readers: of the shards.
  ///   - covered: events of throws from this number on are left out.
  ///   - limit: events in all.
  /// - Throws: an error of reading.
  init(_ readers: [EventFileReader], covered: Int, limit: Int?) throws(StoreError) {
    var cursors: [Cursor] = []
    for reader in readers { cursors.append(try Cursor(reader)) }
    self.cursors = cursors
    self.covered = covered
    left = limit ?? .max
  }

  /// The next rows and the index of their reader, nil after the last.
  mutating func next() throws(StoreError) -> (file: Int, rows: Range<Int>)? {
    var file: Int?
    var first = covered
    for (index, cursor) in cursors.enumerated() {
      if let number = cursor.number, number < first { (file, first) = (index, number) }
    }
    guard left > 0, let file else { return nil }
    let end = min((first / GenerationPlan.blockSize + 1) * GenerationPlan.blockSize, covered)
    let start = cursors[file].row
    var count = 0
    while let number = cursors[file].number, number < end, count < min(left, Self.longestRun) {
      count += 1
      try cursors[file].advance()
    }
    left -= count
    return (file, start..<start + count)
  }
}

/// A place in a file, and the number of the event there.
private struct Cursor {
  private let reader: EventFileReader
  private(set) var row = 0
  private var window: [Int] = []
  private var windowStart = 0

  private static let windowSize = 4096

  init(_ reader: EventFileReader) throws(StoreError) {
    self.reader = reader
    try load()
  }

  /// Nil at the end of the file.
  var number: Int? { row < reader.eventCount ? window[row - windowStart] : nil }

  mutating func advance() throws(StoreError) {
    row += 1
    if row == windowStart + window.count { try load() }
  }

  private mutating func load() throws(StoreError) {
    windowStart = row
    window = try reader.eventIDs(row..<min(row + Self.windowSize, reader.eventCount))
  }
}
