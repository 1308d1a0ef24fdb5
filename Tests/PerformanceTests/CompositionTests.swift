import Foundation
import ShowerModel
import Testing

@testable import Performance

/// Merit factors, biases and resolutions of outputs whose distributions are known.
@Suite struct CompositionTests {
  /// Xmax of a primary is normal about 850 - 30 ln A; estimates have a bias and an error.
  private func sample(
    _ count: Int, predicts: Bool = true, usesOfShower: Int = 1
  ) -> CompositionSample {
    var sample = CompositionSample(methods: ["network"])
    let standard = StandardResult.failed(.noCluster)
    for event in 0..<count {
      var random = CounterRandom(seed: 4, event: event / usesOfShower)
      let primary = [Primary.proton, .helium, .nitrogen, .iron, .photon][event / usesOfShower % 5]
      let mass = log(Double(max(primary.massNumber, 1)))
      let xmax = 850 - 30 * mass + 40 * random.normal()
      let energy = 19 + random.uniform()
      var own = standard
      own.curvature = exp(mass + 2 * random.normal())
      (own.signal800, own.reconstruction.shower.zenith) = (10, 0.4)
      sample.append(
        Truth(
          shower: Shower(
            logEnergy: energy, zenith: 0.4, azimuth: 0, coreX: 0, coreY: 0, time: 0),
          primary: primary, xmax: xmax, muonScale: 1),
        shower: Int32(event / usesOfShower), standard: own,
        others: [
          Reconstruction(
            shower: .undefined, sigma: .undefined, status: .good,
            composition: predicts
              ? CompositionEstimate(
                xmax: xmax + 5 + 30 * random.normal(), xmaxSigma: 30,
                logMass: 1 + 0.5 * mass + 0.8 * random.normal(), logMassSigma: 1) : .none)
        ], weight: nil)
    }
    return sample
  }

  private func comparison(_ sample: CompositionSample, showers: Int) throws
    -> CompositionComparison
  {
    try #require(
      CompositionComparison(
        sample, ComparisonSettings(replicas: 200, threads: 2), showerCount: showers))
  }

  @Test func numbersOfKnownDistributions() throws {
    let count = 10_000
    let result = try comparison(sample(count), showers: count)
    let (xmax, mass) = (result.outputs[0], result.outputs[1])
    // Photons are left out.
    #expect(xmax.whole.events == 8000 && xmax.quantity == "xmax")
    func isNear(
      _ estimate: Estimate?, _ value: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let estimate = try #require(estimate)
      let half = (estimate.high95 - estimate.low95) / 2
      #expect(
        abs(estimate.value - value) < 2 * half, "\(estimate) and \(value)",
        sourceLocation: sourceLocation)
    }
    try isNear(xmax.whole.bias, 5)
    try isNear(xmax.whole.resolution, 30)
    // 30 ln 56 apart, each of width sqrt(40^2 + 30^2).
    try isNear(xmax.whole.merit, 30 * log(56.0) / (2.0.squareRoot() * 50))
    try isNear(mass.whole.merit, 0.5 * log(56.0) / (2.0.squareRoot() * 0.8))
    let iron = try #require(result.primaries.firstIndex(of: .iron))
    try isNear(mass.byPrimary[iron].bias, 1 - 0.5 * log(56.0))
    try isNear(mass.byPrimary[iron].resolution, 0.8)
    #expect(mass.byPrimary[iron].merit == nil)
    // log10 E from 1 to 2 in bins of a quarter.
    #expect(result.energies.map(\.low) == [1, 1.25, 1.5, 1.75])
    #expect(xmax.byEnergy.map(\.events).reduce(0, +) == 8000)
    for bin in xmax.byEnergy { try isNear(bin.resolution, 30) }
    #expect(abs(result.spread.logMass - 1.52) < 0.05)
    // ln of the curvature has a width of 2, and no truth.
    let curvature = try #require(result.outputs.first { $0.quantity == "curvature" })
    #expect(curvature.isObservable && curvature.method == "standard")
    try isNear(curvature.whole.merit, log(56.0) / (2.0.squareRoot() * 2))
    // The control has no more than the curvature to learn from.
    let control = try #require(
      result.outputs.first { $0.method == "linear" && $0.quantity == "ln_mass" })
    #expect(abs(try #require(control.whole.bias).value) < 0.1)
    let merit = try #require(control.whole.merit).value
    #expect(merit > 0.9 * log(56.0) / (2.0.squareRoot() * 2) && merit < 2)
  }

  @Test func eventsOfOneShowerAreNotIndependent() throws {
    let alone = try comparison(sample(2000), showers: 2000)
    let repeated = try comparison(sample(20_000, usesOfShower: 10), showers: 2000)
    func width(_ result: CompositionComparison) throws -> Double {
      let merit = try #require(result.outputs[0].whole.merit)
      return merit.high95 - merit.low95
    }
    #expect(abs(try width(repeated) / width(alone) - 1) < 0.01)
  }

  @Test func nothingWithoutAPrediction() {
    #expect(
      CompositionComparison(
        sample(500, predicts: false), ComparisonSettings(replicas: 50), showerCount: 500) == nil)
  }
}
