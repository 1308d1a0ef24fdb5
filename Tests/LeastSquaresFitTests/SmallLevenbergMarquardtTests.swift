import Glibc
import LeastSquaresFit
import Testing

/// y = A exp(-lambda t) + b, with parameters in any units, and b twice where `isDegenerate`.
private final class ScaledDecay: SmallProblem {
  let t: [Double]
  let y: [Double]
  let units: SIMD8<Double>
  let isDegenerate: Bool
  private let residuals: UnsafeMutablePointer<Double>
  private let jacobian: UnsafeMutablePointer<Double>
  private(set) var callCount = 0

  init(
    t: [Double], y: [Double], units: SIMD8<Double> = SIMD8(repeating: 1), isDegenerate: Bool = false
  ) {
    (self.t, self.y, self.units, self.isDegenerate) = (t, y, units, isDegenerate)
    residuals = .allocate(capacity: t.count)
    jacobian = .allocate(capacity: 8 * t.count)
    jacobian.initialize(repeating: 0, count: 8 * t.count)
  }

  deinit {
    residuals.deallocate()
    jacobian.deallocate()
  }

  var parameterCount: Int { isDegenerate ? 4 : 3 }
  var residualCount: Int { t.count }

  func terms(
    at point: SIMD8<Double>
  ) -> (residuals: UnsafePointer<Double>, jacobian: UnsafePointer<Double>) {
    callCount += 1
    let q = point * units
    for i in t.indices {
      let e = exp(-q[1] * t[i])
      residuals[i] = (y[i] - q[0] * e - q[2] - (isDegenerate ? q[3] : 0)) / 0.1
      jacobian[8 * i] = -e / 0.1 * units[0]
      jacobian[8 * i + 1] = q[0] * t[i] * e / 0.1 * units[1]
      jacobian[8 * i + 2] = -1 / 0.1 * units[2]
      if isDegenerate { jacobian[8 * i + 3] = -1 / 0.1 * units[3] }
    }
    return (UnsafePointer(residuals), UnsafePointer(jacobian))
  }
}

@Suite struct SmallLevenbergMarquardtTests {
  let t = (0..<40).map { Double($0) * 0.075 }
  var y: [Double] { t.map { 5 * exp(-1.5 * $0) + 1 } }
  let start = SIMD8<Double>(1, 1, 0, 0, 0, 0, 0, 0)

  @Test func findsTheGeneratingParameters() throws {
    let (point, minimum) = try #require(
      SmallLevenbergMarquardt.minimise(
        ScaledDecay(t: t, y: y), from: start, stepLimit: 1e-5))
    #expect(minimum.isConverged)
    #expect(abs(point[0] - 5) < 1e-6)
    #expect(abs(point[1] - 1.5) < 1e-6)
    #expect(abs(point[2] - 1) < 1e-6)
    #expect(minimum.chi2 < 1e-9)
  }

  /// Residuals that do not vanish, against GSL.
  @Test func findsTheMinimumOfGSL() throws {
    let noisy = y.enumerated().map { $1 + 0.1 * sin(7.3 * Double($0 * $0)) }
    let (point, minimum) = try #require(
      SmallLevenbergMarquardt.minimise(
        ScaledDecay(t: t, y: noisy), from: start, stepLimit: 1e-6))
    let gsl = try LevenbergMarquardt().minimise(
      Decay(t: t, y: noisy, sigma: 0.1), from: [1, 1, 0])
    #expect(abs(minimum.chi2 - gsl.chi2) < 1e-9)
    for k in 0..<3 { #expect(abs(point[k] - gsl.parameters[k]) < 1e-7) }
  }

  /// The path does not depend on units: powers of two change no digit of a product.
  @Test func unitsDoNotMatter() throws {
    var units = SIMD8<Double>(repeating: 1)
    (units[0], units[1], units[2]) = (1024, 1.0 / 4096, 65_536)
    let plain = ScaledDecay(t: t, y: y)
    let scaled = ScaledDecay(t: t, y: y, units: units)
    let one = try #require(
      SmallLevenbergMarquardt.minimise(plain, from: start, stepLimit: 1e-5))
    let other = try #require(
      SmallLevenbergMarquardt.minimise(scaled, from: start / units, stepLimit: 1e-5))
    #expect(one.minimum.iterations == other.minimum.iterations)
    for k in 0..<3 { #expect(abs(one.point[k] - other.point[k] * units[k]) < 1e-9) }
  }

  /// Parameters that cannot be told apart: their sum is found.
  @Test func aProblemWithoutFullRankHasAMinimum() throws {
    let (point, minimum) = try #require(
      SmallLevenbergMarquardt.minimise(
        ScaledDecay(t: t, y: y, isDegenerate: true), from: start, stepLimit: 1e-5))
    #expect(minimum.chi2 < 1e-6)
    #expect(abs(point[2] + point[3] - 1) < 1e-4)
  }

  @Test func aStartThatIsNotFiniteHasNone() {
    let problem = ScaledDecay(t: t, y: y)
    var away = start
    away[1] = -.infinity
    #expect(SmallLevenbergMarquardt.minimise(problem, from: away, stepLimit: 1e-5) == nil)
  }

  /// At the minimum already, one look is enough.
  @Test func aStartAtTheMinimumStaysThere() throws {
    let problem = ScaledDecay(t: t, y: y)
    let there = SIMD8<Double>(5, 1.5, 1, 0, 0, 0, 0, 0)
    let (point, minimum) = try #require(
      SmallLevenbergMarquardt.minimise(problem, from: there, stepLimit: 1e-5))
    for k in 0..<8 { #expect(abs(point[k] - there[k]) < 1e-12) }
    #expect(minimum.termination == .smallStep && minimum.iterations == 1)
    #expect(problem.callCount == 1)
  }
}
