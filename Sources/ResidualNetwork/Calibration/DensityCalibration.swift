internal import Glibc
internal import Numerics
internal import ShowerModel

/// Which part of a predicted density its regions must hold, so that they hold 68 % and 95 % of the
/// validation events.
///
/// Of each validation event it asks where its true values lie: in the region of highest density
/// that holds the part q. If densities were right, q would be uniform. The regions of 68 % and 95 %
/// hold the quantiles 68 % and 95 % of q.
struct DensityCalibration: Sendable {
  let columns: DensityColumns
  let masses: DensityMasses
  private let scaling: [TargetScaling]

  /// With parts that are known.
  init(_ columns: DensityColumns, _ masses: DensityMasses, scaling: [TargetScaling]) {
    self.columns = columns
    self.masses = masses
    self.scaling = columns.targets.map { scaling[$0] }
  }

  /// nil with too few validation events that have both targets.
  ///
  /// - Parameters:
  ///   - columns: of the mixture among the outputs.
  ///   - sample: validation events with the outputs of the network or the members.
  ///   - scaling: of each target.
  init?(_ columns: DensityColumns, _ sample: CombinationSample, scaling: [TargetScaling]) {
    let own = columns.targets.map { scaling[$0] }
    var parts: [(logSignal800: Double, part: Double)] = []
    for event in 0..<sample.count {
      let truth = SIMD2(
        sample.residual(event, target: columns.targets[0]),
        sample.residual(event, target: columns.targets[1]))
      guard truth.x.isFinite, truth.y.isFinite else { continue }
      let density = Self.density(
        sample.outputs(event), columns, own, secZenith: sample.variables[2 * event],
        logSignal800: sample.variables[2 * event + 1])
      guard density.isProper else { continue }
      parts.append(
        (
          sample.variables[2 * event + 1],
          HighestDensity(density).mass(above: density.logDensity(at: truth))
        ))
    }
    guard parts.count >= RegionCalibration.fewestEvents else { return nil }
    self.init(columns, DensityMasses(parts), scaling: scaling)
  }

  /// The density and regions of an event; none where the network gives no proper density.
  ///
  /// - Parameters:
  ///   - outputs: of the members.
  ///   - point: predicted residuals of both targets, native units.
  ///   - units: by which these are multiplied.
  ///   - secZenith: sec theta of the standard fit.
  ///   - logSignal800: ln S800 of the standard fit.
  /// - Returns: the density in `units` about `point`, with levels and areas.
  func region(
    _ outputs: [ArraySlice<Float>], about point: SIMD2<Double>, in units: SIMD2<Double>,
    secZenith: Double, logSignal800: Double
  ) -> DensityRegion {
    let density = Self.density(
      outputs, columns, scaling, secZenith: secZenith, logSignal800: logSignal800
    ).scaled(by: units, shiftedBy: -point * units)
    var region = DensityRegion.none
    guard density.isProper else { return region }
    let highest = HighestDensity(density)
    let masses = masses.values(logSignal800: logSignal800)
    let (small, large) = (
      highest.region(holding: masses.mass68), highest.region(holding: masses.mass95)
    )
    (region.level68, region.area68) = (small.level, small.area)
    (region.level95, region.area95) = (large.level, large.area)
    region.components = density.components.map {
      var component = DensityRegion.Component()
      component.weight = $0.weight
      component.mean = $0.mean
      component.sigma = $0.sigma
      component.correlation = $0.correlation
      return component
    }
    return region
  }

  /// The density of both targets in native units: the mean of those of the members.
  private static func density(
    _ outputs: [ArraySlice<Float>], _ columns: DensityColumns, _ scaling: [TargetScaling],
    secZenith: Double, logSignal800: Double
  ) -> NormalMixture {
    let values = scaling.map { $0.values(secZenith: secZenith, logSignal800: logSignal800) }
    return NormalMixture(outputs, columns).scaled(
      by: SIMD2(values[0].size, values[1].size), shiftedBy: SIMD2(values[0].mean, values[1].mean))
  }
}

extension NormalMixture {
  /// The density of two standardised targets that networks predict, each with the same weight.
  ///
  /// - Parameters:
  ///   - outputs: all outputs of each network.
  ///   - columns: those of the mixture.
  init(_ outputs: [ArraySlice<Float>], _ columns: DensityColumns) {
    let (count, members) = (columns.components, Double(outputs.count))
    self.init(
      outputs.flatMap { outputs in
        (0..<count).map { component in
          func value(_ part: Int) -> Double {
            Double(outputs[outputs.startIndex + columns.first + part * count + component])
          }
          return Component(
            weight: exp(value(0)) / members, mean: SIMD2(value(1), value(2)),
            sigma: SIMD2(exp(value(3)), exp(value(4))), correlation: value(5))
        }
      })
  }
}
