import Glibc
import ShowerModel
import Testing

@Suite struct ResidualTests {
  let standard = Shower(
    logEnergy: 19.2, zenith: 0.5, azimuth: 2.1, coreX: 300, coreY: -900, time: 120)

  @Test func shiftingByTheResidualsGivesTheTruth() {
    let truth = Shower(
      logEnergy: 19.05, zenith: 0.53, azimuth: 2.05, coreX: 250, coreY: -860, time: 120)
    let shifted = standard.shifted(by: Residual.all.map { $0.value(truth, standard) })
    #expect(shifted.direction.angle(to: truth.direction) < 1e-9)
    #expect(abs(shifted.logEnergy - truth.logEnergy) < 1e-12)
    #expect(abs(shifted.coreX - truth.coreX) < 1e-9 && abs(shifted.coreY - truth.coreY) < 1e-9)
  }

  @Test func noResidualChangesNothing() {
    #expect(standard.shifted(by: [0, 0, 0, 0, 0]) == standard)
    #expect(Residual.all.allSatisfy { abs($0.value(standard, standard)) < 1e-15 })
  }

  @Test func directionsOfTheComponents() {
    var steeper = standard
    steeper.zenith += 0.01
    #expect(abs(Residual.directionZenith.value(steeper, standard) - tan(0.01)) < 1e-12)
    #expect(abs(Residual.directionAzimuth.value(steeper, standard)) < 1e-12)
    var turned = standard
    turned.azimuth += 0.01
    #expect(abs(Residual.directionAzimuth.value(turned, standard) - 0.01 * sin(0.5)) < 1e-5)
    var upstream = standard
    upstream.coreX += 100 * cos(2.1)
    upstream.coreY += 100 * sin(2.1)
    #expect(abs(Residual.coreAlong.value(upstream, standard) - 100 * cos(0.5)) < 1e-9)
    #expect(abs(Residual.coreAcross.value(upstream, standard)) < 1e-9)
  }

  @Test func observablesAgreeWithTheirDefinition() {
    var estimate = standard
    estimate.azimuth += 2 * .pi + 0.01
    #expect(abs(Observable.azimuth.error(estimate, standard) - 0.01 * sin(0.5)) < 1e-9)
    estimate = standard
    estimate.logEnergy += log10(1.2)
    #expect(abs(Observable.relativeEnergy.error(estimate, standard) - 0.2) < 1e-9)
    #expect(abs(Observable.logEnergy.error(estimate, standard) - log(1.2)) < 1e-9)
    estimate = standard
    estimate.coreX += 100 * -sin(2.1)
    estimate.coreY += 100 * cos(2.1)
    #expect(abs(Observable.coreDistance.error(estimate, standard) - 100) < 1e-6)
  }
}
