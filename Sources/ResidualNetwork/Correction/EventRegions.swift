internal import Glibc
internal import ShowerModel

/// The regions that networks give of an event: an ellipse of the direction from its errors, and
/// regions of highest density where they predict densities.
struct EventRegions: Sendable {
  /// nil where the direction is not predicted.
  private let ellipse: RegionCalibration?
  private let densities: [DensityCalibration]
  private let members: Int

  /// - Parameters:
  ///   - sample: validation events with the outputs of the network or the members.
  ///   - network: the first of them.
  ///   - combination: of each target.
  /// - Throws: `NetworkError.noRegions` where the networks predict neither, or hold too few
  ///   validation events, or where a file has no columns for so many components.
  init(
    _ sample: CombinationSample, _ network: NetworkMetadata, _ combination: [TargetCombination]
  ) throws(NetworkError) {
    let (spec, targets) = (network.spec, NetworkTarget.named(network.spec.targets))
    let hasDirection = RegionCalibration.columns(targets) != nil
    guard hasDirection || spec.density != nil else {
      throw .noRegions(reason: "the network \(spec.name) does not predict the direction")
    }
    let members = sample.members.count
    self.members = members
    let most = DensityRegion.mostComponents
    guard (spec.density?.components ?? 0) * members <= most else {
      throw .noRegions(
        reason: "\(members) networks of \(spec.density?.components ?? 0) components each have "
          + "more than \(most) together, the most of a file; use fewer networks")
    }
    ellipse = RegionCalibration(
      sample, targets: targets, scaling: network.scaling, combination: combination)
    densities = spec.densityColumns.compactMap { columns in
      // A file of one network knows its whole validation split, and holds a part of it.
      if members == 1, let masses = network.densityMasses[columns.name] {
        return DensityCalibration(columns, masses, scaling: network.scaling)
      }
      return DensityCalibration(columns, sample, scaling: network.scaling)
    }
    guard ellipse != nil || !hasDirection, densities.count == spec.densityColumns.count else {
      throw .noRegions(
        reason: "the network \(spec.name) holds fewer than "
          + "\(RegionCalibration.fewestEvents) validation events to calibrate them with")
    }
  }

  /// Names of the columns of these regions.
  var columns: [String] {
    (ellipse == nil ? [] : DirectionRegion.columns.map(\.name))
      + densities.flatMap {
        DensityRegions.columnNames(
          of: $0.columns.name, components: $0.columns.components * members)
      }
  }

  /// Adds the regions of an event to its result.
  ///
  /// - Parameters:
  ///   - result: the corrected event.
  ///   - prediction: that corrected it.
  ///   - outputs: of the members.
  ///   - secZenith: sec theta of the standard fit.
  ///   - logSignal800: ln S800 of the standard fit.
  func add(
    to result: inout Reconstruction, _ prediction: Prediction, _ outputs: [ArraySlice<Float>],
    secZenith: Double, logSignal800: Double
  ) {
    if let ellipse, let along = prediction.sigmas[0], let across = prediction.sigmas[1] {
      result.region = ellipse.region(along: along, across: across)
    }
    for density in densities {
      func region(_ point: SIMD2<Double>, _ units: SIMD2<Double>) -> DensityRegion {
        density.region(
          outputs, about: point, in: units, secZenith: secZenith, logSignal800: logSignal800)
      }
      switch density.columns.name {
      case TargetPair.direction.name:
        result.densities.direction = region(
          SIMD2(prediction.residuals[0], prediction.residuals[1]), SIMD2(1, 1))
      default:
        result.densities.energyXmax = region(
          SIMD2(prediction.residuals[2], prediction.composition.xmax ?? 0),
          SIMD2(1 / log(10), 1))
      }
    }
  }
}
