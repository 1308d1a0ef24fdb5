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
      let cascade = field.cascade(distance: r)
      #expect(abs(cascade.photons / (try value("photons")) - 1) < 0.001)
      let electrons = cascade.electrons + field.decayElectrons(signals)
      // The transport table has the muons to 2 %.
      #expect(abs(electrons / (try value("electrons")) - 1) < 0.01)
      for (arrival, name) in [
        (signals.photonArrival, "photon"), (signals.electronArrival, "electron"),
      ] {
        #expect(abs(log(arrival.median) - (try value(name + "_log_median"))) < 0.001)
        #expect(abs(arrival.width - (try value(name + "_width"))) < 0.001)
      }
    }
  }

  @Test func fieldOutsideTheFittedDistances() {
    let field = PhotonField(TestSetup.constants().photons)
    #expect(field.density(distance: 800, depthBeyondMaximum: -600) == 0)
    for (inner, outer, slope) in [(50.0, 100.0, 2.4), (4000, 5000, 5.6)] {
      let ratio =
        field.density(distance: inner, depthBeyondMaximum: 200)
        / field.density(distance: outer, depthBeyondMaximum: 200)
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
    let times = ArrivalTimes(TestSetup.constants().photons.delay)
    func at(_ r: Double, _ a: Double) -> ArrivalTimes.Law {
      times.law(distance: r, upstream: a, depthBeyondMaximum: 280)
    }
    #expect(at(1600, 0).median > 2 * at(800, 0).median)
    #expect(at(200, 0).width > at(800, 0).width)
    #expect(at(800, 300).median > at(800, -300).median)
    // By the same factor twice as far out, since a/r is the same. First particles differ less.
    let (near, far) = (at(800, 300), at(1600, 600))
    let ratio = far.median / at(1600, 0).median * at(800, 0).median / near.median
    #expect(abs(ratio - 1) < 0.05, "\(ratio)")
    let late = at(800, -300)
    #expect(near.delay(normal: -2) / late.delay(normal: -2) < near.median / late.median)
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

  /// S800 of mean protons of QGSJETII-03 within 15 % of the published energy tables of the
  /// Telescope Array at 10 and 30 EeV.
  @Test func protonSignalsAreThoseOfThePublishedTables() {
    for (energy, xmax, signals) in [
      (10.0, 785.0, [29.41, 26.90, 22.34, 16.07]), (30, 807, [79.81, 74.22, 63.57, 46.93]),
    ] {
      for (theta, expected) in zip([0.0, 28.7, 38.6, 45], signals) {
        var field = TestSetup.showerField(
          TestSetup.truth(energy: energy, zenith: theta * Units.degree, xmax: xmax))
        let ratio = TrueSignal.signal800(&field) / expected
        #expect(abs(ratio - 1) < 0.15, "\(energy) EeV, \(theta): \(ratio)")
      }
    }
  }

  /// Slope of the signal against the lateral distribution that the Telescope Array uses.
  @Test func lateralSlopeIsThatOfTheTelescopeArray() {
    let distribution = LateralDistribution.utah
    for theta in [0.0, 30, 45] {
      let zenith = theta * Units.degree
      var field = TestSetup.showerField(TestSetup.truth(zenith: zenith))
      let ratio =
        field.signals(distance: 500, upstream: 0).total
        / field.signals(distance: 2000, upstream: 0).total
      let expected = distribution(500, zenith: zenith) / distribution(2000, zenith: zenith)
      #expect(abs(log(ratio) / log(expected) - 1) < 0.05)
    }
  }

  /// Iron over proton at 800 m, averaged over sin^2 theta to 45 degrees: 1.083 (published energy
  /// tables of the Telescope Array at 10 EeV).
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
    #expect(abs(mean(ratios) - 1.083) < 0.04, "\(mean(ratios))")
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
    #expect(g.total / p.total > 0.35 && g.total / p.total < 0.65)
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
    #expect(abs(b.photonArrival.median / a.photonArrival.median - 1.1) < 1e-12)
    #expect(abs(b.photonArrival.width / a.photonArrival.width - 0.9) < 1e-12)
    // The reference shower keeps its signal, whatever part of it hadrons feed.
    #expect(abs(b.photons.signal / a.photons.signal - 1) < 1e-6)
    #expect(b.muonDensity == a.muonDensity)
    // A systematic variation with more muons: more in the shower, no more in its cascade.
    configuration = TestSetup.reference
    configuration.muonScaleFactor = 1.2
    var richer = truth
    richer.muonScale *= 1.2
    var more = TestSetup.showerField(richer, configuration)
    let c = more.signals(distance: 1000, upstream: 100)
    #expect(abs(c.muonDensity / a.muonDensity - 1.2) < 1e-9)
    #expect(c.photons.signal <= a.photons.signal && c.photons.signal > 0.97 * a.photons.signal)
  }
}
