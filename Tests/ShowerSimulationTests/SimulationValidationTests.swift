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
    let validation = SimulationValidation(
      constants: TestSetup.constants(), response: TestSetup.responseTable())
    let proton = validation.meanSignals(
      .proton, energy: 10, zenith: 30 * Units.degree, distance: 800, showers: 60)
    // CORSIKA (SIBYLL 2.3c) and response table 0.163, a fifth fewer muons here.
    #expect(abs(proton.muonSignal / proton.total / 0.137 - 1) < 0.15)
    // 60 showers: the mean of R_mu is known to 2 %.
    #expect(abs(proton.muonDensity / 2.718 - 1) < 0.06)
  }

  /// The showers that the constants were fitted to: densities, signals and delays hold on average.
  @Test func corsikaShowersAreReproduced() throws {
    func file(_ name: String) throws -> CorsikaShower.Text {
      (try TestSetup.text("Fixtures/corsika/" + name), name)
    }
    let showers = try CorsikaShower.read(
      showers: file("showers.csv"), lateral: file("lateral.csv"), azimuth: file("azimuth.csv"),
      components: file("components.csv"))
    #expect(showers.count == 14)
    let comparison = CorsikaComparison(
      showers, constants: TestSetup.constants(), response: TestSetup.responseTable())
    for quantity in CorsikaComparison.Quantity.allCases {
      let own = comparison.entries.filter { $0.quantity == quantity }
      // Particle files of six showers are known.
      let signals: [CorsikaComparison.Quantity] = [
        .muonSignal, .photonSignal, .electronSignal, .totalSignal,
      ]
      let isSignal = signals.contains(quantity)
      #expect(own.count == (isSignal ? 90 : 210))
      let (mean, rms) = CorsikaComparison.summary(own)
      #expect(abs(mean) < 0.10, "\(quantity) \(mean)")
      let isElectron = [
        .electronDensity, .electronSignal, .electronT10, .electronT50, .electronT90,
      ].contains(quantity)
      #expect(rms < (isElectron ? 0.2 : 0.12), "\(quantity) \(rms)")
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
