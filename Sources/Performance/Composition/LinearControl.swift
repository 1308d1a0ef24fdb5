internal import Glibc
internal import Numerics
internal import ShowerModel

/// Xmax and ln A as linear functions of the observables of the fit: what no network is needed for.
///
/// Terms: a polynomial of total degree 2 in ln S800 and sec theta; each observable, its square, and
/// its products with ln S800 and sec theta, in units of its width. They are fitted by least squares
/// to nine tenths of the showers for the other tenth, ten times.
struct LinearControl {
  static let name = "linear"
  private static let folds = 10

  /// Estimates of the events of a sample: Xmax, then ln A.
  ///
  /// - Throws: `LinearAlgebraError`.
  static func outputs(_ sample: CompositionSample) throws(LinearAlgebraError)
    -> [CompositionSample.Output]
  {
    let rows = terms(sample)
    let folds = sample.shower.map { shower in
      var random = CounterRandom(seed: 1, event: Int(shower), stream: .polynomialControl)
      return Int(random.uniform() * Double(Self.folds))
    }
    var outputs = [
      CompositionSample.Output(
        method: name, quantity: CompositionSample.xmaxName, title: "Xmax", unit: "g/cm2"),
      CompositionSample.Output(
        method: name, quantity: CompositionSample.logMassName, title: "ln A", unit: "1"),
    ]
    for (place, truth) in [sample.xmax, sample.logMass].enumerated() {
      outputs[place].values = [Double](repeating: .nan, count: sample.count)
      for fold in 0..<Self.folds {
        let training = folds.indices.filter { folds[$0] != fold }
        // With too few showers there is nothing to learn from.
        guard training.count > 4 * rows.width else { continue }
        let coefficients = try LinearLeastSquares(
          matrix: training.flatMap { rows.of($0) }, rows: training.count, columns: rows.width,
          rightHandSide: training.map { truth[$0] }, conditionLimit: 1e-9
        ).coefficients
        for event in folds.indices where folds[event] == fold {
          outputs[place].values[event] = zip(coefficients, rows.of(event)).reduce(0) {
            $0 + $1.0 * $1.1
          }
        }
      }
    }
    return outputs
  }

  private struct Terms {
    let width: Int
    var values: [Double] = []

    func of(_ event: Int) -> ArraySlice<Double> { values[event * width..<(event + 1) * width] }
  }

  private static func terms(_ sample: CompositionSample) -> Terms {
    let observables = sample.observables.map { scaled($0.values) }
    var terms = Terms(width: 6 + 4 * observables.count)
    for event in 0..<sample.count {
      let (s, x) = ((sample.places[event].x - 3) / 2, 4 * (sample.places[event].y - 1.25))
      terms.values += [1, s, x, s * s, s * x, x * x]
      for values in observables {
        let value = values[event]
        terms.values += [value, value * value, value * s, value * x]
      }
    }
    return terms
  }

  /// Values about their median in units of their width, cut at 5; zero where there is none.
  private static func scaled(_ values: [Double]) -> [Double] {
    let parts = quantiles(of: values.filter(\.isFinite), [0.16, 0.5, 0.84])
    let width = max((parts[2] - parts[0]) / 2, 1e-12)
    return values.map { $0.isFinite ? max(-5, min(5, ($0 - parts[1]) / width)) : 0 }
  }
}
