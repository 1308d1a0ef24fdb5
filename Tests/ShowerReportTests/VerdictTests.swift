import Glibc
import Performance
import ShowerCalibration
import ShowerModel
import SyntheticComparison
import Testing

@testable import ShowerReport

/// Whether a report tells a gain apart from a calibration.
@Suite struct VerdictTests {
  private let settings = ComparisonSettings(replicas: 200, threads: 2)

  /// A standard method whose energy is off by a slope in log10 S800, which a calibration removes.
  private func miscalibrated(_ standard: StandardResult) -> StandardResult {
    var result = standard
    result.reconstruction.shower.logEnergy += 0.15 * (log10(standard.signal800) - 1.6)
    return result
  }

  private func sample(
    events: Int = 2500, _ correction: (Truth, StandardResult, inout CounterRandom) -> [Double]
  ) throws -> ComparisonSample {
    var sample = ComparisonSample(cuts: .everything, methods: [.grid])
    for event in 0..<events {
      var random = CounterRandom(seed: 31, event: event)
      let (truth, original) = SyntheticSample.event(&random)
      let standard = miscalibrated(original)
      let shower = standard.shower.shifted(by: correction(truth, standard, &random))
      sample.append(
        truth: truth, showerID: event, standard: standard,
        others: [
          Reconstruction(shower: shower, sigma: standard.reconstruction.sigma, status: .good)
        ])
    }
    try sample.addPolynomial()
    return sample
  }

  /// A network trained on shuffled targets predicts the calibration and noise of no use.
  ///
  /// The calibration here is fitted to events that are not compared.
  @Test func shuffledTargetsExplainNothingBeyondCalibration() throws {
    var fit = CalibrationFit()
    for event in 10_000..<14_000 {
      var random = CounterRandom(seed: 31, event: event)
      let (truth, original) = SyntheticSample.event(&random)
      fit.append(truth: truth, standard: miscalibrated(original), cuts: .everything)
    }
    let learned = try #require(try fit.polynomial(.nuclei))
    let comparison = Comparison(
      try sample { _, standard, random in
        var shift = learned.residuals(
          secant: 1 / cos(standard.shower.zenith), logSignal: log10(standard.signal800))
        shift[0] += 0.02 * Units.degree * random.normal()
        shift[2] += 0.004 * random.normal()
        return shift
      }, settings: settings)
    for name in Comparison.netQuantities {
      let net = try #require(comparison.grid(name)?.score?.netExplainedVariance)
      #expect(abs(net.value) < 0.02, "\(name): \(net)")
    }
    let main = try #require(comparison.main)
    #expect(comparison.netScores(main, of: .grid).allSatisfy { !$0.isReal })
    #expect(comparison.verdict.contains("compatible with zero"))
    #expect(
      comparison.warnings.contains {
        $0.contains("grid does no better than a calibration") && $0.contains("ln E")
      })
    #expect(
      comparison.terminalText(isColoured: false).contains(
        "warning: grid does no better than a calibration"))
  }

  /// The polynomial itself as a method: EV_calib > 0, and nothing is left for EV_net.
  @Test func aPureCalibrationHasNoNetExplainedVariance() throws {
    let first = try sample { _, _, _ in [0, 0, 0, 0, 0] }
    let polynomial = try #require(first.methods.firstIndex { $0.kind == .polynomial })
    var again = ComparisonSample(cuts: .everything, methods: [.grid])
    for event in first.truths.indices {
      var random = CounterRandom(seed: 31, event: event)
      let (truth, original) = SyntheticSample.event(&random)
      let standard = miscalibrated(original)
      again.append(
        truth: truth, showerID: event, standard: standard,
        others: [
          Reconstruction(
            shower: first.estimates[polynomial][event], sigma: standard.reconstruction.sigma,
            status: .good)
        ])
    }
    try again.addPolynomial()
    let comparison = Comparison(again, settings: settings)
    let calibration = try #require(
      comparison.main?["ln_energy"]?[MethodIdentity.polynomial.name]?.score?.explainedVariance)
    #expect(calibration.low95 > 0.2)
    let score = try #require(comparison.grid("ln_energy")?.score)
    #expect(score.explainedVariance == calibration)
    let net = try #require(score.netExplainedVariance)
    #expect(abs(net.value) < 1e-12 && net.low95 <= 0 && net.high95 >= 0)
    #expect(comparison.verdict.contains("A calibration alone explains as much"))
  }

  /// Ten coefficients fitted to 30 events are worse than none: EV_net against them means nothing.
  @Test func aControlOfTooFewEventsIsWarnedOf() throws {
    let comparison = Comparison(
      try sample(events: 60) { _, _, _ in [0, 0, 0, 0, 0] }, settings: settings)
    #expect(comparison.warnings.contains { $0.contains("is worse than no correction") })
    let main = try #require(comparison.main)
    #expect(comparison.netScores(main, of: .grid).allSatisfy { !$0.isReal })
  }

  /// EV_net = (EV_total - EV_calib) / (1 - EV_calib).
  @Test func netIsWhatTotalAddsToCalibration() throws {
    let comparison = Comparison(
      try sample { truth, standard, _ in
        Residual.all.map { 0.8 * $0.value(truth.shower, standard.shower) }
      }, settings: settings)
    for name in Comparison.scoredNames {
      let score = try #require(comparison.grid(name)?.score)
      let calibration = try #require(
        comparison.main?[name]?[MethodIdentity.polynomial.name]?.score?.explainedVariance.value)
      let total = score.explainedVariance.value
      let net = try #require(score.netExplainedVariance).value
      #expect(abs(net - (total - calibration) / (1 - calibration)) < 1e-12)
      #expect(net > 0.3)
    }
    #expect(comparison.verdict.contains("EV_net is"))
    #expect(
      comparison.main?["ln_energy"]?[MethodIdentity.polynomial.name]?.score?.netExplainedVariance
        == nil)
  }

  /// It says what the events are, what is compared with what, and what is not claimed.
  @Test func theVerdictNamesEventsBaselineTunedFrontAndLimits() throws {
    let methods = [
      Method(MethodIdentity(name: "chain", kind: .published)),
      Method(MethodIdentity(name: "tuned", kind: .tuned)), .grid,
    ]
    let sample = SyntheticSample(events: 600).gathered(methods) { truth, standard, random in
      [1.4, 0.8, 0.5].map {
        SyntheticSample.corrected(standard.shower, truth.shower, left: $0, &random)
      }
    }
    func verdict(against: String?) -> String {
      Comparison(
        sample,
        settings: ComparisonSettings(
          replicas: 100, against: against, headline: "grid", threads: 2)
      ).verdict
    }
    let one = verdict(against: nil)
    #expect(one.hasPrefix("With grid, the 68 % angular error shrinks by "), "\(one)")
    #expect(one.contains("600 simulated events (nuclei)"))
    #expect(one.contains("The baseline is the best published one: standard. "))
    #expect(one.contains("(tuned), the 68 % angular error shrinks by "), "\(one)")
    #expect(one.hasSuffix("as far as the simulation describes showers and detector."))
    let two = verdict(against: "chain")
    #expect(two.contains("standard, with smaller angular errors than chain. "), "\(two)")
  }

  @Test func fewEventsAreWarnedOf() {
    var sample = SyntheticSample(events: 300).sample(cuts: .everything)
    SyntheticSample.add(events: 3, logEnergy: 20.6, to: &sample)
    let comparison = Comparison(
      sample, settings: ComparisonSettings(replicas: 40, threads: 2))
    #expect(
      comparison.warnings.contains { $0.contains("fewer than 50 events") && $0.contains("(3)") })
  }

  @Test func fallbacksAreWarnedOf() {
    var sample = ComparisonSample(cuts: .everything, methods: [.grid])
    var random = CounterRandom(seed: 1, event: 1)
    for id in 0..<40 {
      let (truth, standard) = SyntheticSample.event(&random)
      sample.append(
        truth: truth, showerID: id, standard: standard, others: [standard.reconstruction],
        fallbacks: [id < 30 ? 0 : (id < 37 ? 1 : 2)])
    }
    let comparison = Comparison(
      sample, settings: ComparisonSettings(replicas: 40, threads: 2))
    #expect(comparison.warnings.contains { $0.contains("kept the standard value of 25") })
  }

  @Test func anEmptySampleHasATextOfItsOwn() {
    let empty = Comparison(
      ComparisonSample(cuts: .everything, methods: [.grid]),
      settings: ComparisonSettings(replicas: 40, threads: 2))
    #expect(empty.terminalText(isColoured: false).contains("0 of 0 events compared"))
  }
}
