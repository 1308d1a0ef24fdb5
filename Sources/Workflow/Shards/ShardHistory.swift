import ShowerModel

/// How one file came about, against which the others of a set are held.
struct ShardHistory {
  let path: String
  let steps: [ProvenanceStep]
  /// The step that did a part of the work; the newest one, if a part was divided again.
  let shardedStep: Int
  let shard: Shard

  /// - Throws: `MergeError` for a file that no shard went into.
  init(_ path: String, _ steps: [ProvenanceStep]) throws(MergeError) {
    guard let index = steps.lastIndex(where: { $0.settings[ShardKey.shard] != nil }),
      let shard = steps[index].settings[ShardKey.shard].flatMap({ try? Shard(parsing: $0) })
    else {
      throw MergeError(
        "\(path): is no shard (--shard i/n), but holds all of its run. "
          + "Leave such files apart: train takes several")
    }
    self.path = path
    self.steps = steps
    self.shardedStep = index
    self.shard = shard
  }

  var step: ProvenanceStep { steps[shardedStep] }

  /// A number that the sharded step left.
  func number(_ key: String) -> Int? { step.settings[key].flatMap { Int($0) } }

  /// Whether the same was done as for another file, but for the shard.
  ///
  /// - Parameters:
  ///   - other: the history of another file of the set.
  ///   - differentBuilds: whether another build of the program may have made it.
  /// - Throws: `MergeError` with the first difference.
  func check(
    against other: ShardHistory, allowing differentBuilds: Bool = false
  ) throws(MergeError) {
    let activities = steps.map(\.activity).joined(separator: ", ")
    let others = other.steps.map(\.activity).joined(separator: ", ")
    guard activities == others, shardedStep == other.shardedStep else {
      throw MergeError(
        "\(path): was made by \(activities), divided at \(step.activity), "
          + "but \(other.path) by \(others), divided at \(other.step.activity)")
    }
    guard shard.count == other.shard.count else {
      throw MergeError("\(path): is shard \(shard), but \(other.path) is shard \(other.shard)")
    }
    for (index, (own, others)) in zip(steps, other.steps).enumerated() {
      guard differentBuilds || own.version == others.version else {
        throw MergeError(
          "\(path): step \(own.activity): made by airshower \(own.version), but "
            + "\(other.path) by \(others.version). Make both with one build, or merge them with "
            + "--allow-different-builds if you know that the builds compute the same")
      }
      let properties = Self.properties(own, dividedHere: index == shardedStep)
      let expected = Self.properties(others, dividedHere: index == shardedStep)
      for name in Set(properties.keys).union(expected.keys).sorted()
      where properties[name] != expected[name] {
        throw MergeError(
          "\(path): step \(own.activity): \(name): \(properties[name] ?? "none"), but "
            + "\(expected[name] ?? "none") in \(other.path)")
      }
    }
  }

  /// All that must agree: seed, settings, tables, networks. Data files may have any name.
  private static func properties(
    _ step: ProvenanceStep, dividedHere: Bool
  ) -> [String: String] {
    var all = step.settings
    if dividedHere {
      for key in ShardKey.all { all[key] = nil }
      let showers = [CorsikaRecord](step)?.withoutTriggers
      all[ProvenanceStep.corsikaKey] = showers.flatMap { try? prettyJSON($0) }
    }
    all["seed"] = step.seed.map { "\($0)" }
    for input in step.inputs { if let hash = input.sha256 { all["file \(input.path)"] = hash } }
    return all
  }

  /// One history of all files, as if one run had made them.
  static func joined(_ histories: [ShardHistory]) -> [ProvenanceStep] {
    guard let first = histories.first else { return [] }
    return first.steps.indices.map { index in
      let steps = histories.map { $0.steps[index] }
      // What came before the work was divided is the same for all.
      guard index >= first.shardedStep else { return steps[0] }
      var joined = steps[0]
      if index == first.shardedStep {
        if let showers = [CorsikaRecord].sum(steps).flatMap({ try? prettyJSON($0) }) {
          joined.settings[ProvenanceStep.corsikaKey] = showers
          let counts = steps.compactMap { $0.settings[ShardKey.events].flatMap { Int($0) } }
          joined.settings["events"] = "\(counts.reduce(0, +))"
        }
        for key in ShardKey.all { joined.settings[key] = nil }
      }
      joined.host = distinct(steps.map(\.host)).joined(separator: ", ")
      let builds = distinct(steps.map(\.version))
      if builds.count > 1 {
        joined.version = builds.joined(separator: ", ")
        joined.build = nil
      }
      joined.started = steps.map(\.started).min() ?? joined.started
      joined.finished = steps.map(\.finished).max() ?? joined.finished
      var paths: Set<String> = []
      joined.inputs = steps.flatMap(\.inputs).filter { paths.insert($0.path).inserted }
      return joined
    }
  }

  private static func distinct(_ texts: [String]) -> [String] {
    var known: Set<String> = []
    return texts.filter { known.insert($0).inserted }
  }
}
