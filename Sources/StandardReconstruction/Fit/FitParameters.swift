import Glibc
import ShowerModel

/// The seven parameters of the joint fit, in the order of its vectors and matrices.
///
/// The axis is given by n_x and n_y, the horizontal components of the unit vector towards the
/// source. So there is no pole at the zenith.
@_spi(Validation) public enum FitParameter: Int, CaseIterable, Sendable {
  /// Core position x.
  case coreX
  /// Core position y.
  case coreY
  /// n_x.
  case axisX
  /// n_y.
  case axisY
  /// ln(S800 / (VEM/m2)).
  case logSignal800
  /// Time t0 at the core.
  case time
  /// Curvature a of the front.
  case curvature

  static let count = 7
  /// Stored once, so that a loop over the parameters allocates nothing.
  public static let allCases: [FitParameter] = [
    .coreX, .coreY, .axisX, .axisY, .logSignal800, .time, .curvature,
  ]

  /// Native units in one internal unit: 100 m for the core, 100 ns for the time, else 1.
  public var unit: Double {
    switch self {
    case .coreX, .coreY, .time: 100
    case .axisX, .axisY, .logSignal800, .curvature: 1
    }
  }
}

/// A point in the space of the fit's parameters.
///
/// Subscripts are in internal units, in which all parameters are of the order of 1. The named
/// properties are in native units: m, ns, VEM/m2.
struct FitParameters: Equatable {
  /// By `FitParameter`; the eighth element is always zero.
  private var values: SIMD8<Double>

  /// - Parameters:
  ///   - core: on the plane z = 0 [m].
  ///   - axis: n_x and n_y.
  ///   - signal800: S800 [VEM/m2].
  ///   - time: t0 [ns].
  ///   - curvature: a [ns], or the factor on the delays of a tuned front.
  init(core: SIMD2<Double>, axis: SIMD2<Double>, signal800: Double, time: Double, curvature: Double)
  {
    values = SIMD8(
      core.x / 100, core.y / 100, axis.x, axis.y, log(signal800), time / 100, curvature, 0)
  }

  /// One parameter in its internal unit.
  subscript(parameter: FitParameter) -> Double {
    get { values[parameter.rawValue] }
    set { values[parameter.rawValue] = newValue }
  }

  var core: SIMD2<Double> { SIMD2(self[.coreX], self[.coreY]) * 100 }
  var signal800: Double { exp(self[.logSignal800]) }
  var time: Double { self[.time] * 100 }
  var curvature: Double { self[.curvature] }
  /// (n_x, n_y), held below a zenith angle of 85 degrees.
  var axis: SIMD2<Double> { FitParameters.limited(SIMD2(self[.axisX], self[.axisY])) }
  var isZenithLimited: Bool { axis != SIMD2(self[.axisX], self[.axisY]) }
  var direction: Direction {
    let n = axis
    return Direction(along: SIMD3(n.x, n.y, (1 - (n * n).sum()).squareRoot()))
  }
  var showerAxis: ShowerAxis {
    ShowerAxis(core: Position(core.x, core.y, 0), direction: direction)
  }
  var isFinite: Bool { FitParameter.allCases.allSatisfy { self[$0].isFinite } }

  /// The same point with some parameters from elsewhere, one element for each in their order.
  func replacing(
    _ parameters: FreeParameters, by elements: UnsafeBufferPointer<Double>
  ) -> FitParameters {
    var result = self
    for position in 0..<parameters.count { result[parameters[position]] = elements[position] }
    return result
  }

  /// The same point with some parameters from elsewhere, an element for each in their order.
  func replacing(_ parameters: FreeParameters, by elements: SIMD8<Double>) -> FitParameters {
    var result = self
    if parameters == .all {
      result.values = elements
    } else {
      for position in 0..<parameters.count { result[parameters[position]] = elements[position] }
    }
    return result
  }

  /// Some parameters, an element for each in their order; the others are zero.
  func elements(_ parameters: FreeParameters) -> SIMD8<Double> {
    if parameters == .all { return values }
    var result = SIMD8<Double>.zero
    for position in 0..<parameters.count { result[position] = self[parameters[position]] }
    return result
  }

  /// The same point with the core at a place [m].
  func moved(to place: SIMD2<Double>) -> FitParameters {
    var result = self
    result[.coreX] = place.x / FitParameter.coreX.unit
    result[.coreY] = place.y / FitParameter.coreY.unit
    return result
  }

  private static func limited(_ n: SIMD2<Double>) -> SIMD2<Double> {
    let limit = 0.9961946980917455  // sin 85 degrees
    let length = (n * n).sum().squareRoot()
    return length > limit ? n * (limit / length) : n
  }
}

/// The parameters that a fit moves, in the order of `FitParameter`; the others stay at their start.
///
/// The position of a free parameter in this list is its column in the Jacobian.
struct FreeParameters: Equatable {
  private let list: InlineArray<7, FitParameter>
  private let mask: UInt8
  let count: Int

  private init(_ parameters: FitParameter...) {
    var list = InlineArray<7, FitParameter>(repeating: .coreX)
    for (position, parameter) in parameters.enumerated() { list[position] = parameter }
    self.list = list
    mask = parameters.reduce(0) { $0 | 1 << UInt8($1.rawValue) }
    count = parameters.count
  }

  static let all = FreeParameters(
    .coreX, .coreY, .axisX, .axisY, .logSignal800, .time, .curvature)
  /// All but the curvature, which stays at its expectation.
  static let fixedCurvature = FreeParameters(
    .coreX, .coreY, .axisX, .axisY, .logSignal800, .time)
  /// Core and S800, for the signals alone.
  static let lateral = FreeParameters(.coreX, .coreY, .logSignal800)
  /// A curved front about a fixed core.
  static let curvedFront = FreeParameters(.axisX, .axisY, .time, .curvature)
  /// A plane front, or one of fixed curvature, about a fixed core.
  static let front = FreeParameters(.axisX, .axisY, .time)

  /// The parameter at a position, 0 to `count` - 1.
  subscript(position: Int) -> FitParameter { list[position] }

  func contains(_ parameter: FitParameter) -> Bool { mask & 1 << UInt8(parameter.rawValue) != 0 }

  static func == (a: FreeParameters, b: FreeParameters) -> Bool { a.mask == b.mask }
}
