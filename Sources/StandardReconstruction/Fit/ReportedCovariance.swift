import Glibc
import ShowerModel

/// Covariance of the reported parameters, in native units.
struct ReportedCovariance {
  private let matrix: SmallMatrix<ReportedParameter, ReportedParameter>
  /// sqrt(sigma_theta^2 + sin^2 theta sigma_phi^2) [rad], regular at the zenith.
  let directionSigma: Double

  /// Transforms the covariance of the internal parameters.
  ///
  /// - Parameters:
  ///   - covariance: of the free parameters, in internal units.
  ///   - free: the parameters that were fitted.
  ///   - parameters: the minimum.
  ///   - curvatureUnit: a for a curvature parameter of 1 [ns].
  init(
    _ covariance: FitCovariance, of free: FreeParameters, at parameters: FitParameters,
    curvatureUnit: Double
  ) {
    func unit(_ parameter: FitParameter) -> Double {
      parameter == .curvature ? parameter.unit * curvatureUnit : parameter.unit
    }
    // In native units, zero for a fixed parameter.
    var native = FitCovariance()
    for a in FitParameter.allCases where free.contains(a) {
      for b in FitParameter.allCases where free.contains(b) {
        native[a, b] = covariance[a, b] * unit(a) * unit(b)
      }
    }
    let n = parameters.direction.vector
    let sine = max((n.x * n.x + n.y * n.y).squareRoot(), 1e-9)
    // Unit steps along theta and phi in (n_x, n_y): theta also turns n_z.
    let (ux, uy) = sine > 1e-8 ? (n.x / sine, n.y / sine) : (1, 0)
    // d reported / d internal.
    var transform = SmallMatrix<ReportedParameter, FitParameter>()
    transform[.coreX, .coreX] = 1
    transform[.coreY, .coreY] = 1
    transform[.zenith, .axisX] = ux / n.z
    transform[.zenith, .axisY] = uy / n.z
    transform[.azimuth, .axisX] = -uy / sine
    transform[.azimuth, .axisY] = ux / sine
    transform[.logSignal800, .logSignal800] = 1
    transform[.time, .time] = 1
    transform[.curvature, .curvature] = 1
    var result = SmallMatrix<ReportedParameter, ReportedParameter>()
    for a in ReportedParameter.allCases {
      for b in ReportedParameter.allCases {
        var sum = 0.0
        for i in FitParameter.allCases where transform[a, i] != 0 {
          for j in FitParameter.allCases {
            sum += transform[a, i] * native[i, j] * transform[b, j]
          }
        }
        result[a, b] = sum
      }
    }
    matrix = result
    let (xx, xy, yy) = (
      native[.axisX, .axisX], native[.axisX, .axisY], native[.axisY, .axisY]
    )
    let along = (ux * ux * xx + 2 * ux * uy * xy + uy * uy * yy) / (n.z * n.z)
    let across = uy * uy * xx - 2 * ux * uy * xy + ux * ux * yy
    directionSigma = max(along + across, 0).squareRoot()
  }

  subscript(a: ReportedParameter, b: ReportedParameter) -> Double { matrix[a, b] }

  /// All elements by rows, as `StandardResult.covariance` has them.
  var byRows: [Double] { matrix.byRows }

  var isFinite: Bool { byRows.allSatisfy(\.isFinite) && directionSigma.isFinite }

  /// Standard deviation of a parameter.
  func sigma(_ parameter: ReportedParameter) -> Double {
    max(matrix[parameter, parameter], 0).squareRoot()
  }
}
