import Glibc
import ShowerModel
import Testing

@testable import Performance

@Suite struct ComparisonTests {
  private let settings = ComparisonSettings(replicas: 40, threads: 2)

  @Test func noCorrectionExplainsNothing() throws {
    let comparison = Comparison(SyntheticSample(events: 300).unchanged(), settings: settings)
    let main = try #require(comparison.main)
    for residual in main.residuals {
      let prediction = try #require(residual.prediction)
      #expect(prediction.explainedVariance == Estimate(value: 0, replicas: [0]))
      #expect(prediction.trimmedExplainedVariance == Estimate(value: 0, replicas: [0]))
      #expect(prediction.determination.value <= 0)
      #expect(residual.worsenedFraction == 0)
    }
    for observable in main.observables {
      #expect(observable.gain.width68 == Estimate(value: 0, replicas: [0]))
      #expect(observable.standard == observable.corrected)
    }
    #expect(!comparison.isImprovementSignificant)
  }

  @Test func truthExplainsAll() throws {
    let comparison = Comparison(SyntheticSample(events: 300).perfect(), settings: settings)
    let main = try #require(comparison.main)
    for residual in main.residuals {
      let prediction = try #require(residual.prediction)
      #expect(prediction.explainedVariance == Estimate(value: 1, replicas: [1]))
      #expect(prediction.determination == Estimate(value: 1, replicas: [1]))
    }
    #expect(try #require(main.observable("ln_energy")).gain.width68.value == 1)
    #expect(comparison.isImprovementSignificant)
  }

  /// A known part of the residual is taken away and known noise added: EV = 1 - left^2 - noise^2/Var.
  @Test func explainedVarianceIsWhatWasPutIn() throws {
    let comparison = Comparison(
      SyntheticSample(events: 2500, left: 0.5).sample(cuts: .everything),
      settings: ComparisonSettings(replicas: 20))
    let main = try #require(comparison.main)
    for (name, noise) in [("ln_energy", 0.03), ("core_along", 8), ("core_across", 8)] {
      let residual = try #require(main.residual(name))
      let expected = 1 - 0.25 - pow(noise / residual.standard.standardDeviation.value, 2)
      let prediction = try #require(residual.prediction)
      #expect(abs(prediction.explainedVariance.value - expected) < 0.01)
      #expect(prediction.explainedVariance.low95 < expected + 0.005)
      #expect(prediction.explainedVariance.high95 > expected - 0.005)
    }
    // The bias is put in as 0.12 - 0.05 ln A, half of it is left.
    let massBias = try #require(comparison.massBias)
    #expect(abs(massBias.standard.value - 0.05 * log(56)) < 0.03)
    #expect(abs(massBias.gain.value - 0.5) < 0.08)
    // The core is displaced along the axis only: half of 40 m is left.
    let along = try #require(main.residual("core_along"))
    #expect(abs(along.standard.mean.value + 40) < 4)
    #expect(abs(along.corrected.mean.value + 20) < 3)
  }

  @Test func exchangedMethodsExchangeTheirNumbers() throws {
    let (first, second) = SyntheticSample(events: 400).pairOfOpposites()
    let a = try #require(Comparison(first, settings: settings).main)
    let b = try #require(Comparison(second, settings: settings).main)
    for (x, y) in zip(a.observables, b.observables) {
      #expect(x.standard == y.corrected)
      #expect(x.corrected == y.standard)
      #expect(abs((1 - x.gain.width68.value) * (1 - y.gain.width68.value) - 1) < 1e-9)
    }
  }

  @Test func photonsStayApart() throws {
    let comparison = Comparison(
      SyntheticSample(events: 2000, withPhotons: true).sample(), settings: settings)
    let nuclei = try #require(comparison.whole(.nuclei))
    let photons = try #require(comparison.whole(.photons))
    #expect(comparison.main == nuclei)
    #expect(nuclei.eventCount + photons.eventCount == comparison.flow.kept)
    #expect(abs(try #require(nuclei.observable("ln_energy")).standard.median.value) < 0.1)
    #expect(try #require(photons.observable("ln_energy")).standard.median.value < -0.6)
    #expect(
      comparison.subsets(.nuclei, along: .primary).map(\.subset.label) == ["H", "He", "N", "Fe"])
    #expect(comparison.subsets(.photons, along: .primary).map(\.subset.label) == ["photon"])
    for axis in [EventSubset.Axis.energy, .zenith, .primary] {
      let sum = comparison.subsets(.nuclei, along: axis).reduce(0) { $0 + $1.eventCount }
      #expect(sum == nuclei.eventCount)
    }
  }

  @Test func energyBinsFollowTheData() throws {
    let comparison = Comparison(SyntheticSample(events: 2000).sample(), settings: settings)
    let bins = comparison.subsets(.nuclei, along: .energy)
    #expect(bins.map(\.subset.low) == (0..<8).map { 0.25 * Double($0) })
    #expect(bins.map(\.subset.isAtEdge) == [true] + [Bool](repeating: false, count: 6) + [true])
    let above = try #require(comparison.subsets(.nuclei, along: .fittedEnergy).first)
    #expect(above.subset.low == 10 && above.subset.high == nil)
    #expect(abs(Double(above.eventCount) / Double(comparison.flow.kept) - 0.5) < 0.06)
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
    #expect(last.observables.isEmpty && last.residuals.isEmpty)
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
    #expect(flow.lost(.corrected) <= 4 && flow.lost(.corrected) > 0)
    #expect(comparison.main?.eventCount == flow.kept)
  }

  @Test func emptyAndStrangeSamplesAreCompared() {
    let empty = Comparison(ComparisonSample(cuts: .everything), settings: settings)
    #expect(empty.main == nil && empty.subsets.isEmpty && !empty.isImprovementSignificant)
    #expect(empty.improvementTable.contains("0 of 0 events compared"))

    let single = Comparison(
      SyntheticSample(events: 1).sample(cuts: .everything), settings: settings)
    #expect(single.main?.eventCount == 1)
    #expect(single.main?.observables.isEmpty == true)

    var sample = ComparisonSample(cuts: .everything)
    var random = CounterRandom(seed: 1, event: 1)
    let (truth, standard) = SyntheticSample.event(&random)
    for id in 0..<5 {
      sample.append(
        truth: truth, showerID: id, standard: standard,
        corrected: Reconstruction(shower: .undefined, sigma: .undefined, status: .good))
    }
    #expect(sample.flow.lost(.undefined) == 5)
    #expect(Comparison(sample, settings: settings).flow.kept == 0)
  }
}
