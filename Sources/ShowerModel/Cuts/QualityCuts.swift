/// One criterion of `QualityCuts`; they are asked in the order of `allCases`.
///
/// The raw values are stored in files, in the column `cut`: never renumber, only append.
public enum Cut: Int, Sendable, CaseIterable {
  case stations = 3
  case reducedChi2 = 4
  case signalUncertainty = 5
  case directionUncertainty = 6
  case zenith = 7
  case edge = 8
  case energy = 9

  /// The name stored in files.
  public var name: String { "\(self)" }
}

/// What quality cuts make of an event.
public enum CutVerdict: Sendable, Equatable {
  case passed
  /// No cuts were applied.
  case unjudged
  /// The standard reconstruction has no good result.
  case notReconstructed
  /// The first cut that it fails.
  case failed(Cut)

  /// The number stored in files: 0 passed, 1 unjudged, 2 not reconstructed, else that of the cut.
  public var code: Int {
    switch self {
    case .passed: 0
    case .unjudged: 1
    case .notReconstructed: 2
    case .failed(let cut): cut.rawValue
    }
  }

  public init?(code: Int) {
    guard let known = CutVerdict.all.first(where: { $0.code == code }) else { return nil }
    self = known
  }

  /// The name stored in files.
  public var name: String {
    if case .failed(let cut) = self { return cut.name }
    return "\(self)"
  }

  public static let all: [CutVerdict] =
    [.passed, .unjudged, .notReconstructed] + Cut.allCases.map { .failed($0) }
}

/// Selection of events, by quantities of the standard reconstruction alone.
///
/// A cut on truth or on a corrected quantity would favour one method, so there is none.
/// A limit that is nil is not applied; a value that is not a number fails every limit on it.
/// Selections are files of `tables/selections`. Source: cuts of the Telescope Array, Utah chain.
public struct QualityCuts: Sendable, Equatable {
  public var name: String
  /// What it is for, and where it comes from.
  public var description: String
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
  /// Distance of the fitted core inside the edge of the array [m], at least; negative is outside.
  public var minimumEdgeDistance: Double?
  /// Energy of the standard reconstruction [EeV], at least.
  public var minimumEnergy: Double?

  public init(
    name: String, description: String = "", minimumStations: Int? = nil,
    maximumReducedChi2: Double? = nil, maximumSignalUncertainty: Double? = nil,
    maximumDirectionUncertainty: Double? = nil, maximumZenith: Double? = nil,
    minimumEdgeDistance: Double? = nil, minimumEnergy: Double? = nil
  ) {
    self.name = name
    self.description = description
    self.minimumStations = minimumStations
    self.maximumReducedChi2 = maximumReducedChi2
    self.maximumSignalUncertainty = maximumSignalUncertainty
    self.maximumDirectionUncertainty = maximumDirectionUncertainty
    self.maximumZenith = maximumZenith
    self.minimumEdgeDistance = minimumEdgeDistance
    self.minimumEnergy = minimumEnergy
  }

  /// What becomes of an event with this result.
  public func verdict(_ result: StandardResult) -> CutVerdict {
    guard result.status == .good else { return .notReconstructed }
    return firstFailed(result).map { .failed($0) } ?? .passed
  }

  /// The first cut that a result fails, whatever its status; nil where it passes all.
  public func firstFailed(_ result: StandardResult) -> Cut? {
    Cut.allCases.first { !passes($0, result) }
  }

  private func passes(_ cut: Cut, _ result: StandardResult) -> Bool {
    switch cut {
    case .stations: minimumStations.map { result.stationCount >= $0 } ?? true
    case .reducedChi2: isBelow(maximumReducedChi2, result.reducedChi2)
    case .signalUncertainty:
      isBelow(maximumSignalUncertainty, result.signal800Sigma / result.signal800)
    case .directionUncertainty: isBelow(maximumDirectionUncertainty, result.directionSigma)
    case .zenith: isBelow(maximumZenith, result.shower.zenith)
    case .edge: minimumEdgeDistance.map { result.edgeDistance >= $0 } ?? true
    case .energy: minimumEnergy.map { result.shower.energy >= $0 } ?? true
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
    case .edge: minimumEdgeDistance.map { "core at least \(number($0)) m inside the array" }
    case .energy: minimumEnergy.map { "fitted energy >= \(number($0)) EeV" }
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
