import Glibc
import ShowerModel

/// Covariance of the reported parameters, from that of the internal ones.
struct ReportedCovariance {
  /// Of (core_x, core_y, zenith, azimuth, ln S800, time, curvature), `[7, 7]`.
  let matrix: [Double]
  /// sqrt(sigma_theta^2 + sin^2 theta sigma_phi^2) [rad], regular at the zenith.
  let directionSigma: Double

  /// From the covariance of the free parameters, `[p, p]` in units of q, and their indices among the seven.
  ///
  /// `curvatureUnit` is a of a curvature parameter of 1 [ns].
  init(
    free: [Double], indices: FreeParameters, at parameters: JointParameters,
    curvatureUnit: Double = 1
  ) {
    var scale = JointParameters.scale
    scale[JointParameters.curvature] *= curvatureUnit
    let count = JointParameters.count
    // In native units, zero for a fixed parameter.
    var native = [Double](repeating: 0, count: count * count)
    for a in 0..<indices.count {
      for b in 0..<indices.count {
        let (i, j) = (indices.indices[a], indices.indices[b])
        native[i * count + j] =
          free[a * indices.count + b] * scale[i] * scale[j]
      }
    }
    let n = parameters.direction.vector
    let sine = max((n.x * n.x + n.y * n.y).squareRoot(), 1e-9)
    // Unit steps along theta and phi in (n_x, n_y): theta also turns n_z.
    let (ux, uy) = sine > 1e-8 ? (n.x / sine, n.y / sine) : (1, 0)
    let perAxis = [
      JointParameters.axisX: (zenith: ux / n.z, azimuth: -uy / sine),
      JointParameters.axisY: (zenith: uy / n.z, azimuth: ux / sine),
    ]
    var transform = [Double](repeating: 0, count: count * count)
    for i in 0..<count where perAxis[i] == nil { transform[i * count + i] = 1 }
    for (i, derivative) in perAxis {
      transform[2 * count + i] = derivative.zenith
      transform[3 * count + i] = derivative.azimuth
    }
    var result = [Double](repeating: 0, count: count * count)
    for a in 0..<count {
      for b in 0..<count {
        var sum = 0.0
        for i in 0..<count where transform[a * count + i] != 0 {
          for j in 0..<count {
            sum += transform[a * count + i] * native[i * count + j] * transform[b * count + j]
          }
        }
        result[a * count + b] = sum
      }
    }
    matrix = result
    let (xx, xy, yy) = (native[2 * count + 2], native[2 * count + 3], native[3 * count + 3])
    let along = (ux * ux * xx + 2 * ux * uy * xy + uy * uy * yy) / (n.z * n.z)
    let across = uy * uy * xx - 2 * ux * uy * xy + ux * ux * yy
    directionSigma = max(along + across, 0).squareRoot()
  }

  var isFinite: Bool { matrix.allSatisfy(\.isFinite) && directionSigma.isFinite }

  func sigma(_ parameter: Int) -> Double {
    max(matrix[parameter * JointParameters.count + parameter], 0).squareRoot()
  }
}
