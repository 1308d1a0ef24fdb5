import Glibc
import ShowerModel
import Testing

@testable import Performance

/// Whether a gain is told apart from a calibration.
@Suite struct ControlTests {
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

  /// What a network predicts that learned from targets of other events: the calibration, from events of its own, with noise
  /// of no use.
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
      comparison.main?["ln_energy"]?[Method.polynomialName]?.score?.explainedVariance)
    #expect(calibration.low95 > 0.2)
    let score = try #require(comparison.grid("ln_energy")?.score)
    #expect(score.explainedVariance == calibration)
    let net = try #require(score.netExplainedVariance)
    #expect(abs(net.value) < 1e-12 && net.low95 <= 0 && net.high95 >= 0)
    #expect(comparison.verdict.contains("None of this is more than a calibration gives"))
  }

  /// Ten coefficients learned from 30 events are worse than none: EV_net against them is no praise.
  @Test func aControlOfTooFewEventsIsWarnedOf() throws {
    let comparison = Comparison(
      try sample(events: 60) { _, _, _ in [0, 0, 0, 0, 0] }, settings: settings)
    #expect(comparison.warnings.contains { $0.contains("does worse than none") })
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
        comparison.main?[name]?[Method.polynomialName]?.score?.explainedVariance.value)
      let total = score.explainedVariance.value
      let net = try #require(score.netExplainedVariance).value
      #expect(abs(net - (total - calibration) / (1 - calibration)) < 1e-12)
      #expect(net > 0.3)
    }
    #expect(comparison.verdict.contains("EV_net is"))
    #expect(
      comparison.main?["ln_energy"]?[Method.polynomialName]?.score?.netExplainedVariance == nil)
  }

  /// Least squares on events that a cubic describes gives that cubic back, and moves results onto it.
  @Test func theFitFindsACubic() throws {
    func cubic(_ standard: Shower, _ signal: Double) -> [Double] {
      let (x, s) = (1 / cos(standard.zenith), log10(signal))
      return [
        0.01 * (x - 1) * s, 0, 0.3 - 0.1 * s + 0.02 * s * s * s - 0.2 * x * x + 0.05 * x * x * s,
        20 * x * x * x, -3 * s,
      ]
    }
    var fit = CalibrationFit()
    for event in 0..<300 {
      var random = CounterRandom(seed: 3, event: event)
      let (truth, standard) = SyntheticSample.event(&random)
      var moved = truth
      moved.shower = standard.shower.shifted(by: cubic(standard.shower, standard.signal800))
      moved.primary = .proton
      fit.append(truth: moved, standard: standard, cuts: .everything)
    }
    #expect(fit.eventCount == 300)
    let polynomial = try #require(try fit.polynomial(.nuclei))
    #expect(try fit.polynomial(.photons) == nil)
    for event in 300..<320 {
      var random = CounterRandom(seed: 3, event: event)
      let standard = SyntheticSample.event(&random).1
      let found = polynomial.residuals(
        secant: 1 / cos(standard.shower.zenith), logSignal: log10(standard.signal800))
      for (a, b) in zip(found, cubic(standard.shower, standard.signal800)) {
        #expect(abs(a - b) < 1e-8 * max(abs(b), 1))
      }
    }
  }

  @Test func aStoredPolynomialIsTakenAsItIs() throws {
    let stored = Method(Method.polynomialName)
    var sample = SyntheticSample(events: 200).gathered([stored, .grid]) { truth, standard, random in
      [
        standard.reconstruction,
        SyntheticSample.corrected(standard.shower, truth.shower, left: 0.5, &random),
      ]
    }
    #expect(sample.controlSource == .file)
    try sample.addPolynomial()
    #expect(sample.methods.map(\.name) == ["standard", "polynomial", "grid"])
    let score = try #require(
      Comparison(sample, settings: ComparisonSettings(replicas: 20)).grid("ln_energy")?.score)
    #expect(score.netExplainedVariance == score.explainedVariance)
  }

  @Test func methodsAreOrderedFromTheLeastToTheMost() {
    let names = ["set", "scalars", "polynomial", "tuned", "grid", "event"]
    #expect(
      Method.ordered(names.map { Method($0) }).map(\.name)
        == ["polynomial", "event", "tuned", "scalars", "set", "grid"])
  }
}
