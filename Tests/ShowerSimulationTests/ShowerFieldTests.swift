import Foundation
import ShowerModel
import Testing

@testable import ShowerSimulation
@testable import SimulationValidation

@Suite struct ShowerFieldTests {
  /// The same formulas in numpy (Tools/tune-simulation.py --points).
  @Test func modelIsThatOfTheFit() throws {
    let table = try NumberTable(
      parsing: TestSetup.text("Fixtures/corsika/model-points.csv"), name: "model-points.csv")
    let constants = TestSetup.constants()
    for row in table.rowIndices {
      func value(_ column: String) throws -> Double { try table.number(row, column) }
      let zenith = try value("zenith_deg") * Units.degree
      let (r, a) = (try value("r_m"), try value("upstream_m"))
      let muons = MuonReference(
        energy: 10, muonScale: 1,
        muonMaximum: constants.muons.meanMaximum(xmax: 781.8, primary: .proton), zenith: zenith,
        distance: r, upstream: a, constants: constants.muons)
      #expect(abs(muons.density / (try value("muon_density")) - 1) < 0.002)
      // Quantiles of 26 x 30 points step by up to 5 %.
      for (fraction, column) in [(0.1, "muon_t10"), (0.5, "muon_t50"), (0.9, "muon_t90")] {
        let expected = try value(column)
        #expect(abs(muons.delayQuantile(fraction) - expected) < 1 + 0.06 * expected)
      }
      var field = TestSetup.showerField(TestSetup.truth(zenith: zenith))
      let signals = field.signals(distance: r, upstream: a)
      #expect(abs((signals.pure + signals.hadronic) / (try value("em_cascade")) - 1) < 0.001)
      #expect(abs(log(signals.arrival.median) - (try value("log_median"))) < 0.001)
      #expect(abs(signals.arrival.width - (try value("width"))) < 0.001)
    }
  }

  @Test func fieldOutsideTheFittedDistances() {
    let field = ElectromagneticField(TestSetup.constants().electromagnetic)
    #expect(field.signal(distance: 800, depthBeyondMaximum: -600) == 0)
    for (inner, outer, slope) in [(50.0, 100.0, 1.6), (4000, 5000, 5.2)] {
      let ratio =
        field.signal(distance: inner, depthBeyondMaximum: 200)
        / field.signal(distance: outer, depthBeyondMaximum: 200)
      #expect(abs(ratio / pow(outer / inner, slope) - 1) < 1e-9)
    }
  }

  @Test func delaysAreLogNormal() {
    let law = ArrivalTimes.Law(median: 700, width: 0.6)
    #expect(law.delay(normal: 0) == 700)
    #expect(abs(law.cumulative(700) - 0.5) < 1e-12)
    #expect(abs(law.cumulative(law.delay(normal: -1)) - 0.158655) < 1e-6)
    #expect(law.cumulative(0) == 0)
    // Later behind, wider near the core, earlier and narrower on the late side.
    let times = ArrivalTimes(TestSetup.constants().delay)
    func at(_ r: Double, _ a: Double) -> ArrivalTimes.Law {
      times.law(distance: r, upstream: a, depthBeyondMaximum: 280)
    }
    #expect(at(1600, 0).median > 2 * at(800, 0).median)
    #expect(at(200, 0).width > at(800, 0).width)
    #expect(at(800, 300).median > at(800, -300).median)
  }

  @Test func brokenConstantsAreRefused() throws {
    let text = try TestSetup.text("tables/simulation/shower-model.json")
    let broken = [
      ("", "", "not valid JSON"), ("\"momentumScale\"", "\"momentum\"", "momentumScale is missing"),
      ("\"hadronicFraction\": ", "\"hadronicFraction\": \"much\", \"x\": ", "hadronicFraction"),
      ("\"productionLength\": ", "\"productionLength\": -", "productionLength must be positive"),
    ]
    for (old, new, reason) in broken {
      let changed = old.isEmpty ? "{" : text.replacingOccurrences(of: old, with: new)
      #expect(changed != text)
      let error = #expect(throws: TableError.self) {
        try ShowerConstants(parsing: changed, file: "model.json")
      }
      #expect(error?.description.contains("model.json: ") == true)
      #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
  }

  /// The signal of a reference proton shower at 800 m is TA's energy formula.
  @Test func protonSignalFollowsEnergyFormula() {
    for (theta, expected) in [(0.0, 21.65), (28.7, 20.82), (38.6, 17.30), (45, 13.40)] {
      var field = TestSetup.showerField(
        TestSetup.truth(zenith: theta * Units.degree, muonScale: 1))
      let signals = field.signals(distance: 800, upstream: 0)
      #expect(abs(signals.total / expected - 1) < 0.05, "\(theta)")
    }
  }

  @Test func lateralSlopeIsThatOfTheTelescopeArray() {
    let distribution = LateralDistribution.utah
    for theta in [0.0, 30, 45] {
      let zenith = theta * Units.degree
      var field = TestSetup.showerField(TestSetup.truth(zenith: zenith))
      let ratio =
        field.signals(distance: 200, upstream: 0).total
        / field.signals(distance: 3000, upstream: 0).total
      let expected = distribution(200, zenith: zenith) / distribution(3000, zenith: zenith)
      #expect(abs(log(ratio) / log(expected) - 1) < 0.03)
    }
  }

  /// Iron over proton at 800 m, averaged over sin^2 theta to 45 degrees: 1.085 (TA's energy
  /// tables).
  @Test func ironOverProton() {
    var ratios: [Double] = []
    for index in 0..<8 {
      let zenith = asin((0.5 * (Double(index) + 0.5) / 8).squareRoot())
      func signal(_ primary: Primary) -> Double {
        let distribution = DepthOfMaximum(
          nucleus: primary.massNumber, logEnergy: 19, model: .qgsjetII03)
        let scale = MuonNumber(primary: primary, model: .qgsjetII03).mean
        var field = TestSetup.showerField(
          TestSetup.truth(
            primary, zenith: zenith, xmax: distribution.mean, muonScale: scale))
        return field.signals(distance: 800, upstream: 0).total
      }
      ratios.append(signal(.iron) / signal(.proton))
    }
    #expect(abs(mean(ratios) - 1.085) < 0.02, "\(mean(ratios))")
    // Iron is richer in muons: its advantage does not vanish at 45 degrees, but is less than
    // overhead.
    #expect(ratios[0] > ratios[7])
  }

  @Test func photonsAreWeakAndMuonPoor() {
    let zenith = 25 * Units.degree
    var photon = TestSetup.showerField(
      TestSetup.truth(.photon, zenith: zenith, xmax: 999, muonScale: 0.13))
    var proton = TestSetup.showerField(
      TestSetup.truth(zenith: zenith, xmax: 793, muonScale: 1))
    let (g, p) = (
      photon.signals(distance: 800, upstream: 0), proton.signals(distance: 800, upstream: 0)
    )
    #expect(abs(g.total / p.total / 0.47 - 1) < 0.15)
    #expect(g.muonSignal / g.total < 0.5 * p.muonSignal / p.total)
  }

  @Test func knobsScaleWhatTheySay() {
    let truth = TestSetup.truth(zenith: 30 * Units.degree)
    var nominal = TestSetup.showerField(truth)
    var configuration = TestSetup.reference
    configuration.electromagneticDelayFactor = 1.1
    configuration.electromagneticWidthFactor = 0.9
    configuration.hadronicFractionOffset = 0.1
    var varied = TestSetup.showerField(truth, configuration)
    let a = nominal.signals(distance: 1000, upstream: 100)
    let b = varied.signals(distance: 1000, upstream: 100)
    #expect(abs(b.arrival.median / a.arrival.median - 1.1) < 1e-12)
    #expect(abs(b.arrival.width / a.arrival.width - 0.9) < 1e-12)
    #expect(b.hadronic > a.hadronic && b.pure < a.pure)
    #expect(b.muonDensity == a.muonDensity)
    // A systematic variation with more muons: more in the shower, no more in its cascade.
    configuration = TestSetup.reference
    configuration.muonScaleFactor = 1.2
    var richer = truth
    richer.muonScale *= 1.2
    var more = TestSetup.showerField(richer, configuration)
    let c = more.signals(distance: 1000, upstream: 100)
    #expect(abs(c.muonDensity / a.muonDensity - 1.2) < 1e-9)
    #expect(abs(c.hadronic / a.hadronic - 1) < 1e-9)
  }
}
