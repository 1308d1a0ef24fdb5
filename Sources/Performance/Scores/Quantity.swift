internal import Glibc
package import ShowerModel

/// A quantity whose error is judged: an observable, a component of the residual, or a pull.
///
/// Every error is estimate minus truth. For a component of the residual the error is yhat - y, with
/// y = true minus standard and yhat = estimate minus standard. The error of the standard method is
/// then -y.
package struct Quantity: Sendable {
  package enum Kind: Sendable {
    case observable
    /// Component of the direction or of the core about the standard axis.
    case residual
    /// Error over its predicted standard deviation.
    case pull
  }

  let kind: Kind
  let name: String
  let title: String
  let unit: String
  /// Factor from native units to `unit`, by which reports divide.
  package let scale: Double
  let isDistance: Bool
  /// Error of an estimate in native units; NaN for a pull without a standard deviation.
  package let error:
    @Sendable (_ truth: Shower, _ standard: Shower, _ estimate: Shower, _ sigma: Shower) -> Double

  /// Whether explained variance has a meaning: for signed errors, not for distances and pulls.
  var hasScore: Bool { kind != .pull && !isDistance }

  /// Observables, then the components that no observable is, then pulls.
  static let all: [Quantity] =
    Observable.all.map(Quantity.init)
    + Residual.all.filter { $0.name != Residual.logEnergy.name }.map(Quantity.init) + pulls

  init(_ observable: Observable) {
    kind = .observable
    name = observable.name
    title = observable.title
    unit = observable.unit
    scale = observable.scale
    isDistance = observable.isDistance
    let error = observable.error
    self.error = { truth, _, estimate, _ in error(estimate, truth) }
  }

  init(_ residual: Residual) {
    kind = .residual
    name = residual.name
    title = residual.title
    unit = residual.unit
    scale = residual.scale
    isDistance = false
    let value = residual.value
    self.error = { truth, standard, estimate, _ in
      let y = value(truth, standard)
      // Rounding leaves a gnomonic coordinate of 1e-17 where nothing was corrected.
      return estimate == standard ? -y : value(estimate, standard) - y
    }
  }

  /// Pull of a stored column by its column of standard deviations.
  private init(
    pull column: String, title: String,
    _ ratio: @escaping @Sendable (_ truth: Shower, _ estimate: Shower, _ sigma: Shower) -> Double
  ) {
    kind = .pull
    name = "pull_\(column)"
    self.title = "pull of \(title)"
    unit = "1"
    scale = 1
    isDistance = false
    error = { truth, _, estimate, sigma in
      let pull = ratio(truth, estimate, sigma)
      return pull.isFinite ? pull : .nan
    }
  }

  private static let pulls = [
    Quantity(pull: "zenith", title: "theta") { ($1.zenith - $0.zenith) / $2.zenith },
    Quantity(pull: "azimuth", title: "phi") { wrappedAngle($1.azimuth - $0.azimuth) / $2.azimuth },
    Quantity(pull: "log_energy", title: "ln E") { ($1.logEnergy - $0.logEnergy) / $2.logEnergy },
    Quantity(pull: "core_x", title: "core east") { ($1.coreX - $0.coreX) / $2.coreX },
    Quantity(pull: "core_y", title: "core north") { ($1.coreY - $0.coreY) / $2.coreY },
  ]

  /// The quantity with a name, nil where there is none.
  package static func named(_ name: String) -> Quantity? { all.first { $0.name == name } }
}
