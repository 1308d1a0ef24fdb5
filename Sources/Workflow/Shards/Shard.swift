import ShowerStore

/// One of several equal parts of the work of a command, such as `2/8`.
package struct Shard: Equatable, Sendable, CustomStringConvertible {
  /// From 1 to `count`.
  package let number: Int
  package let count: Int

  package init(_ number: Int, of count: Int) {
    precondition((1...max(count, 1)).contains(number))
    self.number = number
    self.count = count
  }

  /// - Throws: `WrongUse` that says what was expected.
  package init(parsing text: String) throws(WrongUse) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 1,
      (1...count).contains(number)
    else {
      throw WrongUse("parts count from 1: 1/8, 2/8 ... 8/8")
    }
    self.init(number, of: count)
  }

  package var description: String { "\(number)/\(count)" }

  /// This part of so many rows: neighbours, cut between blocks of `blockSize`.
  func part(of rowCount: Int, blockSize: Int = 1) -> Range<Int> {
    let blocks = (rowCount + blockSize - 1) / blockSize
    let bounds = (number - 1...number).map { min(blocks * $0 / count * blockSize, rowCount) }
    return bounds[0]..<bounds[1]
  }
}

/// The part of the work that a run does.
package struct WorkShare: Sendable {
  /// Nil for all of the work.
  package var shard: Shard?
  /// Whether the file of the part holds results without the events.
  package var resultsOnly = false
  /// What the file of the part is for; the processes of one run delete theirs.
  var purpose = FilePurpose.lasting

  package init(_ shard: Shard? = nil, resultsOnly: Bool = false) {
    self.shard = shard
    self.resultsOnly = resultsOnly
  }

  /// The rows of a file of so many events to work on.
  ///
  /// Results may depend on which events are computed together. With `blocks` of as many events they
  /// are those of one run.
  func rows(of eventCount: Int, limit: Int?, blocks: Int = 1) throws(WrongUse) -> Range<Int> {
    guard shard != nil || !resultsOnly else {
      throw WrongUse("--results-only is for parts: give --shard too")
    }
    let count = min(eventCount, max(limit ?? .max, 0))
    return shard?.part(of: count, blockSize: blocks) ?? 0..<count
  }

  /// What the provenance says of the part, by which `merge` puts the files together.
  func record(_ rows: Range<Int>) -> [String: String] {
    guard let shard else { return [:] }
    return [
      ShardKey.shard: "\(shard)", ShardKey.firstRow: "\(rows.lowerBound)",
      ShardKey.events: "\(rows.count)",
    ]
  }
}

/// Settings in the provenance of a step that did a part of the work only.
enum ShardKey {
  /// Which part.
  static let shard = "shard"
  /// The first row of the whole input that it worked on.
  static let firstRow = "shard_first_row"
  /// Events that it made.
  static let events = "shard_events"
  /// Simulations: all showers of the part below this number were thrown.
  static let covered = "shard_covered"

  static let all: Set<String> = [shard, firstRow, events, covered]
}
