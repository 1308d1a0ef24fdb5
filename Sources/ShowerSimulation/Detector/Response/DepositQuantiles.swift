internal import Glibc
internal import ShowerModel

/// Deposits of hits in one layer [MeV] as a function of a standard normal number z.
///
/// Drawing a hit is then drawing z, and two layers are correlated by correlating their z. Values
/// are at steps of 1/8 from -4 to 4, linear in between, constant beyond.
struct DepositQuantiles {
  static let count = 65
  static let first = -4.0
  static let perUnit = 8.0
  static func node(_ index: Int) -> Double { first + Double(index) / perUnit }

  private(set) var values: [Double]

  init(values: [Double]) { self.values = values }

  /// Where a layer has no hits.
  static let none = DepositQuantiles(
    values: [Double](repeating: ResponseTable.threshold, count: count))

  /// Quantiles of a layer of a row of a response table, with the mean and mean square of its hits.
  ///
  /// Up to the quantile 0.5 the shape is Landau's, so that a muon's most probable deposit comes out
  /// right; up to 0.84 a parabola in Landau's variable; beyond an exponential in z, whose size and
  /// bend give the mean and the mean square. Below 0.16 it reaches down to the threshold; more of
  /// it where the mean asks for that.
  ///
  /// - Parameters:
  ///   - quantiles: at 0.16, 0.5 and 0.84 [MeV].
  ///   - mean: of hits [MeV].
  ///   - meanSquare: of hits [MeV2].
  init(quantiles: SIMD3<Double>, mean: Double, meanSquare: Double) {
    let threshold = ResponseTable.threshold
    let low = max(quantiles.x, threshold * 1.001)
    let middle = max(quantiles.y, low * 1.0005)
    let high = max(quantiles.z, middle * 1.0005)
    let perLandau = (middle - low) / (Landau.middle - Landau.low)
    let span = Landau.high - Landau.middle
    let bend = min(max(1 - perLandau * span / (high - middle), -0.9), 1)
    let body = (0..<Self.count).map { index -> (near: Double, far: Double) in
      let z = Self.node(index)
      guard z < Self.highNormal else { return (high, high) }
      let x = Landau.quantiles[index]
      let line = low + perLandau * (x - Landau.low)
      if z >= 0 {
        let t = (x - Landau.middle) / span
        let value = middle + (high - middle) * ((1 - bend) * t + bend * t * t)
        return (value, value)
      }
      guard z < -Self.highNormal else { return (line, line) }
      let part = max((x - Landau.quantiles[0]) / (Landau.low - Landau.quantiles[0]), 0)
      let probability = 0.5 * erfc(-z / 2.0.squareRoot())
      return (
        max(line, threshold + (low - threshold) * part),
        threshold + (low - threshold) * probability / 0.16
      )
    }
    func bodyValues(_ share: Double) -> [Double] {
      body.map { (1 - share) * $0.near + share * $0.far }
    }
    func tail(_ bend: Double) -> [Double] {
      (0..<Self.count).map { index in
        let t = max(Self.node(index) - Self.highNormal, 0)
        return abs(bend) < 1e-3 ? t : expm1(bend * t) / bend
      }
    }
    let weights = NormalWeights.shared
    /// Size of the tail that gives the mean.
    func size(_ body: [Double], _ tail: [Double]) -> Double {
      (mean - weights.mean(body)) / weights.mean(tail)
    }
    // Where even a short tail is too much, more hits lie below the quantile 0.16.
    let least = 0.05 * (high - middle)
    let straight = tail(0)
    var share = 0.0
    if size(bodyValues(0), straight) < least {
      share = bisection(0...1) { size(bodyValues($0), straight) >= least }
    }
    let below = bodyValues(share)
    func combined(_ bend: Double) -> [Double] {
      let tail = tail(bend)
      let size = max(size(below, tail), 0)
      return zip(below, tail).map { $0 + size * $1 }
    }
    let values = combined(
      bisection(-2.5...2.5) { weights.meanSquare(combined($0)) > meanSquare })
    let factor = mean / weights.mean(values)
    self.values = values.map { factor * $0 }
  }

  var mean: Double { NormalWeights.shared.mean(values) }
  var meanSquare: Double { NormalWeights.shared.meanSquare(values) }

  /// z of the quantile 0.84.
  private static let highNormal = 0.994457883209753
}

/// Where a condition that is false at the lower end becomes true.
func bisection(_ range: ClosedRange<Double>, _ isAbove: (Double) -> Bool) -> Double {
  var (low, high) = (range.lowerBound, range.upperBound)
  for _ in 0..<16 {
    let middle = 0.5 * (low + high)
    if isAbove(middle) { high = middle } else { low = middle }
  }
  return 0.5 * (low + high)
}

/// Landau's distribution of energy losses, mode -0.223: J. Phys. USSR 8 (1944) 201.
private enum Landau {
  /// At the nodes of `DepositQuantiles` up to z = 1.
  static let quantiles = [
    -3.120, -3.059, -2.996, -2.932, -2.865, -2.796, -2.724, -2.650, -2.574, -2.494, -2.411, -2.325,
    -2.236, -2.142, -2.045, -1.942, -1.835, -1.722, -1.603, -1.478, -1.345, -1.204, -1.053, -0.893,
    -0.720, -0.535, -0.334, -0.116, 0.122, 0.384, 0.673, 0.995, 1.356, 1.764, 2.230, 2.767, 3.392,
    4.129, 5.009, 6.073, 7.377,
  ]
  /// At 0.16, 0.5 and 0.84.
  static let low = -0.7124
  static let middle = 1.3558
  static let high = 7.3129
}

/// Integrals of functions that are linear between the nodes of `DepositQuantiles` over the normal
/// distribution.
struct NormalWeights {
  static let shared = NormalWeights()
  /// Hermite polynomials in the expectation of products.
  private static let orders = 10

  private var means = [Double](repeating: 0, count: DepositQuantiles.count)
  private var squares = [Double](repeating: 0, count: DepositQuantiles.count)
  private var neighbours = [Double](repeating: 0, count: DepositQuantiles.count)
  private var hermite = [[Double]](
    repeating: [Double](repeating: 0, count: DepositQuantiles.count), count: orders)

  private init() {
    let (cells, parts) = (DepositQuantiles.count - 1, 16)
    var norm = 0.0
    for cell in 0..<cells {
      for part in 0..<parts {
        let upper = (Double(part) + 0.5) / Double(parts)
        let z = DepositQuantiles.node(cell) + upper / DepositQuantiles.perUnit
        let weight = exp(-0.5 * z * z)
        norm += weight
        means[cell] += weight * (1 - upper)
        means[cell + 1] += weight * upper
        squares[cell] += weight * (1 - upper) * (1 - upper)
        squares[cell + 1] += weight * upper * upper
        neighbours[cell] += 2 * weight * upper * (1 - upper)
        var (polynomial, last) = (1.0, 0.0)
        for order in 0..<Self.orders {
          hermite[order][cell] += weight * polynomial * (1 - upper)
          hermite[order][cell + 1] += weight * polynomial * upper
          let next =
            (z * polynomial - Double(order).squareRoot() * last) / Double(order + 1).squareRoot()
          (polynomial, last) = (next, polynomial)
        }
      }
    }
    for index in 0..<DepositQuantiles.count {
      means[index] /= norm
      squares[index] /= norm
      neighbours[index] /= norm
      for order in 0..<Self.orders { hermite[order][index] /= norm }
    }
  }

  func mean(_ values: [Double]) -> Double {
    values.indices.reduce(0) { $0 + means[$1] * values[$1] }
  }

  func meanSquare(_ values: [Double]) -> Double {
    var sum = 0.0
    for index in values.indices {
      sum += squares[index] * values[index] * values[index]
      if index + 1 < values.count {
        sum += neighbours[index] * values[index] * values[index + 1]
      }
    }
    return sum
  }

  /// The correlation of two normal numbers that gives the mean of the product of two functions of
  /// them; the nearest possible one.
  func correlation(of a: [Double], and b: [Double], meanProduct: Double) -> Double {
    let terms = products(a, b)
    return bisection(-0.98...0.98) { Self.sum(terms, $0) > meanProduct }
  }

  /// Mean of the product of two functions of normal numbers with a correlation.
  func meanProduct(of a: [Double], and b: [Double], correlation: Double) -> Double {
    Self.sum(products(a, b), correlation)
  }

  private func products(_ a: [Double], _ b: [Double]) -> [Double] {
    hermite.map { polynomial in
      let first = a.indices.reduce(0) { $0 + polynomial[$1] * a[$1] }
      return first * b.indices.reduce(0) { $0 + polynomial[$1] * b[$1] }
    }
  }

  /// `sum c_n rho^n`.
  private static func sum(_ terms: [Double], _ correlation: Double) -> Double {
    terms.reversed().reduce(0) { $0 * correlation + $1 }
  }
}
