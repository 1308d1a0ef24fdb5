import Glibc
import ShowerModel

/// Studentised residuals of the stations, r_i / sqrt(1 - h_i), h = diag(J C J^T).
///
/// A station that alone fixes a parameter has h = 1 and a residual of zero: its pull is given as 0.
struct StationPulls {
  /// By index of the station in the fit; NaN where it has no such term.
  private(set) var time: [Double]
  private(set) var signal: [Double]

  /// - Parameters:
  ///   - function: with the errors of the last pass.
  ///   - parameters: of the fit.
  ///   - covariance: of the free parameters, `[p, p]` in units of q.
  init(_ function: JointFitFunction, _ parameters: JointParameters, covariance: [Double]) {
    let p = function.free.count
    let pulls = function.withRows(at: parameters) { residuals, jacobian in
      (0..<function.timeCount + function.signalCount).map { row in
        var leverage = 0.0
        for a in 0..<p {
          for b in 0..<p {
            leverage += jacobian[row * p + a] * covariance[a * p + b] * jacobian[row * p + b]
          }
        }
        return leverage < 1 - 1e-6 ? residuals[row] / (1 - leverage).squareRoot() : 0
      }
    }
    time = [Double](repeating: .nan, count: function.stations.count)
    signal = time
    var (timeRow, signalRow) = (0, function.timeCount)
    for (index, station) in function.stations.enumerated() {
      if function.hasTime(station) {
        time[index] = pulls[timeRow]
        timeRow += 1
      }
      if function.hasSignal(station) {
        signal[index] = pulls[signalRow]
        signalRow += 1
      }
    }
  }
}

extension JointFitFunction {
  /// chi2 of the rows of times, signals and silent stations.
  func chi2Parts(_ parameters: JointParameters) -> (time: Double, signal: Double, silent: Double) {
    withRows(at: parameters) { residuals, _ in
      func sum(_ rows: Range<Int>) -> Double {
        rows.reduce(0) { $0 + residuals[$1] * residuals[$1] }
      }
      let (t, s) = (timeCount, signalCount)
      return (sum(0..<t), sum(t..<t + s), sum(t + s..<t + s + silentCount))
    }
  }
}
