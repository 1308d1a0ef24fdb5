import Glibc
internal import LeastSquaresFit
import ShowerModel

/// Where the joint fit starts from.
extension StandardFit {
  /// S800 from the signals at 300 ... 1800 m, t0 from the largest signal, mean curvature.
  func startParameters(
    _ stations: [FitStation], core: SIMD2<Double>, axis: SIMD2<Double>
  ) -> JointParameters {
    let direction = JointParameters(
      core: core, axis: axis, signal800: 1, time: 0, curvature: 1)
    let showerAxis = direction.showerAxis
    let zenith = showerAxis.direction.zenith
    let signal800 =
      signal800(stations, showerAxis, within: 300...1800)
      ?? signal800(stations, showerAxis, within: 0...(.infinity)) ?? 1
    var largest: FitStation?
    for station in stations where station.hasTime {
      if station.signal > largest?.signal ?? -.infinity { largest = station }
    }
    return JointParameters(
      core: core, axis: axis, signal800: signal800,
      time: largest.map { $0.time - showerAxis.planeDelay(at: $0.position) } ?? 0,
      curvature: configuration.expectedCurvature(signal800: signal800, zenith: zenith))
  }

  /// Sum of signals over sum of LDF; nil where there is none.
  private func signal800(
    _ stations: [FitStation], _ axis: ShowerAxis, within range: ClosedRange<Double>
  ) -> Double? {
    let cosZenith = axis.direction.vector.z
    var (shape, measured) = (0.0, 0.0)
    for station in stations where station.hasSignal {
      let r = axis.distance(of: station.position)
      guard range.contains(r) else { continue }
      shape += exp(configuration.lateralDistribution.value(max(r, 100), cosZenith).logarithm)
      measured += station.signal
    }
    let ratio = measured / shape
    return shape > 0 && measured > 0 && ratio.isFinite && ratio > 0 ? ratio : nil
  }

  /// Core and S800 from the signals alone, the axis fixed, the core tied to the barycentre.
  func lateralFit(
    from start: JointParameters, _ values: StartValues, _ workspace: Workspace
  ) -> JointParameters? {
    let function = workspace.function
    function.select(.signals)
    function.free = .lateral
    function.tie = values.barycentre
    function.errors.reset(count: function.stations.count)
    function.freeze(at: start)
    guard
      let fitted = function.minimum(from: start, workspace.minimiser, until: JointFit.loose)
    else { return nil }
    var result = startParameters(
      function.stations, core: fitted.parameters.core, axis: start.axis)
    result.q[JointParameters.logSignal800] = fitted.parameters.q[JointParameters.logSignal800]
    return result.isFinite ? result : nil
  }
}
