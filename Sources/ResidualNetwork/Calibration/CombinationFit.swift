import Glibc
internal import Numerics

/// Outputs for one target in the validation split, from which its combination is fitted.
struct CombinationFit {
  /// sec theta and ln S800, event after event.
  let variables: [Double]
  /// True minus standard, native units.
  let residuals: [Double]
  /// Outputs of the network, in units of the size.
  let outputs: [Double]
  /// Variance that the network predicts, 1 where it predicts none.
  let predictedVariances: [Double]
  /// Variance of the outputs of an ensemble's members, 0 for one network.
  let memberVariances: [Double]
  let scaling: TargetScaling

  /// Standard errors below which a slope is set to zero.
  ///
  /// A smaller slope cannot be distinguished from chance. With 4,000 events it would explain less
  /// than a thousandth of the variance.
  static let significance = 2.0
  /// Slopes that change with zenith angle and signal are taken where they lower chi2 by more than
  /// this, which chance does in one of 400 fits (two degrees of freedom).
  static let crossTermGain = 12.0
  /// Fewest events for an error that depends on zenith angle and signal.
  static let fewestForShape = 1000
  /// Part of a Gaussian within one standard deviation.
  static let coverage = 0.6827

  private enum Term: Int, CaseIterable { case calibration, output, outputSecant, outputSignal }

  /// - Throws: `LinearAlgebraError.notFinite` for values that are not finite.
  func fitted() throws(LinearAlgebraError) -> TargetCombination {
    let rows = standardised()
    var result = TargetCombination.added
    result.slopes = [0, 0, 0, 0]
    var terms = [Term.calibration, .output].filter { isPresent($0, rows) }
    if !terms.isEmpty {
      let both = try solve(terms, rows)
      for (term, error) in zip(terms, both.errors) { result.slopeErrors[term.rawValue] = error }
    }
    // The least significant one goes first; the other is fitted again without it.
    while !terms.isEmpty {
      let solution = try solve(terms, rows)
      let ratios = zip(solution.slopes, solution.errors).map { $0 / max($1, 1e-300) }
      guard let least = ratios.indices.min(by: { ratios[$0] < ratios[$1] }),
        ratios[least] < Self.significance
      else {
        for (term, slope) in zip(terms, solution.slopes) { result.slopes[term.rawValue] = slope }
        break
      }
      terms.remove(at: least)
    }
    if terms.contains(.output), residuals.count >= Self.fewestForShape {
      let plain = try solve(terms, rows)
      let full = try solve(terms + [.outputSecant, .outputSignal], rows)
      if plain.chi2 - full.chi2 > Self.crossTermGain * full.chi2 / Double(residuals.count) {
        for (term, slope) in zip(terms + [.outputSecant, .outputSignal], full.slopes) {
          result.slopes[term.rawValue] = slope
        }
      }
    }
    try fitErrors(&result, rows)
    return result
  }

  // MARK: - Slopes

  /// One event in units of the size: what is to be predicted, and with which terms.
  private struct Row {
    let target: Double
    let calibration: Double
    let output: Double
    let size: Double
    let shape: SIMD16<Double>
    /// 1 / sigma as the network predicts it.
    let weight: Double

    func value(_ term: Term) -> Double {
      switch term {
      case .calibration: calibration
      case .output: output
      case .outputSecant: output * shape[1]
      case .outputSignal: output * shape[2]
      }
    }
  }

  /// Targets are cut where they are for the training, so that no outlier sets a slope.
  private func standardised() -> [Row] {
    residuals.indices.map { index in
      let (x, s) = (variables[2 * index], variables[2 * index + 1])
      let (mean, size) = scaling.values(secZenith: x, logSignal800: s)
      let z = (residuals[index] - mean) / size
      let held = max(-TargetScaling.limit, min(TargetScaling.limit, z))
      return Row(
        target: held + mean / size, calibration: mean / size, output: outputs[index], size: size,
        shape: scaling.terms(x, s), weight: 1 / max(predictedVariances[index], 1e-6).squareRoot())
    }
  }

  private func isPresent(_ term: Term, _ rows: [Row]) -> Bool {
    rows.reduce(0) { $0 + $1.value(term) * $1.value(term) } > 1e-12 * Double(rows.count)
  }

  private func solve(
    _ terms: [Term], _ rows: [Row]
  ) throws(LinearAlgebraError) -> (slopes: [Double], errors: [Double], chi2: Double) {
    var matrix: [Double] = []
    matrix.reserveCapacity(rows.count * terms.count)
    for row in rows { for term in terms { matrix.append(row.weight * row.value(term)) } }
    let slopes = try LinearLeastSquares(
      matrix: matrix, rows: rows.count, columns: terms.count,
      rightHandSide: rows.map { $0.weight * $0.target }
    ).coefficients
    var chi2 = 0.0
    for row in rows {
      let predicted = zip(terms, slopes).reduce(0) { $0 + $1.1 * row.value($1.0) }
      chi2 += row.weight * row.weight * (row.target - predicted) * (row.target - predicted)
    }
    let variance = chi2 / Double(max(rows.count - terms.count, 1))
    // A network that says the same of all events as the calibration has no slope of its own.
    guard
      let inverse = try? inverseNormalMatrix(of: matrix, rows: rows.count, columns: terms.count)
    else { return (slopes, slopes.map { _ in .greatestFiniteMagnitude }, chi2) }
    let errors = terms.indices.map { (variance * inverse[$0 * terms.count + $0]).squareRoot() }
    return (slopes, errors, chi2)
  }

  // MARK: - Errors

  /// Variance in terms of the predictions of network and members, then its change with zenith angle
  /// and signal, then the scale, then what large outputs leave over.
  private func fitErrors(
    _ result: inout TargetCombination, _ rows: [Row]
  ) throws(LinearAlgebraError) {
    let left = residuals.indices.map { index in
      let row = rows[index]
      let slope = max(
        result.slopes[1] + result.slopes[2] * row.shape[1] + result.slopes[3] * row.shape[2], 0)
      return residuals[index] / row.size - result.slopes[0] * row.calibration - slope * row.output
    }
    result.variance = try varianceParts(left)
    let base = residuals.indices.map { index in
      max(
        result.variance[0] * predictedVariances[index]
          + result.variance[1] * memberVariances[index], 1e-12
      ).squareRoot()
    }
    let pulls = zip(left, base).map { $0 / $1 }
    result.logSpread = [Double](repeating: 0, count: 6)
    if pulls.count >= Self.fewestForShape {
      var terms: [Double] = []
      for row in rows { for index in 0..<10 { terms.append(row.shape[index]) } }
      result.logSpread = try TargetScaling.logarithmicFit(terms, pulls, floor: 1e-3)
    }
    let errors = base.indices.map { index in
      var logarithm = 0.0
      for (term, coefficient) in result.logSpread.enumerated() {
        logarithm += coefficient * rows[index].shape[term]
      }
      return base[index] * exp(logarithm)
    }
    // Large outputs have errors of their own.
    let isUsed = result.slopes[1] != 0
    let inner = left.indices.filter { !isUsed || !OuterOutputs.isOuter(outputs[$0]) }
    let scale = max(Self.spread(inner.map { abs(left[$0]) / errors[$0] }), 1e-6)
    result.logSpread[0] += log(scale)
    result.outer =
      isUsed
      ? OuterOutputs(outputs: outputs, left: left, sigmas: errors.map { scale * $0 }) : nil
    result.calibrationSpread = max(Self.spread(rows.map { abs($0.target - $0.calibration) }), 1e-6)
  }

  /// The value below which the part `coverage` of the values lies; 1 without values.
  private static func spread(_ values: [Double]) -> Double {
    values.isEmpty ? 1 : quantile(of: values, coverage)
  }

  /// A and c of r^2 = A v + c w by least squares with weights 1 / v^2, none of them negative.
  private func varianceParts(_ left: [Double]) throws(LinearAlgebraError) -> [Double] {
    let limit = TargetScaling.limit
    let squares = left.indices.map { index in
      min(left[index] * left[index], limit * limit) / predictedVariances[index]
    }
    let alone = squares.reduce(0, +) / Double(max(squares.count, 1))
    guard memberVariances.contains(where: { $0 > 0 }) else { return [alone, 0] }
    var matrix: [Double] = []
    for index in left.indices {
      matrix += [1, memberVariances[index] / predictedVariances[index]]
    }
    let parts = try LinearLeastSquares(
      matrix: matrix, rows: left.count, columns: 2, rightHandSide: squares
    ).coefficients
    return parts[1] > 0 ? [max(parts[0], 0.05 * alone), parts[1]] : [alone, 0]
  }
}
