internal import Numerics

extension SignalRegression {
  /// chi2 of what separate laws in bins of zenith angle would gain over the one law.
  ///
  /// Every bin of sec theta gets a correction of its own, cubic in log10 E and linear in sec theta.
  /// chi2 is the sum of squares that the corrections save, over the variance around them. One law
  /// is enough where chi2 is about the number of degrees of freedom.
  ///
  /// - Parameters:
  ///   - showers: those of the fit; others are left out by their energy.
  ///   - bins: number of the bin of a sec theta, nil where it is in none.
  /// - Returns: chi2 and its degrees of freedom.
  /// - Throws: `CalibrationError.undetermined` where a bin has too few showers for its law.
  package func chi2AgainstBins(
    _ showers: [CalibrationShower], bins: (Double) -> Int?
  ) throws(CalibrationError) -> (chi2: Double, degreesOfFreedom: Int) {
    var members: [Int: [CalibrationShower]] = [:]
    for shower in showers where energies.contains(shower.logEnergy) {
      if let bin = bins(shower.secant) { members[bin, default: []].append(shower) }
    }
    var (shared, separate) = (0.0, 0.0)
    var (total, own) = (0, 0)
    for bin in members.keys.sorted() {
      guard let inside = members[bin], inside.count >= EnergyGrid.leastShowers else { continue }
      let residuals = inside.map {
        $0.logSignal - logSignal(logEnergy: $0.logEnergy, secant: $0.secant)
      }
      shared += residuals.reduce(0) { $0 + $1 * $1 }
      separate += try Self.squares(inside, residuals)
      total += inside.count
      own += Self.binParameters
    }
    guard total > own, own > Self.parameterCount else {
      throw .undetermined("no bin of sec theta has \(EnergyGrid.leastShowers) showers")
    }
    let variance = separate / Double(total - own)
    return ((shared - separate) / variance, own - Self.parameterCount)
  }

  private static let binParameters = 5

  /// Sum of squares around a bin's own correction of the shared law.
  private static func squares(
    _ showers: [CalibrationShower], _ residuals: [Double]
  ) throws(CalibrationError) -> Double {
    let matrix = showers.flatMap { shower in
      let x = shower.logEnergy - 1.5
      return [1, x, x * x, x * x * x, shower.secant - showers[0].secant]
    }
    do {
      let fit = try LinearLeastSquares(
        matrix: matrix, rows: showers.count, columns: binParameters, rightHandSide: residuals)
      return residuals.enumerated().reduce(0) { sum, entry in
        let row = matrix[entry.offset * binParameters..<(entry.offset + 1) * binParameters]
        let left = entry.element - zip(row, fit.coefficients).reduce(0) { $0 + $1.0 * $1.1 }
        return sum + left * left
      }
    } catch {
      throw .undetermined("\(error)")
    }
  }
}
