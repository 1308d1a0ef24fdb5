public import ShowerModel

/// All methods on the same events: every number of a report.
public struct Comparison: Sendable, Equatable {
  /// Version of the stored form. Major: readers break; minor: keys added.
  public static let schemaVersion = "3.0"

  public let settings: ComparisonSettings
  public let cuts: QualityCuts
  public let flow: EventFlow
  /// The standard method first, in the order of a table.
  public let methods: [Method]
  public let controlSource: ControlSource?
  public let spectrum: SpectrumWeight?
  /// Events in which a method kept the standard value, by reason [method].
  public let fallbacks: [[Fallback: Int]]
  public let showerCount: Int
  /// Of nuclei and of photons: the whole, ranges of fitted energy, bins, primaries.
  public let subsets: [SubsetComparison]
  /// How far the energy scales of protons and iron are apart, by method; empty without both.
  public let massBias: [MassBias]

  /// Median of ln(E_rec/E_true) of protons minus that of iron.
  public struct MassBias: Sendable, Equatable {
    public let method: String
    public let value: Estimate
    /// 1 - |value| / |value of the standard method|; nil for itself.
    public let gain: Estimate?
  }

  /// Compares on all events of a sample; total, also for a sample without events.
  public init(_ sample: ComparisonSample, settings: ComparisonSettings = ComparisonSettings()) {
    let plan = SubsetPlan(sample, settings)
    let bootstrap = Bootstrap(
      replicas: settings.replicas, seed: settings.seed, threads: settings.threads,
      showerCount: sample.showerCount)
    let scorer = Scorer(methods: sample.methods, against: settings.against)
    var found = [[QuantityComparison]](repeating: [], count: plan.subsets.count)
    var massBias: [MassBias] = []
    for quantity in Quantity.all where sample.count > 0 {
      let lists = QuantityLists(
        quantity, of: sample, plan: plan, bootstrap: bootstrap,
        minimumEvents: settings.minimumEvents)
      let table = bootstrap.run(lists.parts.flatMap { $0.lists.compactMap(\.self) })
      var list = 0
      var scored: [ScoredPart] = []
      for part in lists.parts {
        let part = ScoredPart(part, firstList: &list)
        found[part.subset].append(scorer.comparison(quantity, part, table))
        scored.append(part)
      }
      if quantity.name == Observable.logEnergy.name {
        massBias = scorer.massBias(scored, plan.subsets, table)
      }
    }
    self.settings = settings
    cuts = sample.cuts
    flow = sample.flow
    methods = sample.methods
    controlSource = sample.controlSource
    spectrum = sample.spectrum
    fallbacks = sample.fallbacks
    showerCount = sample.showerCount
    self.massBias = massBias
    let counts = Self.counts(sample, plan)
    subsets = plan.subsets.indices.map { subset in
      SubsetComparison(
        subset: plan.subsets[subset], eventCount: counts[subset].events,
        showerCount: counts[subset].showers,
        effectiveEventCount: counts[subset].squares > 0
          ? counts[subset].weight * counts[subset].weight / counts[subset].squares : 0,
        quantities: found[subset])
    }
  }

  private struct Counts {
    var (events, showers) = (0, 0)
    var (weight, squares) = (0.0, 0.0)
  }

  private static func counts(_ sample: ComparisonSample, _ plan: SubsetPlan) -> [Counts] {
    var counts = [Counts](repeating: Counts(), count: plan.subsets.count)
    for family in plan.families {
      var pairs = Set<UInt64>()
      for (event, subset) in family.enumerated() where subset >= 0 {
        let weight = sample.weights?[event] ?? 1
        counts[Int(subset)].events += 1
        counts[Int(subset)].weight += weight
        counts[Int(subset)].squares += weight * weight
        let pair = UInt64(subset) << 32 | UInt64(sample.shower[event])
        if pairs.insert(pair).inserted { counts[Int(subset)].showers += 1 }
      }
    }
    return counts
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

  /// The method that verdict and figures are about: the one asked for, else the last network, else the last method.
  public var headline: Method {
    methods.first { $0.name == settings.headline } ?? methods.last { $0.kind == .network }
      ?? methods.last ?? .standard
  }

  /// Whether some headline width shrank and none grew, each beyond its 95 % interval.
  public var isImprovementSignificant: Bool {
    guard let main else { return false }
    let gains = Self.headlineQuantities.compactMap { main[$0]?[headline.name]?.gain?.width68 }
    return gains.contains { $0.low95 > 0 } && !gains.contains { $0.high95 < 0 }
  }

  /// Observables by whose 68 % widths a method is judged.
  static let headlineQuantities = [
    Observable.spaceAngle.name, Observable.logEnergy.name, Observable.coreDistance.name,
  ]

  /// Components by whose EV_net it is judged whether more than calibration was learnt.
  static let netQuantities = [
    Residual.directionZenith.name, Residual.directionAzimuth.name, Observable.logEnergy.name,
  ]
}
