import Glibc
import Testing

@testable import ShowerSimulation

@Suite struct VectorFunctionsTests {
  /// Glibc's double precision, at numbers that are exact in single precision.
  @Test func exponentialIsThatOfGlibc() {
    var worst = 0.0
    for step in -40_000...40_000 {
      let x = Float(step) * 0.00217
      let ours = Double(VectorFunctions.exp(SIMD4(x, 0, 0, 0)).x)
      worst = max(worst, abs(ours / exp(Double(x)) - 1))
    }
    #expect(worst < 3e-7, "\(worst)")
    let four = VectorFunctions.exp(SIMD4(-80, -1, 0, 10))
    for (ours, expected) in zip([four.x, four.y, four.z, four.w], [-80.0, -1, 0, 10]) {
      #expect(abs(Double(ours) / exp(expected) - 1) < 3e-7)
    }
  }

  @Test func logarithmIsThatOfGlibc() {
    var (worst, worstNearOne) = (0.0, 0.0)
    for step in -40_000...40_000 {
      let x = expf(Float(step) * 0.00217)
      let difference = abs(Double(VectorFunctions.log(SIMD4(x, 1, 1, 1)).x) - log(Double(x)))
      let size = abs(log(Double(x)))
      if size > 0.5 { worst = max(worst, difference / size) }
      worstNearOne = max(worstNearOne, size > 0.5 ? 0 : difference)
    }
    #expect(worst < 3e-7 && worstNearOne < 3e-7, "\(worst) \(worstNearOne)")
    // The least and the greatest number that `CounterRandom.uniform` makes.
    #expect(abs(VectorFunctions.log(0x1p-33) - -33 * log(2.0)) < 1e-5)
    #expect(VectorFunctions.log(1 - 0x1p-33) == 0)
  }

  @Test func comparisonsAndRounding() {
    let (a, b) = (SIMD4<Float>(1, -2, 3, 0), SIMD4<Float>(0, 5, 3, -1))
    #expect(VectorFunctions.larger(a, b) == SIMD4(1, 5, 3, 0))
    #expect(VectorFunctions.smaller(a, b) == SIMD4(0, -2, 3, -1))
    let (integers, values) = VectorFunctions.rounded(SIMD4(0, 0.49, 57.51, 1e6))
    #expect(integers == SIMD4(0, 0, 58, 1_000_000) && values == SIMD4(0, 0, 58, 1e6))
  }
}
