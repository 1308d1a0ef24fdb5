import Glibc

/// Delay of the curved front behind the plane one, a T(r, LDF), for curvature a [ns].
///
/// A new one is one value in `all`.
public struct ShowerFront: Sendable {
  /// T at one distance with its partial derivatives.
  public struct Value: Sendable, Equatable {
    public var shape: Double
    /// dT/dr at fixed LDF [1/m].
    public var perDistance: Double
    /// dT / d ln LDF.
    public var perLogLDF: Double

    public init(shape: Double, perDistance: Double, perLogLDF: Double) {
      self.shape = shape
      self.perDistance = perDistance
      self.perLogLDF = perLogLDF
    }
  }

  public let name: String
  public let description: String
  /// Whether there is a curvature to fit.
  public let isCurved: Bool
  /// Whether delays grow upstream, `T (1 + l/12 km)^1.05` with l along the axis (Utah chain).
  public let growsUpstream: Bool
  /// The curvature a expected for S800 [VEM/m2] and zenith [ns]: where a fit begins, and its scale.
  private let expectation: @Sendable (_ signal800: Double, _ zenith: Double) -> Double
  /// T at distance r [m] where the lateral distribution has the logarithm ln LDF.
  public let value: @Sendable (_ distance: Double, _ logLDF: Double) -> Value

  public init(
    name: String, description: String, isCurved: Bool = true, growsUpstream: Bool = false,
    expectedCurvature: @escaping @Sendable (Double, Double) -> Double,
    value: @escaping @Sendable (Double, Double) -> Value
  ) {
    self.name = name
    self.description = description
    self.isCurved = isCurved
    self.growsUpstream = growsUpstream
    self.expectation = expectedCurvature
    self.value = value
  }

  public static let all: [ShowerFront] = [linsley, utah, utahAxial, paraboloid, plane]

  /// `T = (r / 1 km)^2`: a paraboloid, a its delay at 1 km. Uses no lateral distribution.
  public static let paraboloid = ShowerFront(
    name: "paraboloid", description: "a (r/1 km)^2", expectedCurvature: { _, _ in 100 }
  ) { r, _ in
    let x = r / Units.kilometre
    return Value(shape: x * x, perDistance: 2 * x / Units.kilometre, perLogLDF: 0)
  }
  /// `T = 0`: no curvature.
  public static let plane = ShowerFront(
    name: "plane", description: "no delay", isCurved: false, expectedCurvature: { _, _ in 0 }
  ) { _, _ in Value(shape: 0, perDistance: 0, perLogLDF: 0) }

  /// `T = (1 + r/30 m)^1.5 LDF^-0.5` (INR chain, the source lecture).
  public static let linsley = linsley(name: "linsley", exponent: 1.5)
  /// `T = (1 + r/30 m)^1.35 LDF^-0.5` (Utah chain, without its factor of the ground distance).
  public static let utah = linsley(name: "utah", exponent: 1.35)

  /// `T = (1 + l/12 km)^1.05 (1 + r/30 m)^1.35 LDF^-0.5` (Utah chain, fit with a free curvature).
  public static let utahAxial = linsley(name: "utah-axial", exponent: 1.35, growsUpstream: true)

  /// Length and exponent of the growth upstream [m].
  public static let axialLength = 12 * Units.kilometre
  public static let axialExponent = 1.05

  /// The factor of the growth upstream and its derivative by l [1/m].
  public static func axialGrowth(_ upstream: Double) -> (value: Double, perUpstream: Double) {
    // Beyond 12 km downstream the published power has no value.
    let base = max(1 + upstream / axialLength, 1e-3)
    let value = pow(base, axialExponent)
    return (value, axialExponent * value / (base * axialLength))
  }

  static func linsley(
    name: String, exponent: Double, growsUpstream: Bool = false
  ) -> ShowerFront {
    let radius = 30.0
    // The mean curvature is one of the exponent 1.5; with another, delays at 1 km stay the same.
    let unit = pow(1 + Units.kilometre / radius, 1.5 - exponent)
    return ShowerFront(
      name: name,
      description: "a (1 + r/30 m)^\(exponent) LDF(r)^-0.5"
        + (growsUpstream ? ", growing upstream" : ""), growsUpstream: growsUpstream,
      expectedCurvature: { signal800, zenith in
        unit * linsleyUnit * 1.3 * meanCurvature(zenith: zenith) / signal800.squareRoot()
      }
    ) { r, logLDF in
      let x = 1 + r / radius
      // A root is five times faster than a power.
      let shape =
        exponent == 1.5
        ? x * x.squareRoot() * exp(-0.5 * logLDF) : exp(exponent * log(x) - 0.5 * logLDF)
      return Value(
        shape: shape, perDistance: shape * exponent / (radius + r), perLogLDF: -0.5 * shape)
    }
  }

  /// Unit of the curvature in the normalisation of AGASA and Linsley [ns].
  public static let linsleyUnit = 0.67

  /// Mean curvature a_I(theta) of measured showers, in Linsley's normalisation.
  ///
  /// Source: public TA analysis code, checked there at 0 (3.384), 30 (2.740), 45 degrees (1.751).
  public static func meanCurvature(zenith: Double) -> Double {
    let x = zenith / Units.degree
    if x < 25 { return 3.3836 - 0.01848 * x }
    if x < 35 {
      return 6.511268210e-5 * (x - 0.2614963683) * (x * x - 134.7902422 * x + 4558.524091)
    }
    return exp(2 - 0.032 * x)
  }

  /// The curvature a expected for S800 [VEM/m2] and zenith angle [ns]: `0.67 ns 1.3 a_I /
  /// sqrt(S800)` for the exponent 1.5, and the same delay at 1 km for the others of the published
  /// chains.
  public func expectedCurvature(signal800: Double, zenith: Double) -> Double {
    expectation(signal800, zenith)
  }
}
