import ShowerModel
import Testing

@testable import ShowerSimulation

@Suite struct DepthOfMaximumTests {
  /// Mean and rms published for the models, by A and lgE.
  static let published: [(InteractionModel, Int, Double, Double, Double)] = [
    (.qgsjetII04, 1, 18, 739, 65), (.qgsjetII04, 1, 19, 793, 61), (.qgsjetII04, 1, 20, 848, 58),
    (.qgsjetII04, 4, 18, 704, 45), (.qgsjetII04, 4, 19, 758, 43), (.qgsjetII04, 4, 20, 813, 41),
    (.qgsjetII04, 14, 18, 676, 35.5), (.qgsjetII04, 14, 19, 731, 33.5),
    (.qgsjetII04, 14, 20, 785, 32), (.qgsjetII04, 56, 18, 642, 23.5),
    (.qgsjetII04, 56, 19, 698, 22), (.qgsjetII04, 56, 20, 751, 21.5),
    (.eposLHC, 1, 18, 752, 62), (.eposLHC, 1, 19, 808, 59), (.eposLHC, 1, 20, 863, 56),
    (.eposLHC, 56, 18, 652, 18), (.eposLHC, 56, 19, 712, 17), (.eposLHC, 56, 20, 768, 15.5),
  ]

  @Test(arguments: published.indices) func formulasGivePublishedMoments(index: Int) {
    let (model, mass, logEnergy, mean, deviation) = Self.published[index]
    let distribution = DepthOfMaximum(nucleus: mass, logEnergy: logEnergy, model: model)
    #expect(abs(distribution.mean - mean) < 1)
    #expect(abs(distribution.deviation - deviation) < 1)
  }

  @Test func samplesHaveTheMomentsOfTheFormulas() {
    var random = CounterRandom(seed: 5, event: 1)
    let distribution = DepthOfMaximum(nucleus: 1, logEnergy: 19, model: .qgsjetII04)
    let values = (0..<20_000).map { _ in distribution.sample(using: &random) }
    // Errors of the mean 0.43 and of the rms about 0.6.
    #expect(abs(mean(values) - 793.2) < 2)
    #expect(abs(deviation(values) - 61.2) < 2.5)
  }

  @Test func photonMoments() {
    for (logEnergy, mean, deviation) in [(18.0, 899.0, 83.0), (19, 999, 83), (20, 1159, 131)] {
      let distribution = DepthOfMaximum(photonWithLogEnergy: logEnergy)
      #expect(abs(distribution.mean - mean) < 1)
      #expect(abs(distribution.deviation - deviation) < 1.5)
    }
  }

  @Test func preshowersDependOnTheFieldAcrossThePath() {
    // The field points north and down: showers from the south at 65 degrees travel along it... the
    // perpendicular part is largest for showers from the north.
    let north = Direction(zenith: 30 * Units.degree, azimuth: 90 * Units.degree)
    let south = Direction(zenith: 30 * Units.degree, azimuth: -90 * Units.degree)
    let fromNorth = preshowerProbability(energy: 60, direction: north)
    let fromSouth = preshowerProbability(energy: 60, direction: south)
    #expect(fromNorth > 3 * fromSouth)
    #expect(preshowerProbability(energy: 300, direction: north) > 0.99)
    #expect(preshowerProbability(energy: 3, direction: north) < 1e-3)
  }

  @Test func ironHasFortyPercentMoreMuons() {
    var random = CounterRandom(seed: 5, event: 2)
    func sampled(_ primary: Primary) -> [Double] {
      let number = MuonNumber(primary: primary, model: .qgsjetII04)
      return (0..<20_000).map { _ in
        number.sample(depthPull: random.normal(), correlation: -0.2, using: &random)
      }
    }
    let (proton, iron) = (sampled(.proton), sampled(.iron))
    #expect(abs(mean(iron) / mean(proton) - 1.402) < 0.01)
    #expect(abs(mean(proton) - 1.15) < 0.01)
    #expect(abs(deviation(proton) / mean(proton) - 0.161) < 0.01)
  }
}
