/// First row and number of rows that each event owns in a flat table.
struct FlatPointers {
  let first: Dataset<Int64>
  let count: Dataset<Int64>

  init(_ first: DatasetLabel, _ count: DatasetLabel, in group: Handle, remedy: String)
    throws(StoreError)
  {
    self.first = try group.column(first.name, as: Int64.self, remedy: remedy)
    self.count = try group.column(count.name, as: Int64.self, remedy: remedy)
  }

  /// The ranges of some events, all within a table of `limit` rows.
  func ranges(_ rows: Range<Int>, limit: Int) throws(StoreError) -> [Range<Int>] {
    let (starts, counts) = (try first.read(rows), try count.read(rows))
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(rows.count)
    for index in 0..<rows.count {
      let (start, count) = (starts[index], counts[index])
      guard start >= 0, count >= 0, count <= limit, start <= Int64(limit) - count else {
        throw first.file.damaged(
          first.place,
          "row \(rows.lowerBound + index) points to \(count) rows from \(start) of \(limit)")
      }
      ranges.append(Int(start)..<Int(start + count))
    }
    return ranges
  }
}

/// Rows of a flat table, by the events that own them.
///
/// Ranges that follow each other are read at once, up to about `limit` rows.
func gathered<Row>(
  _ ranges: [Range<Int>], limit: Int = 4096,
  read: (Range<Int>) throws(StoreError) -> [Row]
) throws(StoreError) -> [[Row]] {
  var owned: [[Row]] = []
  owned.reserveCapacity(ranges.count)
  var next = 0
  while next < ranges.count {
    var span = ranges[next]
    var end = next + 1
    while end < ranges.count, ranges[end].lowerBound == span.upperBound,
      span.count + ranges[end].count <= limit
    {
      span = span.lowerBound..<ranges[end].upperBound
      end += 1
    }
    let flat = span.isEmpty ? [] : try read(span)
    for range in ranges[next..<end] {
      owned.append(
        Array(flat[range.lowerBound - span.lowerBound..<range.upperBound - span.lowerBound]))
    }
    next = end
  }
  return owned
}
