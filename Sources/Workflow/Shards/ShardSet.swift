import ShowerModel
import ShowerStore

/// Files that together hold what one run would have written, checked to be that.
struct ShardSet {
  /// By number of the shard.
  let files: [File]
  let order: Order
  private let histories: [ShardHistory]

  struct File {
    let path: String
    let eventCount: Int
  }

  /// How the events of the files follow each other.
  enum Order: Equatable {
    /// File after file.
    case consecutive
    /// By the number of the throw: those below `covered`, of which all shards threw their part.
    case byThrow(covered: Int)
  }

  /// Looks at one file after the other.
  ///
  /// - Parameters:
  ///   - paths: in any order.
  ///   - resultsOnly: whether they must hold results without events, or else events.
  ///   - differentBuilds: whether builds of the program may differ.
  /// - Throws: `MergeError` for files that are no shards of one whole, and what opening throws.
  init(
    _ paths: [String], resultsOnly: Bool, allowing differentBuilds: Bool = false
  ) throws {
    var shared: SharedContent?
    var found: [(file: File, history: ShardHistory)] = []
    for path in paths {
      let reader = try EventFileReader(path: path)
      guard try (reader.omittedResults() != nil) == resultsOnly else {
        throw MergeError(
          resultsOnly
            ? "\(path): holds events too: merge it without --results-of"
            : "\(path): holds results without events: "
              + "give the file that was worked on, --results-of FILE"
        )
      }
      let content = try SharedContent(reader)
      let history = try ShardHistory(path, reader.provenance)
      if let shared { try content.check(against: shared) } else { shared = content }
      if let first = found.first {
        try history.check(against: first.history, allowing: differentBuilds)
      }
      found.append((File(path: path, eventCount: reader.eventCount), history))
    }
    found.sort { $0.history.shard.number < $1.history.shard.number }
    files = found.map(\.file)
    histories = found.map(\.history)
    try ShardSet.checkNumbers(histories)
    order = try ShardSet.order(found)
  }

  /// The command that was divided.
  var activity: String { histories.first?.step.activity ?? "" }

  /// Events that the merged file will have, or a few less.
  var eventCount: Int {
    let all = files.reduce(0) { $0 + $1.eventCount }
    return min(all, eventLimit ?? all)
  }

  /// Events asked for of all shards together, nil where showers were.
  var eventLimit: Int? {
    order == .consecutive ? nil : histories.first?.number("events")
  }

  /// What made the events, as one run would have recorded it.
  ///
  /// `lastThrow` is the number of the last event.
  func provenance(lastThrow: Int?) -> [ProvenanceStep] {
    var steps = ShardHistory.joined(histories)
    if eventLimit != nil, let lastThrow, let index = histories.first?.shardedStep {
      steps[index].settings["thrown"] = "\(lastThrow + 1)"
    }
    return steps
  }

  /// Every shard once.
  private static func checkNumbers(_ histories: [ShardHistory]) throws(MergeError) {
    guard let first = histories.first else { throw MergeError("no files to merge") }
    for (one, next) in zip(histories, histories.dropFirst()) where one.shard == next.shard {
      throw MergeError(
        "\(one.path) and \(next.path): are both shard \(one.shard) of \(one.step.activity)")
    }
    let missing = Set(1...first.shard.count).subtracting(histories.map(\.shard.number)).sorted()
    guard missing.isEmpty else {
      throw MergeError(
        "shard\(missing.count == 1 ? "" : "s") \(ranges(missing)) of \(first.shard.count) of "
          + "\(first.step.activity) \(missing.count == 1 ? "is" : "are") missing")
    }
  }

  private static func order(_ found: [(file: File, history: ShardHistory)]) throws(MergeError)
    -> Order
  {
    var (nextRow, covered) = (0, Int.max)
    for (file, history) in found {
      guard history.number(ShardKey.events) == file.eventCount else {
        throw MergeError(
          "\(file.path): has \(file.eventCount) events, "
            + "but its shard had \(history.step.settings[ShardKey.events] ?? "none"): "
            + "a later step left some out")
      }
      if let limit = history.number(ShardKey.covered) {
        covered = min(covered, limit)
        continue
      }
      guard history.number(ShardKey.firstRow) == nextRow else {
        throw MergeError(
          "\(file.path): begins with event \(history.step.settings[ShardKey.firstRow] ?? "?") "
            + "of the whole, where \(nextRow) was expected: the shards are not those of one file")
      }
      nextRow += file.eventCount
    }
    return covered == .max ? .consecutive : .byThrow(covered: covered)
  }

  /// "1, 3-5".
  private static func ranges(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound == number - 1 {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ", ")
  }
}
