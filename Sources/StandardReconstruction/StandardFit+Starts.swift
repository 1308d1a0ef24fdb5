import Glibc
internal import LeastSquaresFit
import ShowerModel

/// Where the joint fit starts from.
extension StandardFit {
  /// S800 from the signals at 300 ... 1800 m, t0 from the largest signal, mean curvature.
  func startParameters(
    _ stations: [FitStation], core: SIMD2<Double>, axis: SIMD2<Double>
  ) -> JointParameters {
    var start = JointParameters(core: core, axis: axis, signal800: 1, time: 0, curvature: 1)
    let showerAxis = start.showerAxis
    let zenith = showerAxis.direction.zenith
    let signals = stations.filter(\.hasSignal)
    let ring = signals.filter {
      (300...1800).contains(showerAxis.distance(of: $0.position))
    }
    let used = ring.isEmpty ? signals : ring
    let shape = used.reduce(0) {
      $0
        + configuration.lateralDistribution(
          max(showerAxis.distance(of: $1.position), 100), zenith: zenith)
    }
    let measured = used.reduce(0) { $0 + $1.signal }
    let signal800 = shape > 0 && measured > 0 ? measured / shape : 1
    let largest = stations.filter(\.hasTime).max { $0.signal < $1.signal }
    start = JointParameters(
      core: core, axis: axis, signal800: signal800,
      time: largest.map { $0.time - showerAxis.planeDelay(at: $0.position) } ?? 0,
      curvature: ShowerFront.expectedCurvature(signal800: signal800, zenith: zenith))
    return start
  }

  /// Core and S800 from the signals alone, the axis fixed, the core tied to the barycentre.
  func lateralFit(
    _ stations: [FitStation], from start: JointParameters, _ values: StartValues,
    _ workspace: Workspace
  ) -> JointParameters? {
    let errors = FrozenErrors(at: start, stations: stations, configuration: configuration)
    let function = JointFitFunction(
      stations: stations, configuration: configuration, errors: errors,
      free: [JointParameters.coreX, JointParameters.coreY, JointParameters.logSignal800],
      base: start, tie: (values.barycentre, configuration.barycentreWidth), usesTimes: false)
    guard
      let solution = try? workspace.minimiser.minimise(
        function, from: function.free.map { start.q[$0] })
    else { return nil }
    let fitted = function.all(solution.parameters)
    var result = startParameters(stations, core: fitted.core, axis: start.axis)
    result.q[JointParameters.logSignal800] = fitted.q[JointParameters.logSignal800]
    return result
  }
}
