/// Why an event has a result or none. 0 is a good result.
///
/// The raw values are stored in files: never renumber, only append.
public enum ReconstructionStatus: Int, Sendable, CaseIterable {
  case good = 0
  /// No station above threshold, or no cluster of neighbours.
  case noCluster = 1
  /// Fewer measured values than free parameters.
  case underdetermined = 2
  /// The fit did not converge.
  case notConverged = 3
  /// The parameters are not determined by the data: J^T J is singular.
  case singularCovariance = 4
  /// The fit ended at values without meaning (not finite, S800 <= 0).
  case unphysical = 5
  /// Signal and zenith lie outside the energy table: geometry is good, energy is not given.
  case outsideEnergyTable = 6
  /// No correction: the standard reconstruction has none to correct.
  case noStandardResult = 7
  /// Only the direction was asked for, and is good: no core, S800 or energy is given.
  case geometryOnly = 8
  /// There is no energy table for the array: geometry and S800 are good, energy is not given.
  case noEnergyTable = 12
  /// Times that cannot be those of a shower in nanoseconds.
  case impossibleTimes = 13
  /// A parameter ended at the limit of what the fit allows.
  case parameterAtLimit = 14
  /// chi2/ndf above 10,000: the model describes nothing of the event.
  case impossibleChi2 = 15
  /// No layer that is not bad has a pedestal, a deviation and counts per VEM that can be used.
  case unusableCalibration = 16

  /// The name stored in files.
  public var name: String { "\(self)" }

  /// What it means, for reports.
  public var explanation: String {
    switch self {
    case .good: "good"
    case .noCluster: "no cluster of neighbouring stations above threshold"
    case .underdetermined: "fewer measured values than free parameters"
    case .notConverged: "the fit did not converge"
    case .singularCovariance: "parameters not determined by the data"
    case .unphysical: "the fit ended at values without meaning"
    case .outsideEnergyTable: "signal and zenith outside the energy table"
    case .noStandardResult: "no standard result to correct"
    case .geometryOnly: "direction only, as asked"
    case .noEnergyTable: "no energy table for this array"
    case .impossibleTimes: "times that cannot be those of a shower in nanoseconds"
    case .parameterAtLimit: "a parameter at the limit of the fit"
    case .impossibleChi2: "chi2/ndf above 10000"
    case .unusableCalibration: "no usable calibration of any hit"
    }
  }
}

/// A reconstructed shower with its uncertainties, by whatever method.
public struct Reconstruction: Sendable, Equatable {
  public var shower: Shower
  /// One standard deviation of each value of `shower`.
  public var sigma: Shower
  public var status: ReconstructionStatus
  /// Whether a correction kept the standard value, and why; none in other reconstructions.
  public var fallback: CorrectionFallback
  /// What a network says of the primary; none in other reconstructions.
  public var composition: CompositionEstimate
  /// The region of the direction; none where none was asked for.
  public var region: DirectionRegion
  /// Densities with their regions; none where none was asked for.
  public var densities = DensityRegions.none

  public init(
    shower: Shower, sigma: Shower, status: ReconstructionStatus,
    fallback: CorrectionFallback = .none, composition: CompositionEstimate = .none,
    region: DirectionRegion = .none
  ) {
    self.shower = shower
    self.sigma = sigma
    self.status = status
    self.fallback = fallback
    self.composition = composition
    self.region = region
  }

  /// Whether there is a direction and a core, be it without an energy.
  public var hasGeometry: Bool { shower.zenith.isFinite && shower.coreX.isFinite }

  /// A failed event: a row with its reason.
  public static func failed(_ status: ReconstructionStatus) -> Reconstruction {
    Reconstruction(shower: .undefined, sigma: .undefined, status: status)
  }
}
