public import ShowerModel

/// One criterion of `QualityCuts`, in the order in which they are applied.
public enum Cut: String, Sendable, Codable, CaseIterable {
  case stations
  case reducedChi2
  case signalUncertainty
  case directionUncertainty
  case zenith
  case edge
  case energy
}

/// Selection of events, by quantities of the standard reconstruction alone.
///
/// A cut on truth or on a corrected quantity would favour one method, so there is none.
/// A limit that is nil is not applied; a value that is not a number fails every limit on it.
/// Source: spectrum cuts of the Telescope Array, Utah chain.
public struct QualityCuts: Sendable, Codable, Equatable {
  public var name: String
  /// Stations with a timing term, at least.
  public var minimumStations: Int?
  /// chi2 / ndf of the joint fit, below.
  public var maximumReducedChi2: Double?
  /// sigma(S800) / S800, below.
  public var maximumSignalUncertainty: Double?
  /// sqrt(sigma_theta^2 + sin^2 theta sigma_phi^2) [rad], below.
  public var maximumDirectionUncertainty: Double?
  /// Fitted zenith angle [rad], below.
  public var maximumZenith: Double?
  /// Whether the station with the largest signal must have all its neighbours.
  public var excludesEdge: Bool
  /// log10(E/eV) of the standard reconstruction, at least.
  public var minimumLogEnergy: Double?

  public init(
    name: String, minimumStations: Int? = nil, maximumReducedChi2: Double? = nil,
    maximumSignalUncertainty: Double? = nil, maximumDirectionUncertainty: Double? = nil,
    maximumZenith: Double? = nil, excludesEdge: Bool = false, minimumLogEnergy: Double? = nil
  ) {
    self.name = name
    self.minimumStations = minimumStations
    self.maximumReducedChi2 = maximumReducedChi2
    self.maximumSignalUncertainty = maximumSignalUncertainty
    self.maximumDirectionUncertainty = maximumDirectionUncertainty
    self.maximumZenith = maximumZenith
    self.excludesEdge = excludesEdge
    self.minimumLogEnergy = minimumLogEnergy
  }

  public static let all: [QualityCuts] = [standard, spectrum, none]

  /// Geometry and signal well measured, theta < 45 degrees.
  public static let standard = QualityCuts(
    name: "standard", minimumStations: 5, maximumReducedChi2: 5, maximumSignalUncertainty: 0.25,
    maximumDirectionUncertainty: 5 * Units.degree, maximumZenith: 45 * Units.degree)
  /// `standard`, inside the array and above 1 EeV.
  public static let spectrum = QualityCuts(
    name: "spectrum", minimumStations: 5, maximumReducedChi2: 5, maximumSignalUncertainty: 0.25,
    maximumDirectionUncertainty: 5 * Units.degree, maximumZenith: 45 * Units.degree,
    excludesEdge: true, minimumLogEnergy: 18)
  /// Every event with a result.
  public static let none = QualityCuts(name: "none")

  /// The cuts with a name, nil where there are none.
  public static func named(_ name: String) -> QualityCuts? { all.first { $0.name == name } }

  /// The first cut that a result fails, nil where it passes all.
  public func verdict(_ result: StandardResult) -> Cut? { Cut.allCases.first { fails($0, result) } }

  private func fails(_ cut: Cut, _ result: StandardResult) -> Bool {
    switch cut {
    case .stations: minimumStations.map { result.stationCount < $0 } ?? false
    case .reducedChi2: !isBelow(maximumReducedChi2, result.chi2 / result.degreesOfFreedom)
    case .signalUncertainty:
      !isBelow(maximumSignalUncertainty, result.signal800Sigma / result.signal800)
    case .directionUncertainty: !isBelow(maximumDirectionUncertainty, result.directionSigma)
    case .zenith: !isBelow(maximumZenith, result.shower.zenith)
    case .edge: excludesEdge && result.flags.contains(.atEdge)
    case .energy: minimumLogEnergy.map { !(result.shower.logEnergy >= $0) } ?? false
    }
  }

  private func isBelow(_ limit: Double?, _ value: Double) -> Bool {
    limit.map { value < $0 } ?? true
  }

  /// The cuts that have a limit.
  public var active: [Cut] { Cut.allCases.filter { explanation(of: $0) != nil } }

  /// What a cut demands, in words; nil where it has no limit.
  public func explanation(of cut: Cut) -> String? {
    func degrees(_ angle: Double) -> String { number(angle / Units.degree) }
    return switch cut {
    case .stations: minimumStations.map { "at least \($0) stations" }
    case .reducedChi2: maximumReducedChi2.map { "chi2/ndf < \(number($0))" }
    case .signalUncertainty: maximumSignalUncertainty.map { "sigma(S800)/S800 < \(number($0))" }
    case .directionUncertainty:
      maximumDirectionUncertainty.map { "pointing error < \(degrees($0)) deg" }
    case .zenith: maximumZenith.map { "fitted zenith < \(degrees($0)) deg" }
    case .edge: excludesEdge ? "largest signal not at the edge of the array" : nil
    case .energy: minimumLogEnergy.map { "fitted log10(E/eV) >= \(number($0))" }
    }
  }

  /// All cuts in words.
  public var explanation: String {
    let parts = active.compactMap { explanation(of: $0) }
    return parts.isEmpty ? "no quality cuts" : parts.joined(separator: ", ")
  }

  /// A limit without the digits that a change of units leaves behind (45.00000000000001).
  private func number(_ value: Double) -> String {
    let rounded = (value * 1e6).rounded() / 1e6
    return rounded == rounded.rounded() && abs(rounded) < 1e9 ? "\(Int(rounded))" : "\(rounded)"
  }
}
