import Glibc
import ShowerModel

/// What the joint fit knows of one station.
struct FitStation {
  /// Index in the array.
  var station: Int
  var position: Position
  /// Leading edge [ns], and whether it is used.
  var time: Double
  var hasTime: Bool
  /// Measured density [VEM/m2], and whether it is used.
  var signal: Double
  var hasSignal: Bool
  /// Alive, without a signal.
  var isSilent: Bool

  var isHit: Bool { hasTime || hasSignal }

  /// ln S, on which a tuned front depends.
  var logSignal: Double { log(signal) }
}

/// The model that all fits of one `StandardFit` share: its settings, held once.
final class FitModel: Sendable {
  let configuration: FitConfiguration

  init(_ configuration: FitConfiguration) { self.configuration = configuration }
}

/// Holds the core near a place, by two more terms of chi2.
struct CoreConstraint: Equatable {
  /// On the plane z = 0 [m].
  let centre: SIMD2<Double>
  /// Standard deviation in x and in y [m].
  let sigma: Double
}

/// One least-squares problem: stations with their errors, free parameters and constraints.
///
/// A value: the same problem at the same point has the same chi2. Terms of chi2 are in
/// `FitProblem+Terms.swift`.
struct FitProblem {
  /// Which measurements are fitted.
  enum Terms {
    /// Times, signals and silent stations.
    case all
    case times
    /// Signals and silent stations.
    case signals
  }

  let model: FitModel
  let stations: [FitStation]
  let terms: Terms
  let free: FreeParameters
  let coreConstraint: CoreConstraint?
  /// Standard deviation of the curvature about 1; nil unless times fit the scale of a tuned front.
  let curvatureConstraint: Double?
  /// Numbers of terms of each kind, constraints not counted.
  let timeCount: Int
  let signalCount: Int
  let silentCount: Int
  /// Errors of the pass; none before `frozen(at:reusing:)`.
  private(set) var errors = FrozenErrors()

  /// - Parameters:
  ///   - model: of the `StandardFit`.
  ///   - stations: those that may have a term.
  ///   - terms: which measurements are fitted.
  ///   - free: the parameters that the fit moves.
  ///   - coreConstraint: nil where the core is free or fixed.
  init(
    _ model: FitModel, _ stations: [FitStation], terms: Terms, free: FreeParameters,
    coreConstraint: CoreConstraint? = nil
  ) {
    self.model = model
    self.stations = stations
    self.terms = terms
    self.free = free
    self.coreConstraint = coreConstraint
    curvatureConstraint =
      terms != .signals && free.contains(.curvature)
      ? model.configuration.tunedFront?.scaleSigma : nil
    var (times, signals, silent) = (0, 0, 0)
    for station in stations {
      if station.hasTime && terms != .signals { times += 1 }
      if station.hasSignal && terms != .times { signals += 1 }
      if station.isSilent && terms != .times { silent += 1 }
    }
    (timeCount, signalCount, silentCount) = (times, signals, silent)
  }

  /// The same problem without errors, with the core held near a place [m].
  func constrained(to centre: SIMD2<Double>) -> FitProblem {
    FitProblem(
      model, stations, terms: terms, free: free,
      coreConstraint: CoreConstraint(
        centre: centre, sigma: model.configuration.barycentreWidth))
  }

  /// The same problem with given errors, one element for each station.
  func with(_ errors: consuming FrozenErrors) -> FitProblem {
    var result = self
    result.errors = errors
    return result
  }

  /// The problem of a first pass, with errors of the model at a point.
  ///
  /// - Parameters:
  ///   - parameters: the point.
  ///   - memory: of errors that are not needed any more.
  /// - Returns: the problem with its errors.
  func frozen(at parameters: FitParameters, reusing memory: consuming FrozenErrors) -> FitProblem {
    var errors = memory
    errors.reset(count: stations.count)
    errors.freeze(at: parameters, stations, model.configuration)
    return with(errors)
  }

  /// The problem of the next pass, with errors of the model at a point.
  ///
  /// Takes over the memory of this one where nobody else holds it.
  consuming func refrozen(at parameters: FitParameters) -> FitProblem {
    errors.freeze(at: parameters, stations, model.configuration)
    return self
  }

  /// Whether freezing errors anew at a point would change the form of a signal term.
  func changesSignalTerm(at parameters: FitParameters) -> Bool {
    terms != .times && errors.changesSignalTerm(at: parameters, stations, model.configuration)
  }

  func hasTime(_ station: FitStation) -> Bool { station.hasTime && terms != .signals }
  func hasSignal(_ station: FitStation) -> Bool { station.hasSignal && terms != .times }
  func isSilent(_ station: FitStation) -> Bool { station.isSilent && terms != .times }

  /// Number of residuals, constraints included.
  var residualCount: Int {
    timeCount + signalCount + silentCount + (coreConstraint == nil ? 0 : 2)
      + (curvatureConstraint == nil ? 0 : 1)
  }
}
