import ShowerModel

/// Which showers `simulate` throws, in which order, and when there are enough.
///
/// Showers are numbered from 0, and an event is a function of seed and number alone. A run throws
/// them in order until it has the events asked for, or up to a number.
///
/// Of n shards, number i throws the blocks of 32 showers i - 1, i - 1 + n, i - 1 + 2 n ... No shard
/// knows how many events the others have. So with `--events` each makes its part, a block and six
/// standard deviations more, and `merge` keeps the first ones.
package struct GenerationPlan: Sequence {
  /// Events asked for in all, nil where showers are.
  let events: Int?
  /// Showers asked for in all, nil where events are.
  let thrown: Int?
  let shard: Shard?

  package static let defaultEvents = 10_000
  /// Neighbouring showers that one shard throws, and a thread at a time.
  static let blockSize = 32

  /// - Throws: `WrongUse` where the options contradict each other.
  init(events: Int?, thrown: Int?, shard: Shard?) throws(WrongUse) {
    guard events == nil || thrown == nil else {
      throw WrongUse("give --events or --thrown, not both")
    }
    if let events, events < 1 {
      throw WrongUse("--events needs a number of at least 1")
    }
    if let thrown, thrown < 1 {
      throw WrongUse("--thrown needs a number of at least 1")
    }
    self.events = thrown == nil ? events ?? Self.defaultEvents : nil
    self.thrown = thrown
    self.shard = shard
  }

  /// Events that this process makes, or a few less; nil where showers are counted.
  var expected: Int? { events.map { $0 / (shard?.count ?? 1) } }

  /// Whether this process may stop with `made` events of its showers below number `covered`.
  func isEnough(_ made: Int, covered: Int) -> Bool {
    guard let events else { return false }
    guard let shard, made < events else { return made >= events }
    // Of the showers up to the one that makes the last event, a shard throws at most a block more
    // than its part.
    let mean = Double(events) / Double(shard.count) + Double(Self.blockSize)
    // Showers trigger or do not: the number of events scatters less, the more do. The share of
    // those that do not is taken six standard deviations high where it is small.
    let thrown = Double(covered) / Double(shard.count)
    let variance = mean * (Swift.max(thrown - Double(made), 0) + 36) / (thrown + 36)
    return Double(made) >= mean + 6 * variance.squareRoot() + 6
  }

  /// Ranges of showers, in increasing order; without end where events are counted.
  package func makeIterator() -> AnyIterator<Range<Int>> {
    AnyIterator(Self.blocks(of: 0..<(thrown ?? .max), shard: shard).makeIterator())
  }

  /// The blocks of a range of showers that a shard throws, all without one.
  ///
  /// Those at the ends may be cut.
  static func blocks(of showers: Range<Int>, shard: Shard?) -> some Sequence<Range<Int>> {
    let (number, count) = (shard?.number ?? 1, shard?.count ?? 1)
    return stride(
      from: (number - 1) * blockSize, to: showers.upperBound, by: count * blockSize
    )
    .lazy.drop { $0 + blockSize <= showers.lowerBound }
    .map { ($0..<$0 + blockSize).clamped(to: showers) }
  }

  /// What to keep of the events of a batch, when there are `made` already.
  func kept(_ triggered: [Event], made: Int) -> ArraySlice<Event> {
    guard let events, shard == nil else { return triggered[...] }
    return triggered.prefix(events - made)
  }

  /// The number below which all showers of this process were thrown.
  ///
  /// `attempts` was the last batch, `last` the last event kept of it, `made` the events until now.
  /// A run that is no part of one counts up to the shower that made the last event.
  func covered(by attempts: Range<Int>, last: Event?, made: Int) -> Int {
    if let thrown { return thrown }
    guard shard == nil, made == events, let last else { return attempts.upperBound }
    return last.id + 1
  }

  /// Showers after which a run without any event is given up.
  var patience: Int { thrown == nil ? 500_000 * (shard?.count ?? 1) : .max }

  /// What the provenance says of the part, by which `merge` puts the files together.
  func record(made: Int, covered: Int) -> [String: String] {
    var record: [String: String] = [:]
    record["events"] = events.map { "\($0)" }
    guard let shard else { return record.merging(["thrown": "\(covered)"]) { $1 } }
    record["thrown"] = thrown.map { "\($0)" }
    record[ShardKey.shard] = "\(shard)"
    record[ShardKey.events] = "\(made)"
    record[ShardKey.covered] = "\(covered)"
    return record
  }
}
