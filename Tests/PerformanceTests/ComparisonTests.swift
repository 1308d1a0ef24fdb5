import Glibc
import ShowerModel
import SyntheticComparison
import Testing

@testable import Performance

@Suite struct ComparisonTests {
  private let settings = ComparisonSettings(replicas: 40, threads: 2)

  @Test func noCorrectionExplainsNothing() throws {
    let comparison = Comparison(SyntheticSample(events: 300).unchanged(), settings: settings)
    let main = try #require(comparison.main)
    for quantity in main.quantities where !quantity.isPull {
      let errors = try #require(quantity["grid"])
      #expect(errors.worsenedFraction == 0)
      #expect(try #require(errors.gain).width68 == Estimate(value: 0, replicas: [0]))
      #expect(errors.summary == quantity.standard?.summary)
      guard let score = errors.score else { continue }
      #expect(score.explainedVariance == Estimate(value: 0, replicas: [0]))
      #expect(score.trimmedExplainedVariance == Estimate(value: 0, replicas: [0]))
      #expect(score.determination.value <= 0)
    }
  }

  @Test func truthExplainsAll() throws {
    let comparison = Comparison(SyntheticSample(events: 300).perfect(), settings: settings)
    let main = try #require(comparison.main)
    for quantity in main.quantities where !quantity.isPull {
      guard let score = quantity["grid"]?.score else { continue }
      #expect(abs(score.explainedVariance.value - 1) < 1e-20)
      #expect(abs(score.determination.low95 - 1) < 1e-20)
    }
    #expect(try #require(comparison.grid("ln_energy")?.gain).width68.value == 1)
    #expect(try #require(comparison.grid("ln_energy")?.gain).width68.low95 > 0)
  }

  /// A known part of the residual is taken away and known noise added: EV = 1 - left^2 -
  /// noise^2/Var.
  @Test func explainedVarianceIsWhatWasPutIn() throws {
    let comparison = Comparison(
      SyntheticSample(events: 2500, left: 0.5).sample(cuts: .everything),
      settings: ComparisonSettings(replicas: 20))
    let main = try #require(comparison.main)
    for (name, noise) in [("ln_energy", 0.03), ("core_along", 8), ("core_across", 8)] {
      let spread = try #require(main[name]?.standard).summary.standardDeviation.value
      let expected = 1 - 0.25 - pow(noise / spread, 2)
      let score = try #require(comparison.grid(name)?.score)
      #expect(abs(score.explainedVariance.value - expected) < 0.01)
      #expect(score.explainedVariance.low95 < expected + 0.005)
      #expect(score.explainedVariance.high95 > expected - 0.005)
    }
    // The bias is put in as 0.12 - 0.05 ln A, half of it is left.
    #expect(comparison.massBias.map(\.method) == ["standard", "grid"])
    #expect(abs(comparison.massBias[0].value.value - 0.05 * log(56)) < 0.03)
    #expect(abs(try #require(comparison.massBias[1].gain).value - 0.5) < 0.08)
    // The core is displaced along the axis only, by 40 m: half of it is left.
    #expect(abs(try #require(main["core_along"]?.standard).summary.mean.value - 40) < 4)
    #expect(abs(try #require(comparison.grid("core_along")).summary.mean.value - 20) < 3)
  }

  @Test func exchangedMethodsExchangeTheirNumbers() throws {
    let (first, second) = SyntheticSample(events: 400).pairOfOpposites()
    let a = try #require(Comparison(first, settings: settings).main)
    let b = try #require(Comparison(second, settings: settings).main)
    for (x, y) in zip(a.quantities, b.quantities)
    where !x.isPull && ["space_angle", "zenith", "ln_energy", "core_distance"].contains(x.name) {
      // The trimmed deviation goes by the standard method.
      for statistic in Statistic.shown(of: .observable) {
        #expect(x.standard?.summary[statistic] == y["grid"]?.summary[statistic])
        #expect(x["grid"]?.summary[statistic] == y.standard?.summary[statistic])
      }
      let gains = try [#require(x["grid"]?.gain).width68, #require(y["grid"]?.gain).width68]
      #expect(abs((1 - gains[0].value) * (1 - gains[1].value) - 1) < 1e-9)
    }
  }

  /// Errors of 0.15 predicted as 0.15 have pulls of width 1; a method without errors has no pulls.
  @Test func pullsSayWhetherPredictedErrorsAreRight() throws {
    let blind = Method("blind")
    let sample = SyntheticSample(events: 1500).gathered([.grid, blind]) {
      truth, standard, random in
      var twice = standard.reconstruction
      twice.sigma.coreX *= 2
      var none = standard.reconstruction
      none.sigma = .undefined
      return [twice, none]
    }
    let main = try #require(Comparison(sample, settings: settings).main)
    let standard = try #require(main["pull_core_x"]?.standard).summary
    let wide = try #require(main["pull_core_x"]?["grid"]).summary
    #expect(abs(standard.standardDeviation.value / wide.standardDeviation.value - 2) < 1e-9)
    #expect(abs(try #require(main["pull_zenith"]?.standard).summary.width68.value - 1) < 0.06)
    #expect(abs(try #require(main["pull_zenith"]?.standard).summary[.coverage].value - 0.68) < 0.04)
    #expect(main["pull_zenith"]?["blind"] == nil)
    #expect(main["pull_zenith"]?["grid"]?.gain == nil)
  }

  @Test func gainsAreAlsoGivenAgainstAnotherMethod() throws {
    let tuned = Method("tuned")
    let sample = SyntheticSample(events: 600).gathered([tuned, .grid]) { truth, standard, random in
      [0.8, 0.4].map {
        Self.moved(standard.reconstruction, to: truth.shower, left: $0)
      }
    }
    let comparison = Comparison(
      sample, settings: ComparisonSettings(replicas: 40, against: "tuned", threads: 2))
    let errors = try #require(comparison.grid("ln_energy"))
    #expect(abs(try #require(errors.gain).standardDeviation.value - 0.6) < 1e-9)
    #expect(abs(try #require(errors.gainAgainst).standardDeviation.value - 0.5) < 1e-9)
    #expect(
      abs(try #require(errors.score?.explainedVarianceAgainst).value - 0.75) < 1e-9)
    #expect(comparison.main?["ln_energy"]?["tuned"]?.gainAgainst == nil)
    #expect(comparison.headline == .grid)
  }

  /// A result with a part of the residual of the standard one.
  private static func moved(_ standard: Reconstruction, to truth: Shower, left: Double)
    -> Reconstruction
  {
    let shift = Residual.all.map { (1 - left) * $0.value(truth, standard.shower) }
    return Reconstruction(
      shower: standard.shower.shifted(by: shift), sigma: standard.sigma, status: .good)
  }

  /// Weights to E^-3 of events thrown as E^-1 give the numbers of the events repeated by weight.
  @Test func spectrumWeightsCountEvents() throws {
    var sample = ComparisonSample(
      cuts: .everything, methods: [.grid], spectrum: SpectrumWeight(index: -2, thrown: -1))
    var repeated = ComparisonSample(cuts: .everything, methods: [.grid])
    var random = CounterRandom(seed: 6, event: 0)
    for number in 0..<120 {
      var (truth, standard) = SyntheticSample.event(&random)
      // 1 and 1/3 EeV: weights 1 and 3.
      let weight = number % 2 == 0 ? 1 : 3
      let shift = 18 - log10(Double(weight)) - truth.shower.logEnergy
      truth.shower.logEnergy += shift
      standard.reconstruction.shower.logEnergy += shift
      let other = SyntheticSample.corrected(standard.shower, truth.shower, left: 0.5, &random)
      sample.append(truth: truth, showerID: number, standard: standard, others: [other])
      for _ in 0..<weight {
        repeated.append(truth: truth, showerID: number, standard: standard, others: [other])
      }
    }
    let weighted = Comparison(sample, settings: settings)
    let counted = Comparison(repeated, settings: settings)
    for quantity in ["ln_energy", "zenith", "space_angle"] {
      let (a, b) = (
        try #require(weighted.grid(quantity)), try #require(counted.grid(quantity))
      )
      #expect(abs(a.summary.mean.value - b.summary.mean.value) < 1e-9)
      #expect(
        abs(a.summary.standardDeviation.value - b.summary.standardDeviation.value) < 1e-9)
      #expect(
        abs(try #require(a.worsenedFraction) - #require(b.worsenedFraction)) < 1e-12)
      // Quantiles interpolate in one definition and not in the other.
      #expect(abs(a.summary.width68.value / b.summary.width68.value - 1) < 0.1)
      #expect(abs(a.summary.mean.low95 - b.summary.mean.low95) < 1e-4)
    }
    #expect(weighted.main?.eventCount == 120)
    #expect(abs(try #require(weighted.main).effectiveEventCount - 240 * 240 / 600) < 1e-6)
  }

  @Test func photonsStayApart() throws {
    let comparison = Comparison(
      SyntheticSample(events: 2000, withPhotons: true).sample(), settings: settings)
    let nuclei = try #require(comparison.whole(.nuclei))
    let photons = try #require(comparison.whole(.photons))
    #expect(comparison.main == nuclei)
    #expect(nuclei.eventCount + photons.eventCount == comparison.flow.kept)
    #expect(abs(try #require(nuclei["ln_energy"]?.standard).summary.median.value) < 0.1)
    #expect(try #require(photons["ln_energy"]?.standard).summary.median.value < -0.6)
    #expect(
      comparison.subsets(.nuclei, along: .primary).map(\.subset.label) == ["H", "He", "N", "Fe"])
    #expect(comparison.subsets(.photons, along: .primary).map(\.subset.label) == ["photon"])
    for axis in [EventSubset.Axis.energy, .zenith, .primary, .stations, .border] {
      let sum = comparison.subsets(.nuclei, along: axis).reduce(0) { $0 + $1.eventCount }
      #expect(sum == nuclei.eventCount, "\(axis)")
    }
  }

  @Test func energyBinsFollowTheData() throws {
    let comparison = Comparison(SyntheticSample(events: 2000).sample(), settings: settings)
    let bins = comparison.subsets(.nuclei, along: .energy)
    #expect(bins.map(\.subset.low) == (0..<8).map { 0.25 * Double($0) })
    #expect(bins.map(\.subset.isAtEdge) == [true] + [Bool](repeating: false, count: 6) + [true])
    #expect(bins[1].subset.label == "0.25_to_0.5")
    let above = try #require(comparison.subsets(.nuclei, along: .fittedEnergy).first)
    #expect(above.subset.low == 10 && above.subset.high == nil)
    #expect(above.subset.label == "above_10")
    #expect(abs(Double(above.eventCount) / Double(comparison.flow.kept) - 0.5) < 0.06)
    let borders = comparison.subsets(.nuclei, along: .border).map(\.subset.label)
    #expect(borders == ["0_to_600", "600_to_1200", "1200_to_2400", "2400_to_4800", "above_4800"])
  }

  @Test func wildValuesMakeFewBins() throws {
    let bins = try #require(Bins(covering: [0, 1e6], width: 0.25))
    #expect(bins.count <= 40)
    #expect(bins.index(of: 1e6) == bins.count - 1)
    let exact = try #require(Bins(covering: [0.49999998, 1], width: 0.25))
    #expect(exact.first == 0.5 && exact.count == 2)
    #expect(exact.index(of: 1) == 1)
    #expect(Bins(covering: [], width: 1) == nil)
  }

  @Test func fewEventsHaveACountAndNoNumbers() throws {
    var sample = SyntheticSample(events: 300).sample(cuts: .everything)
    SyntheticSample.add(events: 3, logEnergy: 20.6, to: &sample)
    let comparison = Comparison(sample, settings: settings)
    let last = try #require(comparison.subsets(.nuclei, along: .energy).last)
    #expect(last.eventCount == 3)
    #expect(last.quantities.isEmpty)
    let between = comparison.subsets(.nuclei, along: .energy).filter { $0.eventCount == 0 }
    #expect(between.count == 2)
  }

  @Test func everyEventIsAccountedFor() {
    let comparison = Comparison(
      SyntheticSample(events: 800, withFailures: true).sample(cuts: .wellMeasured),
      settings: settings)
    let flow = comparison.flow
    func count(_ reason: String) -> Int {
      flow.losses.filter { $0.reason == reason }.map(\.count).reduce(0, +)
    }
    #expect(flow.total == 800)
    #expect(flow.losses.reduce(flow.kept) { $0 + $1.count } == 800)
    #expect(count("notConverged") == 10)
    #expect(count("noCluster") == 10)
    #expect(count("stations") == 20)
    #expect(count("reducedChi2") == 20)
    #expect(count("grid.unphysical") == 4)
    #expect(comparison.main?.eventCount == flow.kept)
  }

  @Test func fallbacksAreCountedByReason() {
    var sample = ComparisonSample(cuts: .everything, methods: [.grid])
    var random = CounterRandom(seed: 1, event: 1)
    for id in 0..<40 {
      let (truth, standard) = SyntheticSample.event(&random)
      sample.append(
        truth: truth, showerID: id, standard: standard, others: [standard.reconstruction],
        fallbacks: [id < 30 ? 0 : (id < 37 ? 1 : 2)])
    }
    let comparison = Comparison(sample, settings: settings)
    #expect(comparison.fallbacks[1] == [.beyondTraining: 7, .ensembleSpread: 3])
  }

  @Test func emptyAndStrangeSamplesAreCompared() {
    let empty = Comparison(
      ComparisonSample(cuts: .everything, methods: [.grid]), settings: settings)
    #expect(empty.main == nil && empty.subsets.isEmpty)

    let single = Comparison(
      SyntheticSample(events: 1).sample(cuts: .everything), settings: settings)
    #expect(single.main?.eventCount == 1)
    #expect(single.main?.quantities.isEmpty == true)

    var sample = ComparisonSample(cuts: .everything, methods: [.grid])
    var random = CounterRandom(seed: 1, event: 1)
    let (truth, standard) = SyntheticSample.event(&random)
    for id in 0..<5 {
      sample.append(
        truth: truth, showerID: id, standard: standard,
        others: [Reconstruction(shower: .undefined, sigma: .undefined, status: .good)])
    }
    #expect(sample.flow.lost(.undefined) == 5)
    #expect(Comparison(sample, settings: settings).flow.kept == 0)
  }

  @Test func showersThatWereThrownOftenAreShownOneByOne() throws {
    let often = Comparison(
      SyntheticSample(events: 120, usesOfShower: 40).sample(cuts: .everything), settings: settings)
    let showers = often.subsets(.nuclei, along: .shower)
    #expect(
      showers.map(\.eventCount) == [40, 40, 40] && showers.allSatisfy { $0.showerCount == 1 })
    #expect(showers.map { $0.subset.label.prefix(8) } == ["1000000_", "1000001_", "1000002_"])
    #expect(showers[1]["space_angle"]?["grid"] != nil)

    let once = Comparison(
      SyntheticSample(events: 120).sample(cuts: .everything), settings: settings)
    #expect(once.subsets(.nuclei, along: .shower).isEmpty)
    // Nineteen throws are too few for numbers of their own.
    let fewer = SyntheticSample(events: 114, usesOfShower: 19).sample(cuts: .everything)
    #expect(Comparison(fewer, settings: settings).subsets(.nuclei, along: .shower).isEmpty)
  }

  @Test func methodsAreOrderedFromTheLeastToTheMost() {
    let names = ["set", "scalars", "polynomial", "tuned", "grid", "event"]
    #expect(
      Method.ordered(names.map { Method($0) }).map(\.name)
        == ["polynomial", "tuned", "scalars", "event", "set", "grid"])
  }
}
