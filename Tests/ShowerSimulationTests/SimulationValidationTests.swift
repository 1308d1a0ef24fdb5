import ShowerModel
import Testing

@testable import ShowerSimulation

@Suite struct SimulationValidationTests {
  @Test func verdicts() {
    typealias Row = SimulationValidation.Row
    #expect(Row("a", 10, relative: 0.1, 10.9).verdict == "ok")
    #expect(Row("a", 10, relative: 0.1, 11.1).verdict == "off")
    #expect(Row("a", 10, absolute: 1, 8.9).verdict == "off")
    #expect(Row("a", "no tolerance", nil, 8.9).verdict == "-")
    #expect(Row("a", 10, absolute: 1, .nan).verdict == "off")
  }

  /// Signals and muons of the reference showers stay within the stated tolerances.
  @Test func muonNumbersAndShares() throws {
    let validation = try SimulationValidation(electromagneticField: TestSetup.field())
    let proton = validation.meanSignals(
      .proton, energy: 10, zenith: 30 * Units.degree, distance: 800, showers: 60)
    #expect(abs(proton.muonSignal / proton.total / 0.15 - 1) < 0.2)
    let reference = SimulationValidation.referenceSignal(energy: 10, zenith: 30 * Units.degree)
    #expect(abs(proton.total / reference - 1) < 0.05)
    // 60 showers: the mean of R_mu is known to 2 %.
    #expect(abs(proton.muonDensity / 2.718 - 1) < 0.06)
  }
}
