import Glibc
import ShowerModel

/// Internal parameters of the joint fit, and their scale.
///
/// q = (x_c/100 m, y_c/100 m, n_x, n_y, ln S800, t0/100 ns, a/1 ns): no pole at the zenith.
struct JointParameters {
  static let count = 7
  static let coreX = 0
  static let coreY = 1
  static let axisX = 2
  static let axisY = 3
  static let logSignal800 = 4
  static let time = 5
  static let curvature = 6
  /// Native units of one unit of each q.
  static let scale: [Double] = [100, 100, 1, 1, 1, 100, 1]

  var q: [Double]

  init(core: SIMD2<Double>, axis: SIMD2<Double>, signal800: Double, time: Double, curvature: Double)
  {
    q = [
      core.x / 100, core.y / 100, axis.x, axis.y, log(signal800), time / 100, curvature,
    ]
  }

  var core: SIMD2<Double> { SIMD2(q[0], q[1]) * 100 }
  var signal800: Double { exp(q[4]) }
  var time: Double { q[5] * 100 }
  var curvature: Double { q[6] }
  /// (n_x, n_y), held below 85 degrees.
  var axis: SIMD2<Double> { JointParameters.limited(SIMD2(q[2], q[3])) }
  var isZenithLimited: Bool { axis != SIMD2(q[2], q[3]) }
  var direction: Direction {
    let n = axis
    return Direction(along: SIMD3(n.x, n.y, (1 - (n * n).sum()).squareRoot()))
  }
  var showerAxis: ShowerAxis {
    ShowerAxis(core: Position(core.x, core.y, 0), direction: direction)
  }

  static func limited(_ n: SIMD2<Double>) -> SIMD2<Double> {
    let limit = 0.9961946980917455  // sin 85 degrees
    let length = (n * n).sum().squareRoot()
    return length > limit ? n * (limit / length) : n
  }
}
