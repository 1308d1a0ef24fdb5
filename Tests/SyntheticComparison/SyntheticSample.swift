internal import Glibc
package import Performance
package import ShowerModel

extension QualityCuts {
  /// Cuts that the failures of the sample fail.
  package static let wellMeasured = QualityCuts(
    name: "wellMeasured", minimumStations: 5, maximumReducedChi2: 5, maximumSignalUncertainty: 0.25,
    maximumDirectionUncertainty: 5 * Units.degree, maximumZenith: 45 * Units.degree)
  package static let everything = QualityCuts(name: "everything")
}

extension Method {
  /// The method that a synthetic sample corrects by.
  package static let grid = Method("grid")

  /// A method by the names of old files.
  package init(_ name: String, explanation: String? = nil) {
    self.init(MethodIdentity(ofOldFile: name), explanation: explanation)
  }
}

/// Events with known errors of the standard method and of others, as like to real ones as the tests
/// need.
package struct SyntheticSample {
  package var events = 3000
  package var seed: UInt64 = 5
  /// Fraction of the residual of the standard method that is left by the other one.
  package var left = 0.6
  /// Events made of each shower; their errors are then the same.
  package var usesOfShower = 1
  package var withPhotons = false
  package var withFailures = false

  package init(
    events: Int = 3000, seed: UInt64 = 5, left: Double = 0.6, usesOfShower: Int = 1,
    withPhotons: Bool = false, withFailures: Bool = false
  ) {
    self.events = events
    self.seed = seed
    self.left = left
    self.usesOfShower = usesOfShower
    self.withPhotons = withPhotons
    self.withFailures = withFailures
  }

  /// Energies E^-1 from 1 to 100 EeV, angular errors falling with energy, energy bias by mass.
  package func sample(cuts: QualityCuts = .wellMeasured) -> ComparisonSample {
    var sample = ComparisonSample(cuts: cuts, methods: [.grid])
    for event in 0..<events {
      let showerID = event / usesOfShower
      var random = CounterRandom(seed: seed, event: showerID)
      let (truth, standard) = Self.event(&random, withPhotons: withPhotons)
      let corrected = Self.corrected(standard.shower, truth.shower, left: left, &random)
      func append(_ standard: StandardResult, _ corrected: Reconstruction) {
        sample.append(
          truth: truth, showerID: 1_000_000 + showerID, standard: standard, others: [corrected])
      }
      guard withFailures else {
        append(standard, corrected)
        continue
      }
      switch event % 40 {
      case 0:
        append(
          .failed(event % 80 == 0 ? .notConverged : .noCluster), .failed(.noStandardResult))
      case 1:
        var weak = standard
        weak.stationCount = 4
        append(weak, corrected)
      case 2:
        var poor = standard
        poor.chi2Time = 300
        append(poor, corrected)
      case 3 where event % 200 == 3: append(standard, .failed(.unphysical))
      default: append(standard, corrected)
      }
    }
    return sample
  }

  package static func event(_ random: inout CounterRandom, withPhotons: Bool = false)
    -> (Truth, StandardResult)
  {
    let primaries: [Primary] =
      [.proton, .helium, .nitrogen, .iron] + (withPhotons ? [.photon] : [])
    let primary = primaries[
      min(Int(random.uniform() * Double(primaries.count)), primaries.count - 1)]
    let shower = Shower(
      logEnergy: random.uniform(18..<20), zenith: asin((0.5 * random.uniform()).squareRoot()),
      azimuth: random.uniform(-Double.pi..<Double.pi), coreX: random.uniform(-5000..<5000),
      coreY: random.uniform(-5000..<5000), time: 0)
    let angle = 1.5 * Units.degree * pow(shower.energy / 10, -0.15)
    let massBias = primary == .photon ? -0.7 : 0.12 - 0.05 * log(Double(max(primary.massNumber, 1)))
    let reconstructed = shower.shifted(by: [
      angle * random.normal() - 0.3 * Units.degree, angle * random.normal(),
      0.15 * random.normal() + massBias, 70 * random.normal() + 40, 60 * random.normal(),
    ])
    // 0.15 in ln E, 70 and 60 m; 1.5 degrees at 10 EeV.
    let sigma = Shower(
      logEnergy: 0.15 / log(10), zenith: angle, azimuth: angle / sin(shower.zenith), coreX: 70,
      coreY: 70, time: 1)
    var standard = StandardResult(
      reconstruction: Reconstruction(shower: reconstructed, sigma: sigma, status: .good))
    // So that a polynomial in S800 has something to go by.
    standard.signal800 = 4 * reconstructed.energy
    standard.signal800Sigma = 0.4 * reconstructed.energy
    standard.directionSigma = 0.02
    standard.edgeDistance = 5000 - max(abs(shower.coreX), abs(shower.coreY))
    standard.stationCount = 9
    standard.chi2Time = 10
    standard.chi2Signal = 5
    standard.chi2Silent = 0
    standard.degreesOfFreedom = 11
    return (Truth(shower: shower, primary: primary, xmax: 750, muonScale: 1), standard)
  }

  /// The standard result moved towards the truth, with some noise.
  package static func corrected(
    _ standard: Shower, _ truth: Shower, left: Double, _ random: inout CounterRandom
  ) -> Reconstruction {
    let residuals = Residual.all.map { $0.value(truth, standard) }
    let noise = [0.003, 0.003, 0.03, 8.0, 8.0]
    let shift = zip(residuals, noise).map { (1 - left) * $0 + $1 * random.normal() }
    return Reconstruction(shower: standard.shifted(by: shift), sigma: standard, status: .good)
  }
}

extension SyntheticSample {
  /// A sample of other methods, made event by event.
  package func gathered(
    _ methods: [Method] = [.grid],
    _ others: (Truth, StandardResult, inout CounterRandom) -> [Reconstruction]
  ) -> ComparisonSample {
    var sample = ComparisonSample(cuts: .everything, methods: methods)
    for event in 0..<events {
      var random = CounterRandom(seed: seed, event: event)
      let (truth, standard) = Self.event(&random)
      sample.append(
        truth: truth, showerID: event, standard: standard,
        others: others(truth, standard, &random))
    }
    return sample
  }

  /// The corrected result is the standard one.
  package func unchanged() -> ComparisonSample {
    gathered { _, standard, _ in [standard.reconstruction] }
  }

  /// The corrected result is the truth.
  package func perfect() -> ComparisonSample {
    gathered { truth, standard, _ in
      [
        Reconstruction(
          shower: truth.shower, sigma: standard.reconstruction.sigma, status: .good)
      ]
    }
  }

  /// Two samples in which the methods have changed places.
  package func pairOfOpposites() -> (ComparisonSample, ComparisonSample) {
    let first = gathered { [Self.corrected($1.shower, $0.shower, left: 0.6, &$2)] }
    var second = ComparisonSample(cuts: .everything, methods: [.grid])
    for event in 0..<events {
      var random = CounterRandom(seed: seed, event: event)
      let (truth, standard) = Self.event(&random)
      let corrected = Self.corrected(standard.shower, truth.shower, left: 0.6, &random)
      var exchanged = standard
      exchanged.reconstruction = corrected
      second.append(
        truth: truth, showerID: event, standard: exchanged, others: [standard.reconstruction])
    }
    return (first, second)
  }

  /// Adds events of one energy.
  package static func add(events: Int, logEnergy: Double, to sample: inout ComparisonSample) {
    for number in 0..<events {
      var random = CounterRandom(seed: 77, event: number)
      var (truth, standard) = Self.event(&random)
      let shift = logEnergy - truth.shower.logEnergy
      truth.shower.logEnergy += shift
      standard.reconstruction.shower.logEnergy += shift
      sample.append(
        truth: truth, showerID: 5_000_000 + number, standard: standard,
        others: [standard.reconstruction])
    }
  }
}

extension SyntheticSample {
  /// A method that takes a known part of known errors away, on directions uniform in sin^2 theta.
  package static func shifts(
    events: Int = 2000, energyShift: (Shower) -> Double = { _ in 0.1 }
  ) -> ShiftSample {
    var sample = ShiftSample(cuts: .everything, methods: [.grid])
    for event in 0..<events {
      var random = CounterRandom(seed: 17, event: event)
      let (truth, original) = Self.event(&random)
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
    return sample
  }
}

extension Comparison {
  /// Errors of the synthetic method in a quantity on all events.
  package func grid(_ quantity: String) -> MethodErrors? { main?[quantity]?["grid"] }
}
