import Glibc
import ShowerModel
import SyntheticComparison
import Testing

@testable import Performance

/// Comparisons on data, which have no truth.
@Suite struct ShiftTests {
  private let settings = ComparisonSettings(replicas: 40, threads: 2)

  private func shifts(
    events: Int = 2000, energyShift: (Shower) -> Double = { _ in 0.1 }
  ) -> ShiftComparison {
    ShiftComparison(
      SyntheticSample.shifts(events: events, energyShift: energyShift), settings: settings)
  }

  @Test func shiftsAreMeasured() throws {
    let shifts = shifts()
    let energy = try #require(shifts.comparison.main?["ln_energy"]?["grid"]).summary
    #expect(abs(energy.median.value - 0.1) < 1e-9 && energy.width68.value < 1e-9)
    #expect(
      try #require(shifts.comparison.main?["space_angle"]?["grid"]).summary.width68.value == 0)
  }

  /// A correction that removes 30 m of 70 m shifts by 30 m, which is what its errors say.
  @Test func shiftsAreHeldAgainstPredictedErrors() throws {
    let core = try #require(shifts().consistency.first { $0.name == "core east" })
    #expect(abs(core.rootMeanSquare - 30) < 1.5)
    #expect(abs(core.expected - 30) < 1e-6)
    // |30 m| within sqrt(70^2 + 63^2) = 94 m: 99.8 %.
    #expect(core.coverage > 0.99)
  }

  /// Energies pushed up at large zenith angles bend the intensity; the standard ones leave it flat.
  @Test func theIntensityShowsAZenithBias() throws {
    let flat = shifts(events: 6000) { _ in 0 }
    #expect(flat.intensities.allSatisfy { $0.chi2 < 4 + 3.1 * 8.0.squareRoot() })
    let bent = shifts(events: 6000) { 6 * (1 / cos($0.zenith) - 1) }
    let grid = try #require(bent.intensities.first { $0.method == "grid" })
    #expect(grid.chi2 > 40)
    #expect(grid.counts.last ?? 0 > grid.counts.first ?? 0)
  }
}
