import Glibc
internal import ShowerModel

/// What a network can predict: residuals, and quantities that the standard reconstruction does not
/// give. A target knows how a reflection changes it.
public struct NetworkTarget: Sendable {
  /// Name of the `Residual`, or of the auxiliary quantity.
  public let name: String
  /// Position in `Residual.all`; nil for an auxiliary quantity, which never moves the
  /// reconstruction.
  let index: Int?
  /// Whether the sign changes when left and right of the shower axis are exchanged.
  ///
  /// The mean of such a target is zero at every energy and zenith angle.
  let isOdd: Bool
  /// Where the value and error of an auxiliary quantity belong; nil for a residual.
  let auxiliary: Auxiliary?

  /// True value, for a residual minus the standard one; NaN where there is none to learn from.
  let value: @Sendable (Truth, Shower) -> Double

  var isAuxiliary: Bool { index == nil }

  /// Places in `CompositionEstimate`.
  struct Auxiliary: Sendable {
    let value: any WritableKeyPath<CompositionEstimate, Double?> & Sendable
    let sigma: any WritableKeyPath<CompositionEstimate, Double?> & Sendable
  }

  /// The residuals, in the order of `Residual.all`; then the auxiliary quantities.
  public static let all: [NetworkTarget] =
    Residual.all.enumerated().map { index, residual in
      NetworkTarget(
        name: residual.name, index: index, isOdd: residual.isOdd, auxiliary: nil
      ) { residual.value($0.shower, $1) }
    } + [xmax, logMass]

  /// Names of the residuals: what a network predicts that says nothing else.
  public static let standard = Residual.all.map(\.name)

  /// Slant depth of the shower maximum [g/cm2].
  static let xmax = NetworkTarget(
    name: "xmax", index: nil, isOdd: false,
    auxiliary: Auxiliary(value: \.xmax, sigma: \.xmaxSigma)
  ) { truth, _ in truth.xmax }

  /// ln A of the primary nucleus; a photon has none.
  static let logMass = NetworkTarget(
    name: "ln_mass", index: nil, isOdd: false,
    auxiliary: Auxiliary(value: \.logMass, sigma: \.logMassSigma)
  ) { truth, _ in
    truth.primary.massNumber > 0 ? log(Double(truth.primary.massNumber)) : .nan
  }

  static func named(_ names: [String]) -> [NetworkTarget] {
    names.compactMap { name in all.first { $0.name == name } }
  }
}
