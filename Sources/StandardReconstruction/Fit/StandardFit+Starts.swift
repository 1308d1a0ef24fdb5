import Glibc
internal import LeastSquaresFit
import ShowerModel

/// Where the joint fit starts from.
extension StandardFit {
  /// S800 from the signals at 300 ... 1800 m, t0 from the largest signal, mean curvature.
  func startParameters(
    _ stations: [FitStation], core: SIMD2<Double>, axis: SIMD2<Double>
  ) -> FitParameters {
    let showerAxis = FitParameters(
      core: core, axis: axis, signal800: 1, time: 0, curvature: 1
    ).showerAxis
    let zenith = showerAxis.direction.zenith
    let signal800 =
      signal800(stations, showerAxis, within: 300...1800)
      ?? signal800(stations, showerAxis, within: 0...(.infinity)) ?? 1
    var largest: FitStation?
    for station in stations where station.hasTime {
      if station.signal > largest?.signal ?? -.infinity { largest = station }
    }
    return FitParameters(
      core: core, axis: axis, signal800: signal800,
      time: largest.map { $0.time - showerAxis.planeDelay(at: $0.position) } ?? 0,
      curvature: configuration.expectedCurvature(signal800: signal800, zenith: zenith))
  }

  /// The stations of an event without silent ones beside the core, which were not working.
  ///
  /// A list of dead stations is never complete. Where the hit stations lead to expect 30 particles
  /// and more, none is no fluctuation.
  func workingStations(of event: PreparedEvent) -> [FitStation] {
    guard let limit = configuration.largestSilentDensity else { return event.stations }
    let start = startParameters(
      event.stations, core: event.start.barycentre, axis: event.start.axis)
    let point = ModelPoint(start)
    var working: [FitStation] = []
    working.reserveCapacity(event.stations.count)
    for station in event.stations
    where !station.isSilent
      || StationModel(station.position, point, configuration, needsTime: false).signal <= limit
    {
      working.append(station)
    }
    return working
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

  /// Core and S800 from the signals alone, the axis fixed, the core constrained to the barycentre.
  ///
  /// - Parameters:
  ///   - stations: of the joint fit.
  ///   - start: values of all parameters; the axis stays.
  ///   - barycentre: of the signals [m].
  ///   - workspace: of this thread.
  /// - Returns: a start of the joint fit; nil where the signals give none.
  func lateralFit(
    _ stations: [FitStation], from start: FitParameters, near barycentre: SIMD2<Double>,
    _ workspace: FitWorkspace
  ) -> FitParameters? {
    let problem = FitProblem(model, stations, terms: .signals, free: .lateral)
      .constrained(to: barycentre).frozen(at: start, reusing: workspace.takeErrors())
    defer { workspace.recycle(problem) }
    guard
      let fitted = workspace.minimise(problem, from: start, stepLimit: JointFit.loose)?.parameters
    else { return nil }
    var result = startParameters(stations, core: fitted.core, axis: start.axis)
    result[.logSignal800] = fitted[.logSignal800]
    return result.isFinite ? result : nil
  }
}
