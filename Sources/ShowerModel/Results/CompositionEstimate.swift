/// What a network tells of the kind of primary, beside the standard quantities and never part of
/// them.
///
/// nil where it predicts no such quantity, or does not know the event.
public struct CompositionEstimate: Sendable, Equatable {
  /// Slant depth of the shower maximum [g/cm2].
  public var xmax: Double?
  /// Standard deviation of it.
  public var xmaxSigma: Double?
  /// ln A of the primary nucleus: the mean of what the event allows, no whole number.
  public var logMass: Double?
  /// Standard deviation of it.
  public var logMassSigma: Double?

  public init(
    xmax: Double? = nil, xmaxSigma: Double? = nil, logMass: Double? = nil,
    logMassSigma: Double? = nil
  ) {
    self.xmax = xmax
    self.xmaxSigma = xmaxSigma
    self.logMass = logMass
    self.logMassSigma = logMassSigma
  }

  /// Nothing is predicted.
  public static let none = CompositionEstimate()
}

extension CompositionEstimate {
  /// Columns of the groups under /reconstruction of networks that predict such a quantity; NaN
  /// where there is none.
  public static var columns: [Column<CompositionEstimate>] {
    let columns: [Column<CompositionEstimate>] = [
      .optional("xmax", unit: "g/cm2", "Slant depth of the shower maximum, by the network", \.xmax),
      .optional("xmax_sigma", unit: "g/cm2", "Standard deviation of: xmax", \.xmaxSigma),
      .optional("ln_mass", unit: "1", "ln A of the primary nucleus, by the network", \.logMass),
      .optional("ln_mass_sigma", unit: "1", "Standard deviation of: ln_mass", \.logMassSigma),
    ]
    return columns.map { $0.since(minorVersion: 7) }
  }
}

extension Reconstruction {
  /// Columns of what networks may predict beyond the standard quantities; a group has those alone
  /// that its method gives.
  public static var furtherColumns: [Column<Reconstruction>] {
    CompositionEstimate.columns.map { $0.lifted(\.composition) }
      + DirectionRegion.columns.map { $0.lifted(\.region) }
      + DensityRegions.columns.map { $0.lifted(\.densities) }
  }
}
