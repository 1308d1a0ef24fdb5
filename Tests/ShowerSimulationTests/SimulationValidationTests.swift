import ShowerModel
import Testing

@testable import ShowerSimulation
@testable import SimulationValidation

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
  @Test func muonNumbersAndShares() {
    let validation = SimulationValidation(constants: TestSetup.constants())
    let proton = validation.meanSignals(
      .proton, energy: 10, zenith: 30 * Units.degree, distance: 800, showers: 60)
    #expect(abs(proton.muonSignal / proton.total / 0.15 - 1) < 0.2)
    let reference = SimulationValidation.referenceSignal(energy: 10, zenith: 30 * Units.degree)
    #expect(abs(proton.total / reference - 1) < 0.05)
    // 60 showers: the mean of R_mu is known to 2 %.
    #expect(abs(proton.muonDensity / 2.718 - 1) < 0.06)
  }

  /// The ten showers that the constants were fitted to: densities and delays hold on average.
  @Test func corsikaShowersAreReproduced() throws {
    let showers = try CorsikaShower.read(
      showers: (TestSetup.text("Fixtures/corsika/showers.csv"), "showers.csv"),
      lateral: (TestSetup.text("Fixtures/corsika/lateral.csv"), "lateral.csv"))
    #expect(showers.count == 10)
    let comparison = CorsikaComparison(showers, constants: TestSetup.constants())
    for quantity in CorsikaComparison.Quantity.allCases {
      let own = comparison.entries.filter { $0.quantity == quantity }
      #expect(own.count == 150)
      let (mean, rms) = CorsikaComparison.summary(own)
      #expect(abs(mean) < 0.05, "\(quantity) \(mean)")
      #expect(rms < (quantity == .electromagneticSignal ? 0.12 : 0.09), "\(quantity) \(rms)")
    }
  }

  @Test(arguments: [
    ("file,primary\nA,p\n", "has no column"),
    ("file,primary,E_GeV,theta_deg,Xmax_slant_ch\n", "has no rows"),
    ("file,primary,E_GeV,theta_deg,Xmax_slant_ch\nA,p,1e9,25,x\n", "line 2: Xmax_slant_ch: x"),
    ("file,primary,E_GeV,theta_deg,Xmax_slant_ch\nA,unobtainium,1e9,25,780\n", "unknown primary"),
    ("file,primary,E_GeV,theta_deg,Xmax_slant_ch\nA,p,1e9\n", "line 2: 3 fields"),
    ("file,primary,E_GeV,theta_deg,Xmax_slant_ch\nA,p,1e9,25,780\n", "no row of shower A"),
  ]) func brokenReferencesAreRefused(showers: String, reason: String) {
    let error = #expect(throws: TableError.self) {
      try CorsikaShower.read(
        showers: (showers, "showers.csv"), lateral: ("file,r_mean_m\nB,200\n", "lateral.csv"))
    }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }
}
