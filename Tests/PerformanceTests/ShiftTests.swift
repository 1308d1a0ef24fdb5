import Glibc
import ShowerModel
import Testing

@testable import Performance

/// Comparisons on data, which have no truth.
@Suite struct ShiftTests {
  private let settings = ComparisonSettings(replicas: 40, threads: 2)

  /// A method that takes a known part of known errors away, on directions uniform in sin^2 theta.
  private func shifts(
    events: Int = 2000, energyShift: @escaping (Shower) -> Double = { _ in 0.1 }
  ) -> ShiftComparison {
    var sample = ShiftSample(cuts: .everything, methods: [.grid])
    for event in 0..<events {
      var random = CounterRandom(seed: 17, event: event)
      let (truth, original) = SyntheticSample.event(&random)
      var standard = original
      standard.reconstruction.shower.zenith = truth.shower.zenith
      var shower = standard.shower
      shower.logEnergy += energyShift(shower) / log(10)
      shower.coreX += 30 * random.normal()
      var sigma = standard.reconstruction.sigma
      sigma.coreX = (70.0 * 70 - 30 * 30).squareRoot()
      sample.append(
        eventID: event, standard: standard,
        others: [Reconstruction(shower: shower, sigma: sigma, status: .good)])
    }
    return ShiftComparison(sample, settings: settings)
  }

  @Test func shiftsAreMeasuredAndLabelled() throws {
    let shifts = shifts()
    let energy = try #require(shifts.comparison.main?["ln_energy"]?["grid"]).summary
    #expect(abs(energy.median.value - 0.1) < 1e-9 && energy.width68.value < 1e-9)
    #expect(
      try #require(shifts.comparison.main?["space_angle"]?["grid"]).summary.width68.value == 0)
    let text = shifts.terminalText(isColoured: false)
    #expect(text.hasPrefix("DATA: no truth."))
    #expect(!text.contains("gain (") && !text.contains("EV_"))
    #expect(shifts.verdict.contains("not errors"))
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
    #expect(bent.warnings.contains { $0.contains("grid: the intensity above 10 EeV") })
  }

  @Test func theSummaryHoldsNoErrors() throws {
    let summary = Summary(title: "", shifts: shifts(events: 300), provenance: [])
    let text = String(decoding: try summary.json(), as: UTF8.self)
    #expect(text.contains("\"kind\" : \"data\""))
    #expect(text.contains("\"notice\""))
    #expect(!text.contains("explained_variance") && !text.contains("\"gain\""))
    #expect(summary.csv.contains("shifts/whole/ln_energy/grid/median"))
  }
}
