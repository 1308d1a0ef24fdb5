internal import Glibc
public import ShowerModel

/// Distribution of the slant depth of the shower maximum, `Xmax = mu - sigma ln g + Gauss`.
///
/// g is Gamma distributed with shape lambda and mean 1 (generalised Gumbel distribution).
public struct DepthOfMaximum: Sendable, Equatable {
  /// mu [g/cm2].
  public var location: Double
  /// sigma [g/cm2]; 0 for a purely Gaussian one.
  public var scale: Double
  /// lambda.
  public var shape: Double
  /// Standard deviation of the Gaussian part [g/cm2].
  public var gaussian: Double

  /// `mu + sigma (ln lambda - psi(lambda))` [g/cm2].
  public var mean: Double { location + scale * (log(shape) - digamma(shape)) }

  /// Standard deviation, sigma sqrt(psi'(lambda)) with the Gaussian part in quadrature [g/cm2].
  public var deviation: Double {
    (scale * scale * trigamma(shape) + gaussian * gaussian).squareRoot()
  }

  /// Of a nucleus, for 17 < lgE < 20.5, continued above. Source: De Domenico et al., JCAP 07 (2013)
  /// 050.
  public init(nucleus massNumber: Int, logEnergy: Double, model: InteractionModel) {
    let logMass = log(Double(massNumber))
    let p = model.coefficients.map { $0.x + logMass * ($0.y + logMass * $0.z) }
    let l = logEnergy - 19
    location = p[0] + l * (p[1] + l * p[2])
    scale = p[3] + p[4] * l
    shape = p[5] + p[6] * l
    gaussian = 0
  }

  /// Of a photon that enters the atmosphere unconverted. Literature by memory.
  public init(photonWithLogEnergy logEnergy: Double) {
    let l = logEnergy - 19
    location = 990 + 100 * l + 75 * max(l - 0.5, 0) - 30
    scale = 60 + 35 * max(l, 0)
    shape = 0.9
    gaussian = 0
  }

  /// Of a photon that converted in the geomagnetic field (crude).
  public init(convertedPhotonWithLogEnergy logEnergy: Double) {
    location = 955 + 55 * (logEnergy - 20)
    scale = 0
    shape = 1
    gaussian = 28
  }

  /// One shower's Xmax [g/cm2].
  public func sample(using random: inout CounterRandom) -> Double {
    let g = random.gamma(shape: shape, scale: 1 / shape)
    return location - scale * log(g) + gaussian * random.normal()
  }
}

/// Probability that a photon converts to an electron pair in the Earth's field (crude).
///
/// `P = 1 - exp(-((E/90 EeV)(B_perp/0.5 G))^2.5)` with the field (21.95 north, 46.40 down) uT.
func preshowerProbability(energy: Double, direction: Direction) -> Double {
  let field = SIMD3(0, 0.2195, -0.4640)
  let n = direction.vector
  let along = (field * n).sum()
  let perpendicular = max((field * field).sum() - along * along, 0).squareRoot()
  return 1 - exp(-pow(energy / 90 * perpendicular / 0.5, 2.5))
}

/// psi(x) = d ln Gamma / dx for x > 0, by recurrence and asymptotic series (Abramowitz and Stegun
/// 6.3).
func digamma(_ x: Double) -> Double {
  var (x, shift) = (x, 0.0)
  while x < 8 {
    shift -= 1 / x
    x += 1
  }
  let y = 1 / (x * x)
  return shift + log(x) - 0.5 / x
    - y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y / 132))))
}

/// psi'(x) for x > 0 (Abramowitz and Stegun 6.4).
func trigamma(_ x: Double) -> Double {
  var (x, shift) = (x, 0.0)
  while x < 8 {
    shift += 1 / (x * x)
    x += 1
  }
  let y = 1 / (x * x)
  return shift + 1 / x + 0.5 * y
    + y / x * (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y / 30)))
}
