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
  /// How well the methods tell the primaries; nil where none says anything of them.
  package let composition: CompositionComparison?

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
    for score in scores { found[score.subset] += score.comparisons }
    self.settings = settings
    cuts = sample.cuts
    flow = sample.flow
    methods = sample.methods
    controlSource = sample.controlSource
    spectrum = sample.spectrum
    fallbacks = sample.fallbacks
    showerCount = sample.showerCount
    massBias = Self.massBias(scores, plan, methods)
    composition = CompositionComparison(
      sample.composition, settings, showerCount: sample.showerCount)
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

  /// The numbers of several quantities in one subset.
  private struct SubsetScores {
    let subset: Int
    var comparisons: [QuantityComparison] = []
    /// Of ln E in a primary.
    var medians: [Scorer.Median?] = []
  }

  /// Events of which the errors of several quantities are in memory at a time.
  private static let eventsAtATime = 400_000
  /// Quantities that share the weights of a subset's showers. Fewer take longer to pick them out,
  /// more leave less to divide among threads.
  private static let sharedQuantities = 10

  /// The numbers of all quantities in all subsets: each quantity sorted once, the weights of a
  /// subset's showers picked out once for several quantities.
  private static func scores(
    _ sample: ComparisonSample, _ plan: SubsetPlan, _ settings: ComparisonSettings
  ) -> [SubsetScores] {
    guard sample.count > 0 else { return [] }
    let bootstrap = Bootstrap(
      replicas: settings.replicas, seed: settings.seed, showerCount: sample.showerCount)
    let scorer = Scorer(methods: sample.methods, against: settings.against)
    return Quantity.all.divided(by: eventsAtATime / sample.count).flatMap { quantities in
      let lists = concurrentMap(quantities, threads: settings.threads) {
        QuantityLists(
          $0, of: sample, bootstrap: bootstrap, minimumEvents: settings.minimumEvents)
      }
      let tasks = plan.subsets.indices.flatMap { subset in
        lists.divided(by: sharedQuantities).map { (subset: subset, lists: $0) }
      }
      return concurrentMap(tasks, threads: settings.threads) { task in
        scores(task.lists, subset: task.subset, plan, bootstrap, scorer)
      }
    }
  }

  private static func scores(
    _ lists: [QuantityLists], subset: Int, _ plan: SubsetPlan, _ bootstrap: Bootstrap,
    _ scorer: Scorer
  ) -> SubsetScores {
    let family = plan.families[plan.familyOfSubset[subset]]
    let made = lists.compactMap { lists in
      lists.part(subset, of: family).map { (quantity: lists.quantity, part: $0) }
    }
    let table = bootstrap.run(made.flatMap { $0.part.lists.compactMap(\.self) })
    var (scores, list) = (SubsetScores(subset: subset), 0)
    for (quantity, part) in made {
      let scored = ScoredPart(part, firstList: &list)
      scores.comparisons.append(scorer.comparison(quantity, scored, table))
      if plan.subsets[subset].axis == .primary && quantity.name == Observable.logEnergy.name {
        scores.medians = scorer.medians(scored, table)
      }
    }
    return scores
  }

  /// Differences of the medians of ln E of protons and iron, by method.
  private static func massBias(
    _ scores: [SubsetScores], _ plan: SubsetPlan, _ methods: [Method]
  ) -> [MassBias] {
    func medians(_ symbol: String) -> [Scorer.Median?]? {
      scores.first {
        !$0.medians.isEmpty && plan.subsets[$0.subset].label == symbol
      }?.medians
    }
    guard let proton = medians("H"), let iron = medians("Fe") else { return [] }
    let differences = zip(proton, iron).map { proton, iron in
      proton.flatMap { proton in iron.map { proton.minus($0) } }
    }
    guard let before = differences[0] else { return [] }
    return zip(methods, differences).compactMap { method, difference in
      difference.map { after in
        MassBias(
          method: method.name,
          value: Estimate(value: after.value, replicas: after.replicas),
          gain: method == methods[0]
            ? nil
            : Estimate(
              value: 1 - abs(after.value) / abs(before.value),
              replicas: zip(before.replicas, after.replicas).map { 1 - abs($1) / abs($0) }))
      }
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

extension Array {
  /// The elements in parts of at most so many, and at least one.
  fileprivate func divided(by count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: Swift.max(count, 1)).map {
      Array(self[$0..<Swift.min($0 + Swift.max(count, 1), self.count)])
    }
  }
}
