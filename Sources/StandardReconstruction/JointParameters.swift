import Glibc
import ShowerModel

/// Internal parameters of the joint fit, and their scale.
///
/// q = (x_c/100 m, y_c/100 m, n_x, n_y, ln S800, t0/100 ns, a/1 ns): no pole at the zenith. The eighth
/// lane is not used.
struct JointParameters: Equatable {
  static let count = 7
  static let coreX = 0
  static let coreY = 1
  static let axisX = 2
  static let axisY = 3
  static let logSignal800 = 4
  static let time = 5
  static let curvature = 6
  /// Native units of one unit of each q.
  static let scale = SIMD8<Double>(100, 100, 1, 1, 1, 100, 1, 0)

  var q: SIMD8<Double>

  init(core: SIMD2<Double>, axis: SIMD2<Double>, signal800: Double, time: Double, curvature: Double)
  {
    q = SIMD8(
      core.x / 100, core.y / 100, axis.x, axis.y, log(signal800), time / 100, curvature, 0)
  }

  init(q: SIMD8<Double>) { self.q = q }

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
  var isFinite: Bool { (0..<JointParameters.count).allSatisfy { q[$0].isFinite } }

  static func limited(_ n: SIMD2<Double>) -> SIMD2<Double> {
    let limit = 0.9961946980917455  // sin 85 degrees
    let length = (n * n).sum().squareRoot()
    return length > limit ? n * (limit / length) : n
  }
}

/// Which of the seven parameters a fit moves.
struct FreeParameters: Equatable {
  /// Indices of the free parameters, the first `count` lanes.
  let indices: SIMD8<Int>
  let count: Int

  private init(_ list: Int...) {
    var indices = SIMD8<Int>(repeating: 0)
    for (lane, index) in list.enumerated() { indices[lane] = index }
    self.indices = indices
    count = list.count
  }

  static let all = FreeParameters(0, 1, 2, 3, 4, 5, 6)
  /// The curvature at its expectation.
  static let fixedCurvature = FreeParameters(0, 1, 2, 3, 4, 5)
  /// Core and size, for the signals alone.
  static let lateral = FreeParameters(0, 1, 4)
  /// The front with a fixed core: axis, time and curvature, or axis and time.
  static let curvedFront = FreeParameters(2, 3, 5, 6)
  static let front = FreeParameters(2, 3, 5)

  func contains(_ index: Int) -> Bool { (0..<count).contains { indices[$0] == index } }
}
