import Glibc
import ShowerModel
import SyntheticComparison
import Testing

@testable import ShowerCalibration

@Suite struct CalibrationPolynomialTests {
  /// Least squares on events that a cubic describes gives that cubic back.
  @Test func theFitFindsACubic() throws {
    func cubic(_ standard: Shower, _ signal: Double) -> [Double] {
      let (x, s) = (1 / cos(standard.zenith), log10(signal))
      return [
        0.01 * (x - 1) * s, 0, 0.3 - 0.1 * s + 0.02 * s * s * s - 0.2 * x * x + 0.05 * x * x * s,
        20 * x * x * x, 0,
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

  /// What changes sign in the mirror image has the mean zero, whatever the events say.
  @Test func residualsAcrossAreNotCorrected() throws {
    var fit = CalibrationFit()
    for event in 0..<100 {
      var random = CounterRandom(seed: 4, event: event)
      let (truth, standard) = SyntheticSample.event(&random)
      var moved = truth
      moved.shower = standard.shower.shifted(by: [0.01, 0.02, 0.1, 30, 40])
      moved.primary = .proton
      fit.append(truth: moved, standard: standard, cuts: .everything)
    }
    let found = try #require(try fit.polynomial(.nuclei)).residuals(secant: 1.2, logSignal: 1.5)
    for (a, b) in zip(found, [0.01, 0, 0.1, 30, 0]) { #expect(abs(a - b) < 1e-8) }
  }

  /// Sums of parts are those of the whole.
  @Test func partsAdd() throws {
    var (whole, first, second) = (CalibrationFit(), CalibrationFit(), CalibrationFit())
    for event in 0..<200 {
      var random = CounterRandom(seed: 5, event: event)
      let (truth, standard) = SyntheticSample.event(&random)
      whole.append(truth: truth, standard: standard, cuts: .everything)
      if event % 3 == 0 {
        first.append(truth: truth, standard: standard, cuts: .everything)
      } else {
        second.append(truth: truth, standard: standard, cuts: .everything)
      }
    }
    first.append(second)
    #expect(first.eventCount == whole.eventCount)
    let (a, b) = (try first.polynomial(.nuclei), try whole.polynomial(.nuclei))
    let pairs = zip(
      try #require(a).residuals(secant: 1.2, logSignal: 1.5),
      try #require(b).residuals(secant: 1.2, logSignal: 1.5))
    for (a, b) in pairs { #expect(abs(a - b) < 1e-9) }
  }
}
