import Glibc

/// Delay of a station's leading edge behind the plane front, and its standard deviation, as
/// functions fitted on simulated events.
///
/// Both are polynomials of a station's coordinates in the shower and of the signal it measured:
///
///     delay = sum c_k s^i y^j z^k w^m [ns],   ln(sigma^2 / ns^2) = sum d_k s^i y^j z^k w^m
///     s = sqrt(r / 1 km),  y = ln(S / (VEM/m2)) - 2,  z = sec theta - 1.2,  w = l / 1 km
///
/// r is the distance from the axis and S the measured density. l = d.n is positive on the early
/// side. On level ground l = r tan(theta) cos(zeta): early and late stations differ, and they do
/// not in a vertical shower. The variables are limited to the ranges of the stations of the fit,
/// delay and sigma to the values met there. So a place without simulated stations gets the values
/// of the nearest one.
///
/// A delay is that of a mean shower. The front of one shower is `k` times as late, with k = 1
/// within `scaleSigma`: showers that develop deeper have rounder fronts.
public struct TunedFront: Sendable, Equatable {
  /// One term of a polynomial.
  public struct Term: Sendable, Equatable, Codable {
    /// Powers of s, y, z and w.
    public var powers: [Int]
    public var coefficient: Double

    public init(powers: [Int], coefficient: Double) {
      self.powers = powers
      self.coefficient = coefficient
    }
  }

  /// Where a station stands in a shower, and what it measured.
  public struct StationCoordinates: Sendable, Equatable {
    /// Distance from the axis, r [m].
    public var distance: Double
    /// ln of the measured density, S in VEM/m2; of zero signal -infinity.
    public var logSignal: Double
    /// sec theta of the shower.
    public var secant: Double
    /// Projection on the axis, l [m]; positive on the early side.
    public var upstream: Double

    public init(distance: Double, logSignal: Double, secant: Double, upstream: Double) {
      self.distance = distance
      self.logSignal = logSignal
      self.secant = secant
      self.upstream = upstream
    }
  }

  /// Limits within which the functions are known.
  public struct Ranges: Sendable, Equatable {
    /// r [m].
    public var distance: ClosedRange<Double>
    /// ln S.
    public var logSignal: ClosedRange<Double>
    public var secant: ClosedRange<Double>
    /// l [m].
    public var upstream: ClosedRange<Double>
    /// Delays [ns].
    public var delay: ClosedRange<Double>
    /// Standard deviations [ns].
    public var sigma: ClosedRange<Double>

    public init(
      distance: ClosedRange<Double>, logSignal: ClosedRange<Double>, secant: ClosedRange<Double>,
      upstream: ClosedRange<Double>, delay: ClosedRange<Double>, sigma: ClosedRange<Double>
    ) {
      self.distance = distance
      self.logSignal = logSignal
      self.secant = secant
      self.upstream = upstream
      self.delay = delay
      self.sigma = sigma
    }
  }

  /// A delay with its derivatives by what a fit moves.
  public struct Value: Sendable, Equatable {
    /// [ns].
    public var delay: Double
    /// By r [ns/m].
    public var perDistance: Double
    /// By sec theta [ns].
    public var perSecant: Double
    /// By l [ns/m].
    public var perUpstream: Double
  }

  public var name: String { content.name }
  public var ranges: Ranges { content.ranges }
  /// Standard deviation from shower to shower of the factor k on all delays.
  public var scaleSigma: Double { content.scaleSigma }
  public var delayTerms: [Term] { content.delayTerms }
  public var logVarianceTerms: [Term] { content.logVarianceTerms }
  private let content: Content

  /// What a front is made of, in one reference: fits hand fronts on for every station.
  private final class Content: Sendable {
    let name: String
    let ranges: Ranges
    let scaleSigma: Double
    let delayTerms: [Term]
    let logVarianceTerms: [Term]
    let delay: FrontPolynomial
    let logVariance: FrontPolynomial

    init(
      _ name: String, _ ranges: Ranges, _ scaleSigma: Double, _ delayTerms: [Term],
      _ logVarianceTerms: [Term]
    ) {
      self.name = name
      self.ranges = ranges
      self.scaleSigma = scaleSigma
      self.delayTerms = delayTerms
      self.logVarianceTerms = logVarianceTerms
      delay = FrontPolynomial(delayTerms)
      logVariance = FrontPolynomial(logVarianceTerms)
    }
  }

  /// - Parameters:
  ///   - name: that of the table.
  ///   - ranges: of the stations of the fit.
  ///   - scaleSigma: positive.
  ///   - delayTerms: powers of s from 0 to 7, of y, z and w from 0 to 3.
  ///   - logVarianceTerms: the same.
  public init(
    name: String, ranges: Ranges, scaleSigma: Double, delayTerms: [Term],
    logVarianceTerms: [Term]
  ) {
    content = Content(name, ranges, scaleSigma, delayTerms, logVarianceTerms)
  }

  public static func == (a: TunedFront, b: TunedFront) -> Bool {
    a.name == b.name && a.ranges == b.ranges && a.scaleSigma == b.scaleSigma
      && a.delayTerms == b.delayTerms && a.logVarianceTerms == b.logVarianceTerms
  }

  /// Mean delay at a station, and its derivatives; where a variable is held to its range, its
  /// derivative is 0.
  public func value(at station: StationCoordinates) -> Value {
    let ranges = content.ranges
    let variables = FrontVariables(station, ranges)
    var value = content.delay.value(variables)
    guard ranges.delay.contains(value.delay) else {
      let held = min(max(value.delay, ranges.delay.lowerBound), ranges.delay.upperBound)
      return Value(delay: held, perDistance: 0, perSecant: 0, perUpstream: 0)
    }
    if !ranges.distance.contains(station.distance) { value.perDistance = 0 }
    if !ranges.secant.contains(station.secant) { value.perSecant = 0 }
    if !ranges.upstream.contains(station.upstream) { value.perUpstream = 0 }
    return value
  }

  /// Standard deviation of the delay at a station [ns].
  public func sigma(at station: StationCoordinates) -> Double {
    let variables = FrontVariables(station, ranges)
    let sigma = exp(0.5 * content.logVariance.sum(variables))
    return min(max(sigma, ranges.sigma.lowerBound), ranges.sigma.upperBound)
  }

  /// The functions s^i y^j z^k w^m of which a front is made.
  public struct Basis: Sendable {
    private let powers: [SIMD4<UInt8>]
    private let ranges: Ranges

    /// - Parameters:
    ///   - powers: of s from 0 to 7, of y, z and w from 0 to 3, one row a function.
    ///   - ranges: to which the variables are held.
    public init(_ powers: [[Int]], within ranges: Ranges) {
      self.powers = powers.map(FrontPolynomial.packed)
      self.ranges = ranges
    }

    public var count: Int { powers.count }

    /// Appends a factor times each function at a station.
    public func append(at station: StationCoordinates, times factor: Double, to row: inout [Double])
    {
      let variables = FrontVariables(station, ranges)
      for power in powers { row.append(factor * variables.product(power)) }
    }

    /// Sum of coefficients times functions at a station.
    public func sum(_ coefficients: [Double], at station: StationCoordinates) -> Double {
      let variables = FrontVariables(station, ranges)
      var sum = 0.0
      for (power, coefficient) in zip(powers, coefficients) {
        sum += coefficient * variables.product(power)
      }
      return sum
    }
  }
}

/// Powers of the four variables of a station.
private struct FrontVariables {
  /// s^0 ... s^7.
  let root: SIMD8<Double>
  /// y^0 ... y^3, and the same of z and w.
  let logSignal: SIMD4<Double>
  let secant: SIMD4<Double>
  let upstream: SIMD4<Double>

  init(_ station: TunedFront.StationCoordinates, _ ranges: TunedFront.Ranges) {
    // What is not a number is held to the lower end.
    func held(_ value: Double, _ range: ClosedRange<Double>) -> Double {
      value > range.lowerBound ? min(value, range.upperBound) : range.lowerBound
    }
    let s = (held(station.distance, ranges.distance) / Units.kilometre).squareRoot()
    let (s2, s4) = (s * s, s * s * s * s)
    root = SIMD8(1, s, s2, s2 * s, s4, s4 * s, s4 * s2, s4 * s2 * s)
    func powers(_ x: Double) -> SIMD4<Double> { SIMD4(1, x, x * x, x * x * x) }
    logSignal = powers(held(station.logSignal, ranges.logSignal) - 2)
    secant = powers(held(station.secant, ranges.secant) - 1.2)
    upstream = powers(held(station.upstream, ranges.upstream) / Units.kilometre)
  }

  func product(_ powers: SIMD4<UInt8>) -> Double {
    root[Int(powers.x)] * logSignal[Int(powers.y)] * secant[Int(powers.z)]
      * upstream[Int(powers.w)]
  }
}

/// A polynomial of the four variables.
private struct FrontPolynomial: Sendable, Equatable {
  let powers: [SIMD4<UInt8>]
  let coefficients: [Double]

  init(_ terms: [TunedFront.Term]) {
    powers = terms.map { FrontPolynomial.packed($0.powers) }
    coefficients = terms.map(\.coefficient)
  }

  static func packed(_ powers: [Int]) -> SIMD4<UInt8> {
    precondition(TunedFront.areKnown(powers: powers), "powers \(powers)")
    return SIMD4(UInt8(powers[0]), UInt8(powers[1]), UInt8(powers[2]), UInt8(powers[3]))
  }

  func sum(_ variables: FrontVariables) -> Double {
    var sum = 0.0
    for (power, coefficient) in zip(powers, coefficients) {
      sum += coefficient * variables.product(power)
    }
    return sum
  }

  /// The value with its derivatives by r, sec theta and l.
  func value(_ variables: FrontVariables) -> TunedFront.Value {
    var sum = SIMD4<Double>.zero
    let (root, secant, upstream) = (variables.root, variables.secant, variables.upstream)
    // d x^n / dx.
    func slopes(_ x: SIMD4<Double>) -> SIMD4<Double> { SIMD4(0, x[0], 2 * x[1], 3 * x[2]) }
    let (secantSlope, upstreamSlope) = (slopes(secant), slopes(upstream))
    let rootSlope =
      SIMD8<Double>(0, 1, 2, 3, 4, 5, 6, 7)
      * SIMD8<Double>(
        0, root[0], root[1], root[2], root[3], root[4], root[5], root[6])
    for (power, coefficient) in zip(powers, coefficients) {
      let (i, k, m) = (Int(power.x), Int(power.z), Int(power.w))
      let factor: Double = coefficient * variables.logSignal[Int(power.y)]
      let (s, z, w): (Double, Double, Double) = (root[i], secant[k], upstream[m])
      let slopes = SIMD4<Double>(
        s * z * w, rootSlope[i] * z * w, s * secantSlope[k] * w, s * z * upstreamSlope[m])
      sum += factor * slopes
    }
    // ds/dr = 1 / (2 s km).
    return TunedFront.Value(
      delay: sum[0], perDistance: sum[1] / (2 * root[1] * Units.kilometre), perSecant: sum[2],
      perUpstream: sum[3] / Units.kilometre)
  }
}

extension TunedFront {
  /// Whether powers are four, of s from 0 to 7 and of y, z and w from 0 to 3.
  public static func areKnown(powers: [Int]) -> Bool {
    powers.count == 4 && (0...7).contains(powers[0])
      && powers.dropFirst().allSatisfy { (0...3).contains($0) }
  }
}
