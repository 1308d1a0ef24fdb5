internal import Glibc

/// Arrival of the signal of a kind of particles behind the plane front: a log-normal distribution.
///
/// `ln t = ln t50 + w Z`: median and width are polynomials in x = ln(r/800 m), linear in the depth
/// beyond the maximum and in a/r = tan(theta) cos(zeta), the slope of the ground along the way from
/// the axis. By it the early side differs from the late one nearly alike at all distances. The
/// quantiles t10, t50, t90 of the CORSIKA
/// showers follow it to their own errors from 200 m to 2 km. They do not follow a curved front with
/// a Gamma tail.
package struct ArrivalTimes: Sendable {
  /// Of one place.
  package struct Law: Sendable, Equatable {
    /// Median delay [ns].
    package var median: Double
    /// Standard deviation of ln t.
    var width: Double

    @inline(__always) package func delay(normal: Double) -> Double {
      median * VectorFunctions.exp(width * normal)
    }

    /// P(delay < t).
    func cumulative(_ t: Double) -> Double {
      guard t > 0 else { return 0 }
      return 0.5 * erfc(-log(t / median) / (width * 2.0.squareRoot()))
    }
  }

  private static let depths = -100.0...900.0
  private static let farthest = log(10.0)
  /// tan 60 degrees.
  private static let steepest = 1.7321
  private let constants: ShowerConstants.Delay

  init(_ constants: ShowerConstants.Delay) { self.constants = constants }

  /// At a distance r from the axis [m], a upstream [m], for D = X_g/cos theta - Xmax [g/cm2].
  func law(distance: Double, upstream: Double, depthBeyondMaximum: Double) -> Law {
    let law = logLaw(
      logDistance: log(max(distance, 30) / 800), slope: upstream / max(distance, 30),
      depthBeyondMaximum: depthBeyondMaximum)
    return Law(median: exp(law.logMedian), width: law.width)
  }

  /// The same with the logarithm of the median, by x = ln(r/800 m) from 30 m on and a/r.
  func logLaw(
    logDistance: Double, slope: Double, depthBeyondMaximum: Double
  ) -> (logMedian: Double, width: Double) {
    let x = min(logDistance, Self.farthest)
    let held = min(max(depthBeyondMaximum, Self.depths.lowerBound), Self.depths.upperBound)
    let depth = (held - 280) / 100
    let slope = min(max(slope, -Self.steepest), Self.steepest)
    let logMedian =
      polynomial(constants.logMedian, x) + constants.medianPerDepth * depth
      + polynomial(constants.medianPerSlope, x) * slope
    let width =
      polynomial(constants.width, x) + constants.widthPerDepth * depth
      + polynomial(constants.widthPerSlope, x) * slope
    return (logMedian, min(max(width, 0.15), 1.2))
  }
}
