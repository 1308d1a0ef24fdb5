internal import ShowerStore

/// Events of a file of tables, read in blocks of rows.
struct BlockwiseEvents {
  /// Rows of the file.
  let count: Int
  private var row = 0
  private var block: [ImportedEvent] = []

  /// Events that are read in one go.
  private static let size = 64

  init(count: Int) { self.count = count }

  /// Takes the next event, from a new block where the last one is used up.
  ///
  /// - Parameter read: gives the events of some rows.
  /// - Returns: nil at the end.
  /// - Throws: `FormatError`.
  mutating func next(
    _ read: (Range<Int>) throws(StoreError) -> [ImportedEvent]
  ) throws(FormatError) -> ImportedEvent? {
    if block.isEmpty, row < count {
      let rows = row..<min(row + Self.size, count)
      do throws(StoreError) {
        block = try read(rows).reversed()
      } catch {
        throw FormatError(error)
      }
      row = rows.upperBound
    }
    return block.popLast()
  }

  /// How much of a file of so many bytes was read, for progress.
  func bytesRead(of byteCount: Int) -> Int { count > 0 ? byteCount * row / count : byteCount }
}
