import Glibc
import Testing

@testable import ShowerModel

@Suite struct LateralDistributionTests {
  /// Check values of the published form: zenith, r, LDF, delay in ns for S800 of 20 and 60.
  @Test(arguments: [
    (0.0, 20.0, 500.0, 6.46033, 19.25), (0, 20, 1000, 0.38738, 213.00),
    (0, 20, 2000, 0.01603, 2896.97), (30, 20, 500, 5.76521, 16.50),
    (30, 20, 2000, 0.02031, 2084.09),
    (45, 60, 1000, 0.45020, 59.02), (45, 60, 2000, 0.03019, 630.61),
  ])
  func checkValues(_ row: (Double, Double, Double, Double, Double)) {
    let (zenith, signal800, r, ldf, delay) = row
    let value = LateralDistribution.inr.value(r, cos(zenith * Units.degree))
    #expect(abs(exp(value.logarithm) / ldf - 1) < 1e-3)
    let a = ShowerFront.linsley.expectedCurvature(
      signal800: signal800, zenith: zenith * Units.degree)
    let front = ShowerFront.linsley.value(r, value.logarithm)
    #expect(abs(a * front.shape / delay - 1) < 2e-3)
  }

  @Test(arguments: LateralDistribution.all.indices)
  func isOneAt800MetresAndItsDerivativesAreRight(index: Int) {
    let ldf = LateralDistribution.all[index]
    for zenith in [0.0, 25, 50, 65] {
      let c = cos(zenith * Units.degree)
      #expect(abs(ldf.value(800, c).logarithm) < 1e-12)
      for r in [40.0, 300, 1200, 4000] {
        let value = ldf.value(r, c)
        let h = 1e-6
        let byDistance =
          (ldf.value(r * (1 + h), c).logarithm - ldf.value(r * (1 - h), c).logarithm) / (2 * h * r)
        let low = c - h
        let high = c + (zenith == 0 ? 0 : h)
        let byCosine =
          (ldf.value(r, high).logarithm - ldf.value(r, low).logarithm) / (high - low)
        #expect(abs(byDistance - value.perDistance) < 1e-6 * abs(value.perDistance) + 1e-11)
        #expect(abs(byCosine - value.perCosZenith) < 2e-5 * (1 + abs(value.perCosZenith)))
      }
    }
  }

  @Test(arguments: ShowerFront.all.indices)
  func frontDerivatives(index: Int) {
    let front = ShowerFront.all[index]
    let value = front.value(700, 0.3)
    let byDistance = (front.value(700.01, 0.3).shape - front.value(699.99, 0.3).shape) / 0.02
    let byLDF = (front.value(700, 0.30001).shape - front.value(700, 0.29999).shape) / 2e-5
    #expect(abs(byDistance - value.perDistance) <= 1e-6 * abs(value.perDistance))
    #expect(abs(byLDF - value.perLogLDF) <= 1e-6 * abs(value.perLogLDF))
  }

  @Test func slopeIsContinuousWhereThePolynomialBegins() {
    let c = cos(62.7 * Units.degree)
    let (a, b) = (
      LateralDistribution.slope(cosZenith: c + 1e-9), LateralDistribution.slope(cosZenith: c - 1e-9)
    )
    #expect(abs(a.value - 1.857) < 2e-3 && abs(a.value - b.value) < 2e-3)
  }

  @Test(arguments: [(0.0, 3.384), (25, 2.922), (30, 2.740), (35, 2.411), (45, 1.751), (55, 1.271)])
  func meanCurvature(zenith: Double, expected: Double) {
    #expect(abs(ShowerFront.meanCurvature(zenith: zenith * Units.degree) - expected) < 2e-3)
  }
}
