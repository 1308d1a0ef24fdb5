internal import ShowerModel

/// An observable or a residual, as a pair of errors of one event: by the standard method and by the other.
struct Quantity: Sendable {
  enum Kind: Sendable {
    case observable
    case residual
  }

  let kind: Kind
  let name: String
  let title: String
  let unit: String
  /// Factor from native units to `unit`, by which reports divide.
  let scale: Double
  let isDistance: Bool
  /// Errors in native units.
  let errors:
    @Sendable (_ truth: Shower, _ standard: Shower, _ corrected: Shower) -> (Double, Double)

  static let all: [Quantity] = Observable.all.map(Quantity.init) + Residual.all.map(Quantity.init)

  init(_ observable: Observable) {
    kind = .observable
    name = observable.name
    title = observable.title
    unit = observable.unit
    scale = observable.scale
    isDistance = observable.isDistance
    let error = observable.error
    errors = { truth, standard, corrected in (error(standard, truth), error(corrected, truth)) }
  }

  /// y = value(truth, standard) and y - yhat = y - value(corrected, standard).
  init(_ residual: Residual) {
    kind = .residual
    name = residual.name
    title = residual.title
    unit = residual.unit
    scale = residual.scale
    isDistance = false
    let value = residual.value
    errors = { truth, standard, corrected in
      let y = value(truth, standard)
      // Rounding leaves a gnomonic coordinate of 1e-17 where nothing was corrected.
      return (y, corrected == standard ? y : y - value(corrected, standard))
    }
  }

  /// Place of an observable in `all`, nil where it is not listed.
  static func index(ofObservable name: String) -> Int? {
    all.firstIndex { $0.kind == .observable && $0.name == name }
  }

  /// Place of a residual in `all`, nil where it is not listed.
  static func index(ofResidual name: String) -> Int? {
    all.firstIndex { $0.kind == .residual && $0.name == name }
  }
}
