internal import Glibc

/// Standard normal numbers by 16 random bits each, for electronic noise and photo-statistics.
///
/// The 65536 values are the quantiles at the middles of cells of equal probability (up to 4.3 sigma).
struct NormalTable: Sendable {
  let values: [Float]

  init() {
    let count = 65536
    var values = [Float](repeating: 0, count: count)
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
    self.values = values
  }

  @inline(__always) func callAsFunction(_ bits: UInt64) -> Double {
    Double(values[Int(bits & 0xffff)])
  }
}
