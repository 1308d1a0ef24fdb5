import Glibc
import ShowerModel
import SyntheticComparison
import Testing

@testable import ShowerCalibration

@Suite struct CalibrationPolynomialTests {
  /// Least squares on events that a cubic describes gives that cubic back, and moves results onto
  /// it.
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
}
