/// Coordinates in which J^T J is the identity at the start of a fit.
///
/// The parameters of a shower are strongly correlated (core with axis and time, curvature with time): GSL
/// begins with a damping of 1e-3 of the largest curvature and takes many steps along the flat directions.
/// In u = 1000 + R (q - q0), J^T J = R^T R at q0, all directions are alike, and one unit is one standard
/// deviation. The offset gives the relative test of the last step a meaning: 1e-8 of it is 1e-5 of an error.
struct Whitening {
  /// Every coordinate at the start.
  static let offset = 1000.0

  private(set) var count = 0
  private(set) var origin = JointParameters(q: .zero)
  /// R^-1, upper triangle, `[p, p]` by rows with room for seven.
  private var inverse = [Double](repeating: 0, count: 49)
  private var factor = [Double](repeating: 0, count: 49)

  /// Coordinates about a start; where J has no full rank, each parameter in units of its column of J.
  mutating func set(
    origin: JointParameters, jacobian: UnsafeBufferPointer<Double>, rows: Int, count p: Int
  ) {
    self.origin = origin
    count = p
    for a in 0..<p {
      for b in 0...a {
        var sum = 0.0
        for row in 0..<rows { sum += jacobian[row * p + a] * jacobian[row * p + b] }
        inverse[b * p + a] = sum
      }
    }
    if !factorise() { useColumns() }
  }

  /// R of the matrix that `inverse` holds, then R^-1 in its place; false without full rank.
  private mutating func factorise() -> Bool {
    let p = count
    for j in 0..<p {
      var diagonal = inverse[j * p + j]
      let whole = diagonal
      for k in 0..<j { diagonal -= factor[k * p + j] * factor[k * p + j] }
      guard diagonal > 1e-12 * whole, diagonal.isFinite else { return false }
      let root = diagonal.squareRoot()
      factor[j * p + j] = root
      for i in (j + 1)..<max(p, j + 1) {
        var sum = inverse[j * p + i]
        for k in 0..<j { sum -= factor[k * p + j] * factor[k * p + i] }
        factor[j * p + i] = sum / root
      }
    }
    for j in 0..<p {
      inverse[j * p + j] = 1 / factor[j * p + j]
      for i in (0..<j).reversed() {
        var sum = 0.0
        for k in i + 1...j { sum += factor[i * p + k] * inverse[k * p + j] }
        inverse[i * p + j] = -sum / factor[i * p + i]
      }
    }
    return true
  }

  private mutating func useColumns() {
    let p = count
    for j in 0..<p {
      let length = inverse[j * p + j].squareRoot()
      for i in 0..<j { inverse[i * p + j] = 0 }
      inverse[j * p + j] = length > 0 && length.isFinite ? 1 / length : 1
    }
  }

  /// q at coordinates u, `[p]`.
  func parameters(
    _ u: UnsafeBufferPointer<Double>, _ free: FreeParameters
  ) -> JointParameters {
    var result = origin
    for i in 0..<count {
      var step = 0.0
      for j in i..<count { step += inverse[i * count + j] * (u[j] - Whitening.offset) }
      result.q[free.indices[i]] += step
    }
    return result
  }

  /// J by u from J by q: J R^-1, row by row.
  func transform(
    _ jacobian: UnsafeBufferPointer<Double>, rows: Int,
    into result: UnsafeMutableBufferPointer<Double>
  ) {
    let p = count
    inverse.withUnsafeBufferPointer { inverse in
      for row in 0..<rows {
        for j in 0..<p {
          var sum = 0.0
          for i in 0...j { sum += jacobian[row * p + i] * inverse[i * p + j] }
          result[row * p + j] = sum
        }
      }
    }
  }
}
