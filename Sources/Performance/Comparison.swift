public import ShowerModel

/// Standard against corrected reconstruction of the same events: every number of a report.
public struct Comparison: Sendable, Codable, Equatable {
  /// Version of the stored form. Major: readers break; minor: keys added.
  public static let schemaVersion = "2.0"

  public let schemaVersion: String
  public let settings: ComparisonSettings
  public let cuts: QualityCuts
  public let flow: EventFlow
  public let showerCount: Int
  /// Of nuclei and of photons: the whole, ranges of fitted energy, bins, primaries.
  public let subsets: [SubsetComparison]
  /// Median of ln(E_rec/E_true) of protons minus that of iron, by both methods.
  public let massBias: MassBias?

  /// How far the energy scales of protons and iron are apart.
  public struct MassBias: Sendable, Codable, Equatable {
    public let standard: Estimate
    public let corrected: Estimate
    /// 1 - |corrected| / |standard|.
    public let gain: Estimate
  }

  /// Compares on all events of a sample; total, also for a sample without events.
  public init(_ sample: ComparisonSample, settings: ComparisonSettings = ComparisonSettings()) {
    let plan = SubsetPlan(sample, settings)
    let bootstrap = Bootstrap(
      replicas: settings.replicas, seed: settings.seed, threads: settings.threads,
      showerCount: sample.showerCount)
    var found = [[ErrorComparison]](repeating: [], count: plan.subsets.count)
    var massBias: MassBias?
    for batch in Self.batches(events: sample.count) {
      let prepared = batch.map {
        QuantityLists($0, of: sample, plan: plan, minimumEvents: settings.minimumEvents)
      }
      let table = bootstrap.run(prepared.flatMap { $0.parts.flatMap(\.lists) })
      var list = 0
      for (number, lists) in zip(batch, prepared) {
        let quantity = Quantity.all[number]
        var places: [String: Int] = [:]
        for part in lists.parts {
          let subset = plan.subsets[part.subset]
          if subset.axis == .primary { places[subset.label] = list }
          found[part.subset].append(ErrorComparison(quantity, part, table, at: list))
          list += part.lists.count
        }
        if quantity.kind == .observable && quantity.name == Observable.logEnergy.name {
          massBias = MassBias(lists, plan, table, places)
        }
      }
    }
    schemaVersion = Self.schemaVersion
    self.settings = settings
    cuts = sample.cuts
    flow = sample.flow
    showerCount = sample.showerCount
    self.massBias = massBias
    let counts = Self.counts(sample, plan)
    subsets = plan.subsets.indices.map { subset in
      let comparisons = found[subset]
      // Quantities come in order, observables first.
      let observables = comparisons.prefix(Observable.all.count)
      return SubsetComparison(
        subset: plan.subsets[subset], eventCount: counts[subset].events,
        showerCount: counts[subset].showers, observables: Array(observables),
        residuals: Array(comparisons.dropFirst(observables.count)))
    }
  }

  /// Quantities that are worked on together: as many as need some 300 MB.
  private static func batches(events: Int) -> [Range<Int>] {
    let bytes = 150 * max(events, 1)
    let size = max(min(300_000_000 / bytes, Quantity.all.count), 1)
    return stride(from: 0, to: Quantity.all.count, by: size).map {
      $0..<min($0 + size, Quantity.all.count)
    }
  }

  private static func counts(_ sample: ComparisonSample, _ plan: SubsetPlan)
    -> [(events: Int, showers: Int)]
  {
    var counts = [(events: Int, showers: Int)](repeating: (0, 0), count: plan.subsets.count)
    for family in plan.families {
      var pairs = Set<UInt64>()
      for (event, subset) in family.enumerated() where subset >= 0 {
        counts[Int(subset)].events += 1
        let pair = UInt64(subset) << 32 | UInt64(sample.shower[event])
        if pairs.insert(pair).inserted { counts[Int(subset)].showers += 1 }
      }
    }
    return counts
  }
}

extension QuantityLists.Part {
  /// In the order of a `ReplicaTable`.
  fileprivate var lists: [WeightedErrors] {
    [standard, corrected] + (trimmed.map { [$0.standard, $0.corrected] } ?? [])
  }
}

extension ErrorComparison {
  fileprivate init(
    _ quantity: Quantity, _ part: QuantityLists.Part, _ table: ReplicaTable, at list: Int
  ) {
    let (before, after) = (part.standard.statistics, part.corrected.statistics)
    let scale = quantity.scale
    func gain(_ statistic: Statistic) -> Estimate {
      Estimate(
        value: 1 - after[statistic.place] / before[statistic.place],
        replicas: zip(table[list, statistic], table[list + 1, statistic]).map { 1 - $1 / $0 })
    }
    name = quantity.name
    title = quantity.title
    unit = quantity.unit
    isDistance = quantity.isDistance
    standard = ErrorSummary { statistic in
      Estimate(
        value: before[statistic.place] / scale, replicas: table[list, statistic].map { $0 / scale })
    }
    corrected = ErrorSummary { statistic in
      Estimate(
        value: after[statistic.place] / scale,
        replicas: table[list + 1, statistic].map { $0 / scale })
    }
    self.gain = Gains(
      standardDeviation: gain(.standardDeviation), rootMeanSquare: gain(.rootMeanSquare),
      width68: gain(.width68), width95: gain(.width95))
    medianShift = Estimate(
      value: (after[Statistic.median.place] - before[Statistic.median.place]) / scale,
      replicas: zip(table[list, .median], table[list + 1, .median]).map { ($1 - $0) / scale })
    worsenedFraction = part.worsened
    muchWorsenedFraction = part.muchWorsened
    prediction = part.trimmed.map { trimmed in
      /// 1 - (spread after)^2 / (standard deviation before)^2
      func score(
        _ spread: Statistic, _ before: ErrorStatistics, _ after: ErrorStatistics, at list: Int
      ) -> Estimate {
        func score(_ before: Double, _ after: Double) -> Double {
          1 - after * after / (before * before)
        }
        return Estimate(
          value: score(before[Statistic.standardDeviation.place], after[spread.place]),
          replicas: zip(table[list, .standardDeviation], table[list + 1, spread]).map(score))
      }
      return PredictionScore(
        explainedVariance: score(.standardDeviation, before, after, at: list),
        trimmedExplainedVariance: score(
          .standardDeviation, trimmed.standard.statistics, trimmed.corrected.statistics,
          at: list + 2),
        determination: score(.rootMeanSquare, before, after, at: list))
    }
  }
}

extension Comparison.MassBias {
  fileprivate init?(
    _ lists: QuantityLists, _ plan: SubsetPlan, _ table: ReplicaTable, _ places: [String: Int]
  ) {
    func part(_ primary: Primary) -> QuantityLists.Part? {
      lists.parts.first {
        plan.subsets[$0.subset].axis == .primary && plan.subsets[$0.subset].label == primary.symbol
      }
    }
    guard let proton = part(.proton), let iron = part(.iron),
      let protonList = places[Primary.proton.symbol], let ironList = places[Primary.iron.symbol]
    else { return nil }
    func difference(_ a: WeightedErrors, _ b: WeightedErrors) -> Double {
      a.statistics[Statistic.median.place] - b.statistics[Statistic.median.place]
    }
    func replicas(_ method: Int) -> [Double] {
      zip(table[protonList + method, .median], table[ironList + method, .median]).map { $0 - $1 }
    }
    let (before, after) = (replicas(0), replicas(1))
    standard = Estimate(value: difference(proton.standard, iron.standard), replicas: before)
    corrected = Estimate(value: difference(proton.corrected, iron.corrected), replicas: after)
    gain = Estimate(
      value: 1 - abs(corrected.value) / abs(standard.value),
      replicas: zip(before, after).map { 1 - abs($1) / abs($0) })
  }
}

extension Comparison {
  /// A whole group, nil where it has no events.
  public func whole(_ group: EventSubset.Group) -> SubsetComparison? {
    subsets.first { $0.subset.group == group && $0.subset.axis == .whole }
  }

  /// The group that a report is about: nuclei, or photons where there are no nuclei.
  public var main: SubsetComparison? { whole(.nuclei) ?? whole(.photons) }

  /// The subsets of a group along an axis, in order.
  public func subsets(_ group: EventSubset.Group, along axis: EventSubset.Axis)
    -> [SubsetComparison]
  {
    subsets.filter { $0.subset.group == group && $0.subset.axis == axis }
  }

  /// Whether some headline width shrank and none grew, each beyond its 95 % interval.
  public var isImprovementSignificant: Bool {
    guard let main else { return false }
    let gains = Self.headlines.compactMap { main.observable($0)?.gain.width68 }
    return gains.contains { $0.low95 > 0 } && !gains.contains { $0.high95 < 0 }
  }

  /// Observables by whose 68 % widths a method is judged.
  static let headlines = [
    Observable.spaceAngle.name, Observable.logEnergy.name, Observable.coreDistance.name,
  ]
}
