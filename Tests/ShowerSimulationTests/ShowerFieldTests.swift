import Glibc
import ShowerModel
import Testing

@testable import ShowerSimulation

@Suite struct ShowerFieldTests {
  @Test func electromagneticFieldAtReferencePoints() throws {
    let field = try TestSetup.field()
    let expected: [(Double, [(Double, Double)])] = [
      (0, [(200, 3264), (800, 18.27), (1500, 0.938)]),
      (30, [(200, 2235), (800, 16.68), (1500, 1.005)]),
      (45, [(200, 825.5), (800, 9.551), (1500, 0.716)]),
    ]
    for (theta, values) in expected {
      let depth = Atmosphere.telescopeArray.groundDepth / cos(theta * Units.degree) - 781.8
      for (r, e) in values {
        #expect(abs(field.signal(distance: r, depthBeyondMaximum: depth) / e - 1) < 0.001)
      }
    }
    #expect(field.signal(distance: 800, depthBeyondMaximum: -600) == 0)
    #expect(
      abs(
        field.signal(distance: 50, depthBeyondMaximum: 0)
          / field.signal(distance: 100, depthBeyondMaximum: 0) - pow(2, 1.6)) < 1e-9)
  }

  @Test(arguments: [
    "", "r_m,ln_norm,peak,lambda\n", "100,1,2,3\n200,1,2,3\n",
    "r_m,ln_norm,peak,lambda\n100,1,2,3\n100,1,2,3\n",
    "r_m,ln_norm,peak,lambda\n100,1,2,3\n200,1,nan,3\n",
    "r_m,ln_norm,peak,lambda\n100,1,2,3\n200,1,2\n",
    "r_m,ln_norm,peak,lambda\n100,1,2,3\n200,1,2,-3\n",
  ]) func brokenTablesAreRefused(text: String) {
    #expect(throws: ElectromagneticFieldError.self) {
      try ElectromagneticField(parsing: text, name: "broken.csv")
    }
  }

  /// The signal of a reference proton shower at 800 m is TA's energy formula.
  @Test func protonSignalFollowsEnergyFormula() throws {
    for (theta, expected) in [(0.0, 21.65), (28.7, 20.82), (38.6, 17.30), (45, 13.40)] {
      var field = try TestSetup.showerField(
        TestSetup.truth(zenith: theta * Units.degree, muonScale: 1))
      let signals = field.signals(distance: 800, upstream: 0)
      #expect(abs(signals.total / expected - 1) < 0.05, "\(theta)")
    }
  }

  @Test func lateralSlopeIsThatOfTheTelescopeArray() throws {
    let distribution = LateralDistribution.utah
    for theta in [0.0, 30, 45] {
      let zenith = theta * Units.degree
      var field = try TestSetup.showerField(TestSetup.truth(zenith: zenith))
      let ratio =
        field.signals(distance: 200, upstream: 0).total
        / field.signals(distance: 3000, upstream: 0).total
      let expected = distribution(200, zenith: zenith) / distribution(3000, zenith: zenith)
      #expect(abs(log(ratio) / log(expected) - 1) < 0.03)
    }
  }

  /// Iron over proton at 800 m, averaged over sin^2 theta to 45 degrees: 1.085 (TA's energy tables).
  @Test func ironOverProton() throws {
    var ratios: [Double] = []
    for index in 0..<8 {
      let zenith = asin((0.5 * (Double(index) + 0.5) / 8).squareRoot())
      func signal(_ primary: Primary) throws -> Double {
        let distribution = DepthOfMaximum(
          nucleus: primary.massNumber, logEnergy: 19, model: .qgsjetII03)
        let scale = MuonNumber(primary: primary, model: .qgsjetII03).mean
        var field = try TestSetup.showerField(
          TestSetup.truth(
            primary, zenith: zenith, xmax: distribution.mean, muonScale: scale))
        return field.signals(distance: 800, upstream: 0).total
      }
      ratios.append(try signal(.iron) / signal(.proton))
    }
    #expect(abs(mean(ratios) - 1.085) < 0.02, "\(mean(ratios))")
    // Iron is richer in muons: its advantage does not vanish at 45 degrees, but is less than overhead.
    #expect(ratios[0] > ratios[7])
  }

  @Test func photonsAreWeakAndMuonPoor() throws {
    let zenith = 25 * Units.degree
    var photon = try TestSetup.showerField(
      TestSetup.truth(.photon, zenith: zenith, xmax: 999, muonScale: 0.13 * 1.15))
    var proton = try TestSetup.showerField(
      TestSetup.truth(zenith: zenith, xmax: 793, muonScale: 1.15))
    let (g, p) = (
      photon.signals(distance: 800, upstream: 0), proton.signals(distance: 800, upstream: 0)
    )
    #expect(abs(g.total / p.total / 0.47 - 1) < 0.15)
    #expect(g.muonSignal / g.total < 0.5 * p.muonSignal / p.total)
  }

  @Test func knobsScaleWhatTheySay() throws {
    let truth = TestSetup.truth(zenith: 30 * Units.degree)
    var nominal = try TestSetup.showerField(truth)
    var configuration = SimulationConfiguration()
    configuration.frontDelayFactor = 1.1
    configuration.meanDelayFactor = 1.1
    configuration.hadronicFractionOffset = 0.1
    var varied = try TestSetup.showerField(truth, configuration)
    let a = nominal.signals(distance: 1000, upstream: 100)
    let b = varied.signals(distance: 1000, upstream: 100)
    #expect(abs(b.frontDelay / a.frontDelay - 1.1) < 1e-12)
    #expect(abs(b.meanDelay / a.meanDelay - 1.1) < 1e-12)
    #expect(b.hadronic > a.hadronic && b.pure < a.pure)
    #expect(b.muonDensity == a.muonDensity)
  }
}
