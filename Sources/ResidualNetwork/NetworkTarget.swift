internal import ShowerModel

/// What a network can predict: the residuals, with how a reflection changes them.
public struct NetworkTarget: Sendable {
  /// Name of the `Residual`.
  public let name: String
  /// Position in `Residual.all`.
  let index: Int
  /// Whether the sign changes when left and right of the shower axis are exchanged.
  ///
  /// The mean of such a target is zero at every energy and zenith angle.
  let isOdd: Bool

  let residual: Residual

  /// In the order of `Residual.all`.
  public static let all: [NetworkTarget] = Residual.all.enumerated().map { index, residual in
    NetworkTarget(
      name: residual.name, index: index,
      isOdd: [Residual.directionAzimuth.name, Residual.coreAcross.name].contains(residual.name),
      residual: residual)
  }

  static func named(_ names: [String]) -> [NetworkTarget] {
    names.compactMap { name in all.first { $0.name == name } }
  }
}
