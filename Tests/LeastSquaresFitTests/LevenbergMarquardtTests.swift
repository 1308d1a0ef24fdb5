import Glibc
import LeastSquaresFit
import Testing

/// y = A exp(-lambda t) + b, the example of GSL's manual.
final class Decay: ResidualFunction {
  let t: [Double]
  let y: [Double]
  let sigma: Double

  init(t: [Double], y: [Double], sigma: Double) {
    (self.t, self.y, self.sigma) = (t, y, sigma)
  }

  var parameterCount: Int { 3 }
  var residualCount: Int { t.count }

  func residuals(
    at q: UnsafeBufferPointer<Double>, into r: UnsafeMutableBufferPointer<Double>
  ) {
    for i in t.indices { r[i] = (y[i] - q[0] * exp(-q[1] * t[i]) - q[2]) / sigma }
  }

  func jacobian(at q: UnsafeBufferPointer<Double>, into j: MatrixRows) {
    for i in t.indices {
      let e = exp(-q[1] * t[i])
      j[i, 0] = -e / sigma
      j[i, 1] = q[0] * t[i] * e / sigma
      j[i, 2] = -1 / sigma
    }
  }
}

/// r_i = y_i - (a + b x_i), or with a column twice where `isDegenerate`.
private final class Line: ResidualFunction {
  let x: [Double]
  let y: [Double]
  let isDegenerate: Bool

  init(x: [Double], y: [Double], isDegenerate: Bool = false) {
    (self.x, self.y, self.isDegenerate) = (x, y, isDegenerate)
  }

  var parameterCount: Int { 2 }
  var residualCount: Int { x.count }

  func residuals(
    at q: UnsafeBufferPointer<Double>, into r: UnsafeMutableBufferPointer<Double>
  ) {
    for i in x.indices { r[i] = y[i] - q[0] - q[1] * (isDegenerate ? 1 : x[i]) }
  }

  func jacobian(at q: UnsafeBufferPointer<Double>, into j: MatrixRows) {
    for i in x.indices {
      j[i, 0] = -1
      j[i, 1] = isDegenerate ? -1 : -x[i]
    }
  }
}

@Suite struct LevenbergMarquardtTests {
  @Test func findsTheGeneratingParameters() throws {
    let t = (0..<40).map { Double($0) * 0.075 }
    let y = t.map { 5 * exp(-1.5 * $0) + 1 }
    let fit = try LevenbergMarquardt().minimise(
      Decay(t: t, y: y, sigma: 0.1), from: [1, 1, 0])
    #expect(fit.isConverged)
    #expect(abs(fit.parameters[0] - 5) < 1e-8)
    #expect(abs(fit.parameters[1] - 1.5) < 1e-8)
    #expect(abs(fit.parameters[2] - 1) < 1e-8)
    #expect(fit.chi2 < 1e-14)
  }

  @Test func covarianceOfALineIsTheTextbookOne() throws {
    let x = [0.0, 1, 2, 3, 4]
    let y = [1.1, 2.9, 5.2, 6.8, 9.1]
    let fit = try LevenbergMarquardt().minimise(Line(x: x, y: y), from: [0, 0])
    // Sxx = 10, mean x = 2: Var b = 1/10, Var a = 1/5 + 4/10, Cov = -2/10.
    let covariance = try #require(fit.covariance)
    for (ours, theirs) in zip(covariance, [0.6, -0.2, -0.2, 0.1]) {
      #expect(abs(ours - theirs) < 1e-12)
    }
    #expect(abs(fit.parameters[1] - 1.99) < 1e-9)
    #expect(abs(fit.parameters[0] - 1.04) < 1e-9)
  }

  @Test func degenerateProblemHasNoCovariance() throws {
    let fit = try LevenbergMarquardt().minimise(
      Line(x: [0, 1, 2], y: [1, 1, 1], isDegenerate: true), from: [0, 0])
    #expect(fit.covariance == nil)
  }

  @Test func refusesTooFewResiduals() {
    #expect(throws: LeastSquaresError.underdetermined(residuals: 1, parameters: 2)) {
      try LevenbergMarquardt().minimise(Line(x: [0], y: [1]), from: [0, 0])
    }
  }

  @Test func refusesResidualsThatAreNotFinite() {
    #expect(throws: LeastSquaresError.self) {
      try LevenbergMarquardt().minimise(Line(x: [0, .nan], y: [1, 1]), from: [0, 0])
    }
  }

  @Test func startingAtTheMinimumIsConverged() throws {
    let line = Line(x: [0, 1, 2], y: [1, 3, 5])
    let fit = try LevenbergMarquardt().minimise(line, from: [1, 2])
    #expect(fit.isConverged)
    #expect(fit.chi2 == 0)
  }
}
