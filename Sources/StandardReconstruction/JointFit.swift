import Glibc
internal import LeastSquaresFit
import ShowerModel

/// The joint fit of one event from one start, in passes with errors and branches frozen.
struct JointFit {
  var parameters: JointParameters
  var solution: Solution
  var function: JointFitFunction
  var passes: Int
  var isSettled: Bool

  /// Fits until no branch changes and no parameter moves by 0.05 of its error.
  static func run(
    _ stations: [FitStation], from start: JointParameters, free: [Int],
    tie: (centre: SIMD2<Double>, width: Double)?, configuration: FitConfiguration,
    with minimiser: LevenbergMarquardt
  ) throws(LeastSquaresError) -> JointFit {
    var parameters = start
    var errors = FrozenErrors(at: parameters, stations: stations, configuration: configuration)
    var pass = 0
    while true {
      pass += 1
      let function = JointFitFunction(
        stations: stations, configuration: configuration, errors: errors, free: free,
        base: parameters, tie: tie)
      let solution = try minimiser.minimise(function, from: free.map { parameters.q[$0] })
      let previous = parameters
      parameters = function.all(solution.parameters)
      let next = FrozenErrors(at: parameters, stations: stations, configuration: configuration)
      let isSettled =
        next.isPoisson == errors.isPoisson
        && moved(from: previous, to: parameters, free, solution.covariance) < 0.05
      let isLast = pass >= configuration.passes.upperBound
      if isLast || (isSettled && pass >= configuration.passes.lowerBound) {
        return JointFit(
          parameters: parameters, solution: solution, function: function, passes: pass,
          isSettled: isSettled)
      }
      errors = next
    }
  }

  /// Largest step of a parameter in units of its error; infinite without a covariance.
  private static func moved(
    from old: JointParameters, to new: JointParameters, _ free: [Int], _ covariance: [Double]?
  ) -> Double {
    guard let covariance else { return .infinity }
    return free.indices.reduce(0) {
      let sigma = covariance[$1 * free.count + $1].squareRoot()
      return max($0, abs(new.q[free[$1]] - old.q[free[$1]]) / sigma)
    }
  }

  /// chi2 of the rows of times, signals and silent stations.
  var chi2Parts: (time: Double, signal: Double, silent: Double) {
    func sum(_ rows: Range<Int>) -> Double {
      solution.residuals[rows].reduce(0) { $0 + $1 * $1 }
    }
    let (t, s) = (function.timeCount, function.signalCount)
    return (sum(0..<t), sum(t..<t + s), sum(t + s..<t + s + function.silentCount))
  }
}
