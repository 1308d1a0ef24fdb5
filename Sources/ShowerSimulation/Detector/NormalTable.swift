internal import Glibc

/// Standard normal numbers by 16 random bits each, for electronic noise and photo-statistics.
///
/// The 65536 values are the quantiles at the middles of cells of equal probability (up to 4.3
/// sigma).
package struct NormalTable: Sendable {
  private static let count = 65536
  // Made once and kept: a plain pointer is read without a check of its bounds and without counting
  // owners.
  nonisolated(unsafe) private static let quantiles = makeQuantiles()
  nonisolated(unsafe) private static let logSquares = makeLogSquares()

  nonisolated(unsafe) private let values: UnsafePointer<Float>
  nonisolated(unsafe) private let minusLogSquares: UnsafePointer<Float>

  package init() {
    values = UnsafePointer(Self.quantiles)
    minusLogSquares = UnsafePointer(Self.logSquares)
  }

  /// Z.
  @inline(__always) func callAsFunction(_ bits: UInt64) -> Double { Double(single(bits)) }

  /// Z in single precision.
  @inline(__always) func single(_ bits: UInt64) -> Float { values[Int(bits & 0xffff)] }

  /// `M = -ln Z^2`, the Landau-like number of energy deposits, by 11 bits for |Z|: quantiles up to
  /// 16.
  ///
  /// 8 kB, which stay in the nearest cache.
  @inline(__always) func minusLogSquare(_ bits: UInt64) -> Double {
    Double(minusLogSquares[Int(bits & 0x7ff)])
  }

  private static func makeQuantiles() -> UnsafeMutablePointer<Float> {
    let values = UnsafeMutablePointer<Float>.allocate(capacity: count)
    var x = 0.0
    for index in count / 2..<count {
      let p = (Double(index) + 0.5) / Double(count)
      // Newton from the neighbour; the complement keeps the tail exact.
      for _ in 0..<6 {
        let excess = (1 - p) - 0.5 * erfc(x / 2.0.squareRoot())
        let density = exp(-0.5 * x * x) / (2 * .pi).squareRoot()
        let step = excess / density
        x -= step
        if abs(step) < 1e-10 { break }
      }
      values[index] = Float(x)
      values[count - 1 - index] = Float(-x)
    }
    return values
  }

  private static func makeLogSquares() -> UnsafeMutablePointer<Float> {
    let cells = 2048
    let perCell = count / 2 / cells
    let values = UnsafeMutablePointer<Float>.allocate(capacity: cells)
    for cell in 0..<cells {
      // The mean over the cell, so that the mean of all is exact.
      let positive = count / 2 + cell * perCell
      let sum = (positive..<positive + perCell).reduce(0) { $0 - 2 * log(Double(quantiles[$1])) }
      values[cell] = Float(sum / Double(perCell))
    }
    return values
  }
}
