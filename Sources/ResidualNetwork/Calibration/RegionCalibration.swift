import Glibc
internal import Numerics
internal import ShowerModel

/// How many predicted errors long the semi-axes of a region are, so that it holds the part of the
/// directions that it states.
///
/// A residual u along the zenith and v across have predicted errors su and sv. The region is
/// `(u/su)^2 + (v/sv)^2 < r^2`. For a normal distribution r is 1.51 for 68 % and 2.45 for 95 %. The
/// errors of a network have tails, so r is the quantile of the validation split.
struct RegionCalibration: Sendable {
  let radius68: Double
  let radius95: Double

  /// Fewer validation events do not tell 95 %.
  static let fewestEvents = 1000

  /// nil with too few events that have both residuals.
  ///
  /// - Parameters:
  ///   - sample: validation events with the outputs of the network or the members.
  ///   - targets: of the network.
  ///   - scaling: of each target.
  ///   - combination: of each target.
  init?(
    _ sample: CombinationSample, targets: [NetworkTarget], scaling: [TargetScaling],
    combination: [TargetCombination]
  ) {
    guard let columns = Self.columns(targets) else { return nil }
    var squares: [Double] = []
    for event in 0..<sample.count {
      let square = columns.reduce(0.0) { sum, column in
        let value = combination[column].value(
          sample.memberOutputs(event, target: column), scaling: scaling[column],
          secZenith: sample.variables[2 * event], logSignal800: sample.variables[2 * event + 1])
        let pull = (sample.residual(event, target: column) - value.correction) / value.sigma
        return sum + pull * pull
      }
      if square.isFinite { squares.append(square) }
    }
    guard squares.count >= Self.fewestEvents else { return nil }
    let parts = quantiles(of: squares, [0.68, 0.95])
    (radius68, radius95) = (parts[0].squareRoot(), parts[1].squareRoot())
    guard radius68 > 0 else { return nil }
  }

  /// Places of the two residuals of the direction among the targets; nil without both.
  static func columns(_ targets: [NetworkTarget]) -> [Int]? {
    let columns = [Residual.directionZenith, .directionAzimuth].compactMap { residual in
      targets.firstIndex { $0.name == residual.name }
    }
    return columns.count == 2 ? columns : nil
  }

  /// The region of an event with these errors [rad].
  func region(along: Double, across: Double) -> DirectionRegion {
    DirectionRegion(
      along: radius68 * along, across: radius68 * across, scale95: radius95 / radius68)
  }
}
