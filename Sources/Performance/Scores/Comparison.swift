internal import ShowerCalibration
package import ShowerModel

/// All methods on the same events: every number of a report.
package struct Comparison: Sendable, Equatable {
  package let settings: ComparisonSettings
  package let cuts: QualityCuts
  package let flow: EventFlow
  /// The standard method first, in the order of a table.
  package let methods: [Method]
  package let controlSource: ControlSource?
  package let spectrum: SpectrumWeight?
  /// Events in which a method kept the standard value, by reason [method].
  package let fallbacks: [[CorrectionFallback: Int]]
  package let showerCount: Int
  /// Of nuclei and of photons: the whole, ranges of fitted energy, bins, primaries.
  package let subsets: [SubsetComparison]
  /// Difference of the energy scales of protons and iron, by method; empty without both.
  package let massBias: [MassBias]

  /// Median of ln(E_rec/E_true) of protons minus that of iron.
  package struct MassBias: Sendable, Equatable {
    package let method: String
    package let value: Estimate
    /// 1 - |value| / |value of the standard method|; nil for itself.
    package let gain: Estimate?
  }

  /// Compares on all events of a sample; total, also for a sample without events.
  package init(_ sample: ComparisonSample, settings: ComparisonSettings = ComparisonSettings()) {
    let plan = SubsetPlan(sample, settings)
    let scores = Self.scores(sample, plan, settings)
    var found = [[QuantityComparison]](repeating: [], count: plan.subsets.count)
    for score in scores {
      for (subset, comparison) in score.comparisons { found[subset].append(comparison) }
    }
    self.settings = settings
    cuts = sample.cuts
    flow = sample.flow
    methods = sample.methods
    controlSource = sample.controlSource
    spectrum = sample.spectrum
    fallbacks = sample.fallbacks
    showerCount = sample.showerCount
    massBias = scores.flatMap(\.massBias)
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

  /// The numbers of one quantity.
  private struct QuantityScores {
    var comparisons: [(subset: Int, QuantityComparison)] = []
    /// Of ln E alone.
    var massBias: [MassBias] = []
  }

  /// Events of which the lists of several quantities are in memory at a time.
  private static let eventsAtATime = 400_000

  /// The numbers of all quantities, several of them at a time where the sample is small.
  private static func scores(
    _ sample: ComparisonSample, _ plan: SubsetPlan, _ settings: ComparisonSettings
  ) -> [QuantityScores] {
    guard sample.count > 0 else { return [] }
    let workers = min(max(eventsAtATime / sample.count, 1), max(settings.threads, 1))
    let bootstrap = Bootstrap(
      replicas: settings.replicas, seed: settings.seed,
      threads: max(settings.threads / workers, 1), showerCount: sample.showerCount)
    let scorer = Scorer(methods: sample.methods, against: settings.against)
    return concurrentMap(Quantity.all, threads: workers) { quantity in
      let lists = QuantityLists(
        quantity, of: sample, plan: plan, bootstrap: bootstrap,
        minimumEvents: settings.minimumEvents)
      let table = bootstrap.run(lists.parts.map { $0.lists.compactMap(\.self) })
      var list = 0
      let parts = lists.parts.map { ScoredPart($0, firstList: &list) }
      return QuantityScores(
        comparisons: parts.map { ($0.subset, scorer.comparison(quantity, $0, table)) },
        massBias: quantity.name == Observable.logEnergy.name
          ? scorer.massBias(parts, plan.subsets, table) : [])
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
  package func whole(_ group: PrimaryGroup) -> SubsetComparison? {
    subsets.first { $0.subset.group == group && $0.subset.axis == .whole }
  }

  /// The group that a report is about: nuclei, or photons where there are no nuclei.
  package var main: SubsetComparison? { whole(.nuclei) ?? whole(.photons) }

  /// The subsets of a group along an axis, in order.
  package func subsets(_ group: PrimaryGroup, along axis: EventSubset.Axis)
    -> [SubsetComparison]
  {
    subsets.filter { $0.subset.group == group && $0.subset.axis == axis }
  }

  /// The method that verdict and figures are about: the one asked for, else the last network, else
  /// the last method.
  package var headline: Method {
    methods.first { $0.name == settings.headline } ?? methods.last { $0.kind.isNetwork }
      ?? methods.last ?? .standard
  }

  /// Baselines that need no simulation of ours: the standard fit, and a published reconstruction
  /// that gains are given against.
  package var baselines: [Method] {
    methods.filter {
      $0.kind == .standard || $0.kind == .published && $0.name == settings.against
    }
  }

  /// The best of the baselines, by the 68 % containment of the space angle: the reference of the
  /// headline.
  package var baseline: Method {
    let angle = main?[Observable.spaceAngle.name]
    return baselines.filter { angle?[$0.name] != nil }.min {
      (angle?[$0.name]?.summary[.width68].value ?? .infinity)
        < (angle?[$1.name]?.summary[.width68].value ?? .infinity)
    } ?? .standard
  }

  /// Gains of a method over the best baseline; nil for the baseline itself.
  package func gains(of errors: MethodErrors?) -> Gains? {
    guard let errors, errors.method != baseline.name else { return nil }
    return baseline.kind == .standard ? errors.gain : errors.gainAgainst
  }

  /// Components whose EV_net decides whether a method explains more than a calibration.
  package static let netQuantities = [
    Residual.directionZenith.name, Residual.directionAzimuth.name, Observable.logEnergy.name,
  ]
}

extension Comparison {
  /// EV_net of a method in one component.
  package struct NetScore {
    package let title: String
    package let net: Estimate
    /// Whether EV_net is above zero beyond its 95 % interval and beyond the loss of the control.
    package let isReal: Bool
  }

  /// EV_net of a method by component; empty for the control itself.
  package func netScores(_ subset: SubsetComparison, of method: Method) -> [NetScore] {
    Self.netQuantities.compactMap { name in
      guard let quantity = subset[name], let score = quantity[method.name]?.score,
        let net = score.netExplainedVariance, net.isDefined
      else { return nil }
      // A control may explain less than nothing; EV_net above zero is then no gain.
      return NetScore(
        title: quantity.title, net: net,
        isReal: net.low95 > controlLoss && score.explainedVariance.low95 > 0)
    }
  }

  /// The part of the variance by which EV_net is too large.
  ///
  /// A fitted control also fits noise: its ten coefficients cost it 10 / n of the variance.
  private var controlLoss: Double {
    let terms = Double(CalibrationPolynomial.termCount)
    switch controlSource {
    case .training(let events), .calibration(_, let events): return terms / Double(max(events, 1))
    case .crossFit: return terms / (0.9 * Double(max(flow.kept, 1)))
    case nil: return 0
    }
  }
}
