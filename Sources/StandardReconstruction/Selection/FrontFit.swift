import Glibc
import ShowerModel

/// Front fits that are linear in (n_x, n_y, t0) once the delay of each station is known.
struct FrontFit {
  var axis: SIMD2<Double>
  var time: Double
  /// By how much chi2 falls without a station, w r^2 / (1 - h), in the order of the stations used.
  var drops: [Double]

  /// A plane front, all errors 1.24 us; the z term iterated.
  static func plane(
    _ members: [StartValues.Member], _ used: [Int], core: SIMD2<Double>
  ) -> SIMD2<Double>? {
    var axis = SIMD2<Double>.zero
    for _ in 0..<4 {
      guard
        let fit = solve(members, used, core: core, axis, errors: { _ in (0, 1240) })
      else { return nil }
      axis = fit.axis
    }
    return axis
  }

  /// A front with the mean curvature a_I. The delay is 0.80 a_I (1 + r/30 m)^1.5 S^-0.5. The error
  /// is K a_I (1 + r/30 m)^1.5 S^-0.3, combined with that of the leading edge, at least one sample.
  static func curved(
    _ members: [StartValues.Member], _ used: [Int], core: SIMD2<Double>, from start: SIMD2<Double>,
    scatter: Double, samplePeriod: Double
  ) -> FrontFit? {
    // What the density does to delay and error stays the same from pass to pass.
    let densities = members.map { member in
      let density = max(member.signal, 0.1)
      return (root: density.squareRoot(), error: pow(density, -0.3))
    }
    var fit: FrontFit?
    var axis = start
    for _ in 0..<4 {
      let direction = Direction(
        along: SIMD3(axis.x, axis.y, (1 - (axis * axis).sum()).squareRoot()))
      let showerAxis = ShowerAxis(core: Position(core.x, core.y, 0), direction: direction)
      let mean = ShowerFront.meanCurvature(zenith: direction.zenith)
      fit = solve(members, used, core: core, axis) { index in
        let member = members[index]
        let r = showerAxis.distance(of: member.position)
        let x = 1 + r / 30
        let form = mean * x * x.squareRoot()
        let spread = scatter * form * densities[index].error
        let edge = max(member.timeError, samplePeriod)
        return (
          0.80 * form / densities[index].root, (spread * spread + edge * edge).squareRoot()
        )
      }
      guard let next = fit?.axis else { return nil }
      axis = next
    }
    return fit
  }

  /// Weighted linear least squares of `t - delay + z n_z/c = t0 - (x n_x + y n_y)/c`.
  private static func solve(
    _ members: [StartValues.Member], _ used: [Int], core: SIMD2<Double>, _ axis: SIMD2<Double>,
    errors: (_ member: Int) -> (delay: Double, sigma: Double)
  ) -> FrontFit? {
    let nz = max(1 - (axis * axis).sum(), 0).squareRoot()
    let c = Units.speedOfLight
    // Normal equations of three unknowns; times about the first station, for precision.
    let origin = members[used[0]].time
    var m = (xx: 0.0, xy: 0.0, x1: 0.0, yy: 0.0, y1: 0.0, one: 0.0)
    var b = SIMD3<Double>.zero
    var rows: [(x: Double, y: Double, t: Double, w: Double)] = []
    rows.reserveCapacity(used.count)
    for k in used {
      let (delay, sigma) = errors(k)
      let p = members[k].position
      let (x, y) = (-(p.x - core.x) / c, -(p.y - core.y) / c)
      let t = members[k].time - origin - delay + p.z * nz / c
      let w = 1 / (sigma * sigma)
      rows.append((x, y, t, w))
      m = (
        m.xx + w * x * x, m.xy + w * x * y, m.x1 + w * x, m.yy + w * y * y, m.y1 + w * y, m.one + w
      )
      b += w * t * SIMD3(x, y, 1)
    }
    let cofactor = SIMD3(
      m.yy * m.one - m.y1 * m.y1, m.x1 * m.y1 - m.xy * m.one, m.xy * m.y1 - m.yy * m.x1)
    let determinant = m.xx * cofactor.x + m.xy * cofactor.y + m.x1 * cofactor.z
    guard determinant > 1e-9 * m.xx * m.yy * m.one else { return nil }
    // The inverse of the normal matrix, symmetric.
    let inverse = (
      xx: cofactor.x / determinant, xy: cofactor.y / determinant, x1: cofactor.z / determinant,
      yy: (m.xx * m.one - m.x1 * m.x1) / determinant,
      y1: (m.x1 * m.xy - m.xx * m.y1) / determinant,
      one: (m.xx * m.yy - m.xy * m.xy) / determinant
    )
    let nx = inverse.xx * b.x + inverse.xy * b.y + inverse.x1 * b.z
    let ny = inverse.xy * b.x + inverse.yy * b.y + inverse.y1 * b.z
    let t0 = inverse.x1 * b.x + inverse.y1 * b.y + inverse.one * b.z
    let drops = rows.map { row in
      let residual = row.t - t0 - row.x * nx - row.y * ny
      let term = row.w * residual * residual
      let leverage =
        row.w
        * (row.x * (inverse.xx * row.x + 2 * inverse.xy * row.y + 2 * inverse.x1)
          + row.y * (inverse.yy * row.y + 2 * inverse.y1) + inverse.one)
      // A station that alone fixes a parameter cannot be judged.
      return leverage < 1 - 1e-6 ? term / (1 - leverage) : 0
    }
    var n = SIMD2(nx, ny)
    let length = (n * n).sum().squareRoot()
    if length > 0.98 { n *= 0.98 / length }
    return FrontFit(axis: n, time: t0 + origin, drops: drops)
  }
}
