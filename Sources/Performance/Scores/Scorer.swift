internal import ShowerModel

/// A part of `QuantityLists` with the places of its lists in a `ReplicaTable`.
struct ScoredPart {
  let lists: [GroupedErrors?]
  /// Place of a method's list in the table; nil for a method that has none [method].
  let places: [Int?]
  let worsened: [Double]
  let muchWorsened: [Double]

  init(_ part: QuantityLists.Part, firstList list: inout Int) {
    lists = part.lists
    worsened = part.worsened
    muchWorsened = part.muchWorsened
    var places: [Int?] = []
    for made in part.lists {
      places.append(made.map { _ in list })
      if made != nil { list += 1 }
    }
    self.places = places
  }
}

/// Makes estimates of the statistics of all methods, and of how they compare.
struct Scorer {
  let methods: [Method]
  /// Places of the standard method, the polynomial, and the one asked for.
  private let standard = 0
  private let polynomial: Int?
  private let against: Int?

  init(methods: [Method], against: String?) {
    self.methods = methods
    polynomial = methods.firstIndex { $0.kind == .polynomial }
    self.against = methods.firstIndex { $0.name == against && $0.kind != .standard }
  }

  func comparison(_ quantity: Quantity, _ part: ScoredPart, _ table: ReplicaTable)
    -> QuantityComparison
  {
    QuantityComparison(
      name: quantity.name, title: quantity.title, unit: quantity.unit,
      isDistance: quantity.isDistance, isPull: quantity.kind == .pull,
      methods: methods.indices.compactMap { errors(quantity, part, table, method: $0) })
  }

  private func errors(
    _ quantity: Quantity, _ part: ScoredPart, _ table: ReplicaTable, method: Int
  ) -> MethodErrors? {
    guard let list = part.lists[method], let place = part.places[method] else { return nil }
    let scale = quantity.scale
    let summary = ErrorSummary { statistic in
      // A fraction has no unit.
      let scale = statistic == .coverage ? 1 : scale
      return Estimate(
        value: list.statistics[statistic.place] / scale,
        replicas: table[place, statistic].map { $0 / scale })
    }
    let isRelative = quantity.kind != .pull && method != standard
    return MethodErrors(
      method: methods[method].name, eventCount: list.count, summary: summary,
      gain: isRelative ? gains(part, table, method, over: standard) : nil,
      gainAgainst: isRelative ? against.flatMap { gains(part, table, method, over: $0) } : nil,
      medianShift: isRelative ? medianShift(part, table, method, scale) : nil,
      worsenedFraction: isRelative ? part.worsened[method] : nil,
      muchWorsenedFraction: isRelative ? part.muchWorsened[method] : nil,
      score: isRelative && quantity.hasScore ? score(part, table, method) : nil)
  }

  /// A function of a statistic of two methods, on the sample and in every replica.
  private func paired(
    _ part: ScoredPart, _ table: ReplicaTable, _ a: (method: Int, statistic: Statistic),
    _ b: (method: Int, statistic: Statistic), _ combine: (Double, Double) -> Double
  ) -> Estimate? {
    guard let first = part.lists[a.method], let second = part.lists[b.method],
      let firstPlace = part.places[a.method], let secondPlace = part.places[b.method]
    else { return nil }
    return Estimate(
      value: combine(
        first.statistics[a.statistic.place], second.statistics[b.statistic.place]),
      replicas: zip(table[firstPlace, a.statistic], table[secondPlace, b.statistic]).map(combine))
  }

  private func gains(_ part: ScoredPart, _ table: ReplicaTable, _ method: Int, over other: Int)
    -> Gains?
  {
    guard method != other else { return nil }
    func gain(_ statistic: Statistic) -> Estimate? {
      paired(part, table, (method, statistic), (other, statistic)) { 1 - $0 / $1 }
    }
    guard let standardDeviation = gain(.standardDeviation),
      let rootMeanSquare = gain(.rootMeanSquare), let width68 = gain(.width68),
      let width95 = gain(.width95)
    else { return nil }
    return Gains(
      standardDeviation: standardDeviation, rootMeanSquare: rootMeanSquare, width68: width68,
      width95: width95)
  }

  private func medianShift(
    _ part: ScoredPart, _ table: ReplicaTable, _ method: Int, _ scale: Double
  ) -> Estimate? {
    paired(part, table, (method, .median), (standard, .median)) { ($0 - $1) / scale }
  }

  private func score(_ part: ScoredPart, _ table: ReplicaTable, _ method: Int) -> PredictionScore? {
    /// 1 - (spread of the method)^2 / (spread of another)^2
    func explained(_ spread: Statistic, over other: Int, _ reference: Statistic) -> Estimate? {
      guard method != other else { return nil }
      return paired(part, table, (method, spread), (other, reference)) { 1 - $0 * $0 / ($1 * $1) }
    }
    guard
      let total = explained(.standardDeviation, over: standard, .standardDeviation),
      let trimmed = explained(.trimmedDeviation, over: standard, .trimmedDeviation),
      let determination = explained(.rootMeanSquare, over: standard, .standardDeviation)
    else { return nil }
    return PredictionScore(
      explainedVariance: total, trimmedExplainedVariance: trimmed, determination: determination,
      netExplainedVariance: polynomial.flatMap {
        explained(.standardDeviation, over: $0, .standardDeviation)
      },
      explainedVarianceAgainst: against.flatMap {
        explained(.standardDeviation, over: $0, .standardDeviation)
      })
  }

  /// A median, and that of every replica.
  struct Median {
    let value: Double
    let replicas: [Double]

    func minus(_ other: Median) -> Median {
      Median(value: value - other.value, replicas: zip(replicas, other.replicas).map(-))
    }
  }

  /// The medians of all methods; nil for a method without them.
  func medians(_ part: ScoredPart, _ table: ReplicaTable) -> [Median?] {
    zip(part.lists, part.places).map { list, place in
      guard let list, let place else { return nil }
      return Median(
        value: list.statistics[Statistic.median.place], replicas: Array(table[place, .median]))
    }
  }
}
