import Glibc

/// Signal against distance from the axis, S(r) = S800 LDF(r), LDF(800 m) = 1.
///
/// A new one is one value in `all`.
public struct LateralDistribution: Sendable {
  /// ln LDF at one distance with its partial derivatives.
  public struct Value: Sendable, Equatable {
    public var logarithm: Double
    /// d ln LDF / dr [1/m].
    public var perDistance: Double
    /// d ln LDF / d cos theta.
    public var perCosZenith: Double

    public init(logarithm: Double, perDistance: Double, perCosZenith: Double) {
      self.logarithm = logarithm
      self.perDistance = perDistance
      self.perCosZenith = perCosZenith
    }
  }

  public let name: String
  public let description: String
  /// ln LDF at distance r > 0 [m] of a shower with cosine of the zenith angle > 0.
  public let value: @Sendable (_ distance: Double, _ cosZenith: Double) -> Value

  public init(
    name: String, description: String, value: @escaping @Sendable (Double, Double) -> Value
  ) {
    self.name = name
    self.description = description
    self.value = value
  }

  public static let all: [LateralDistribution] = [inr, utah]

  /// The published form with R_m = 90 m (INR chain, the source lecture).
  public static let inr = telescopeArray(name: "inr", moliereRadius: 90)
  /// The published form with R_m = 91.6 m (Utah chain).
  public static let utah = telescopeArray(name: "utah", moliereRadius: 91.6)

  /// `f(r) = (r/Rm)^-1.2 (1+r/Rm)^-(eta-1.2) (1+(r/1000 m)^2)^-0.6`, `LDF = f(r)/f(800 m)`.
  ///
  /// eta = 3.97 - 1.79 (sec theta - 1) up to 62.7 degrees, INR's polynomial of sixth degree beyond.
  /// Source: TA surface detector analyses, arXiv:1205.5067.
  static func telescopeArray(name: String, moliereRadius: Double) -> LateralDistribution {
    let outerRadius = 1000.0
    let constant800 =
      -1.2 * log(800 / moliereRadius) - 0.6 * log(1 + 0.64)
    let log800 = log(1 + 800 / moliereRadius)
    return LateralDistribution(
      name: name,
      description: "Telescope Array form, R_m = \(moliereRadius) m, attenuated slope eta(theta)"
    ) { r, cosZenith in
      let (eta, etaPerCosZenith) = slope(cosZenith: cosZenith)
      let logRatio = log(1 + r / moliereRadius)
      // -1.2 ln x - 0.6 ln y = -0.6 ln(x^2 y): a logarithm is most of the cost.
      let (x, y) = (r / moliereRadius, r / outerRadius)
      let logarithm =
        -0.6 * log(x * x * (1 + y * y)) - (eta - 1.2) * logRatio
        - (constant800 - (eta - 1.2) * log800)
      let perDistance =
        -1.2 / r - (eta - 1.2) / (moliereRadius + r)
        - 1.2 * r / (outerRadius * outerRadius + r * r)
      return Value(
        logarithm: logarithm, perDistance: perDistance,
        perCosZenith: (log800 - logRatio) * etaPerCosZenith)
    }
  }

  /// eta(theta) and d eta / d cos theta.
  static func slope(cosZenith: Double) -> (value: Double, derivative: Double) {
    let steepest = cos(62.7 * Units.degree)
    guard cosZenith < steepest else {
      return (3.97 - 1.79 * (1 / cosZenith - 1), 1.79 / (cosZenith * cosZenith))
    }
    // INR's polynomial in degrees; continuous with the formula above at 62.7 degrees.
    let coefficients = [
      -1.71299934e-10, 4.23849411e-08, -3.76192e-06, 1.35747298e-04, -2.18241567e-03,
      1.18960682e-02, 3.70692527,
    ]
    let zenith = acos(cosZenith)
    let x = zenith / Units.degree
    var (value, derivative) = (0.0, 0.0)
    for coefficient in coefficients {
      derivative = derivative * x + value
      value = value * x + coefficient
    }
    return (value, -derivative / (Units.degree * sin(zenith)))
  }

  /// LDF(r) of a shower at zenith angle theta.
  public func callAsFunction(_ distance: Double, zenith: Double) -> Double {
    exp(value(distance, cos(zenith)).logarithm)
  }
}
