internal import Glibc
internal import Numerics

/// The law of S800 by energy and zenith angle, fitted to simulated showers. An energy table inverts
/// it.
///
/// `log10 S800 = sum_i P_i(sec theta) (log10 E)^i`, with polynomials P_i of degrees 5, 3, 2, 1, by
/// least squares over all showers at once.
///
/// The simulation chooses the energy and S800 fluctuates, so S800 is regressed on E and the law is
/// inverted. The mean of log10 S800 at an energy does not depend on how many showers of that energy
/// were thrown. A regression of E on S800 would carry the thrown spectrum into the table.
///
/// Means are those of the logarithm. E[ln E_rec - ln E] vanishes at every true energy, up to the
/// bend of the law within the scatter (below 0.1 %). The median is about 1 % above, since showers
/// with little signal have the longer tail.
package struct SignalRegression: Sendable {
  /// Degree in sec theta of the factor of each power of log10 E.
  ///
  /// With 30,000 showers: chi2 against separate laws in bins is 197 for 175 degrees of freedom, no
  /// higher degree gains 3 more, and a law quadratic in log10 E leaves 0.7 % (5 standard
  /// deviations).
  static let zenithDegrees = [5, 3, 2, 1]
  static var parameterCount: Int { zenithDegrees.reduce(0) { $0 + $1 + 1 } }

  /// log10(E/EeV) of the showers; no energy outside is given.
  package let energies: ClosedRange<Double>
  /// Showers that determine the law.
  package let count: Int
  /// Standard deviation of log10 S800 around the law.
  package let scatter: Double
  private let coefficients: [Double]
  /// Covariance of the coefficients, by rows: `M (sum_k r_k^2 a_k a_k^T) M` with M = (A^T A)^-1.
  ///
  /// It holds for any scatter, also for one that falls with the energy.
  private let covariance: [Double]

  /// The law of the showers within a range of log10(E/EeV).
  ///
  /// - Throws: `CalibrationError`.
  package init(
    _ showers: [CalibrationShower], energies: ClosedRange<Double>
  ) throws(CalibrationError) {
    let used = showers.filter { energies.contains($0.logEnergy) }
    let (rows, columns) = (used.count, Self.parameterCount)
    guard rows >= 10 * columns else {
      throw .tooFewShowers(found: rows, needed: "at least \(10 * columns) are needed")
    }
    self.energies = energies
    count = rows
    let matrix = used.flatMap { Self.row($0.logEnergy, $0.secant, energies) }
    let signals = used.map(\.logSignal)
    let inverse: [Double]
    do {
      coefficients = try LinearLeastSquares(
        matrix: matrix, rows: rows, columns: columns, rightHandSide: signals
      ).coefficients
      inverse = try inverseNormalMatrix(of: matrix, rows: rows, columns: columns)
    } catch {
      throw .undetermined("\(error)")
    }
    var squares = 0.0
    var middle = [Double](repeating: 0, count: columns * columns)
    for (k, signal) in signals.enumerated() {
      let a = matrix[k * columns..<(k + 1) * columns]
      let residual = signal - zip(a, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
      squares += residual * residual
      for (i, left) in a.enumerated() {
        for (j, right) in a.enumerated() {
          middle[i * columns + j] += residual * residual * left * right
        }
      }
    }
    scatter = (squares / Double(rows - columns)).squareRoot()
    covariance = Self.product(Self.product(inverse, middle, columns), inverse, columns)
    try checkRise(used)
  }

  /// Fitted mean of log10 S800.
  package func logSignal(logEnergy: Double, secant: Double) -> Double {
    zip(Self.row(logEnergy, secant, energies), coefficients).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// log10(E/EeV) of the showers with that mean log10 S800, and its standard error from the fit;
  /// nil where it lies outside the range of energies, or below `lowest`.
  package func logEnergy(
    logSignal: Double, secant: Double, from lowest: Double = -.infinity
  ) -> (value: Double, error: Double)? {
    var (low, high) = (max(energies.lowerBound, lowest), energies.upperBound)
    guard logSignal >= self.logSignal(logEnergy: low, secant: secant),
      logSignal <= self.logSignal(logEnergy: high, secant: secant)
    else { return nil }
    // The law rises throughout: 50 halvings reach the last bits.
    for _ in 0..<50 {
      let middle = 0.5 * (low + high)
      if self.logSignal(logEnergy: middle, secant: secant) < logSignal {
        low = middle
      } else {
        high = middle
      }
    }
    let value = 0.5 * (low + high)
    let row = Self.row(value, secant, energies)
    var variance = 0.0
    for (i, left) in row.enumerated() {
      for (j, right) in row.enumerated() {
        variance += left * covariance[i * row.count + j] * right
      }
    }
    return (value, max(variance, 0).squareRoot() / slope(logEnergy: value, secant: secant))
  }

  /// Uncertainty of the slope of a continued law, d log10 S800 / d log10 E, relative.
  private static let continuedSlopeError = 0.1

  /// log10(E/EeV) also beyond the showers, within a range: there the law goes on straight, with its
  /// slope at the last energy.
  ///
  /// The error of the slope is taken as 10 %, about as much as it changes over the whole range.
  /// - Parameters:
  ///   - logSignal: log10 S800.
  ///   - secant: sec theta.
  ///   - range: log10(E/EeV) of the table.
  ///   - lowest: log10(E/EeV) from which on showers of this zenith angle are selected.
  /// - Returns: energy, standard error, and whether it is extrapolated; nil outside the range.
  package func continuedEnergy(
    logSignal: Double, secant: Double, within range: ClosedRange<Double>, from lowest: Double
  ) -> (value: Double, error: Double, isExtrapolated: Bool)? {
    if let known = logEnergy(logSignal: logSignal, secant: secant, from: lowest) {
      return (known.value, known.error, false)
    }
    let first = max(energies.lowerBound, lowest)
    let isLow = logSignal < self.logSignal(logEnergy: first, secant: secant)
    let edge = isLow ? first : energies.upperBound
    let signal = self.logSignal(logEnergy: edge, secant: secant)
    let slope = slope(logEnergy: edge, secant: secant)
    guard slope > 0.1,
      let atEdge = logEnergy(logSignal: signal, secant: secant, from: first)
    else { return nil }
    let distance = (logSignal - signal) / slope
    let value = edge + distance
    guard range.contains(value) else { return nil }
    let error = Self.continuedSlopeError * distance
    return (value, (atEdge.error * atEdge.error + error * error).squareRoot(), true)
  }

  /// d log10 S800 / d log10 E.
  func slope(logEnergy: Double, secant: Double) -> Double {
    let step = 1e-4
    return
      (logSignal(logEnergy: logEnergy + step, secant: secant)
      - logSignal(logEnergy: logEnergy - step, secant: secant)) / (2 * step)
  }

  /// The law must rise, or an S800 would have two energies.
  private func checkRise(_ showers: [CalibrationShower]) throws(CalibrationError) {
    let secants = showers.map(\.secant)
    guard let first = secants.min(), let last = secants.max() else { return }
    for i in 0...20 {
      let secant = first + (last - first) * Double(i) / 20
      // Inclined showers of low energy are not selected: no shower determines the law there.
      let near = showers.filter { abs($0.secant - secant) < 0.05 }.map(\.logEnergy)
      guard let lowest = Self.lowestDetermined(near) else { continue }
      for j in 0...20 {
        let logEnergy = lowest + (energies.upperBound - lowest) * Double(j) / 20
        guard slope(logEnergy: logEnergy, secant: secant) > 0.1 else {
          throw .notRising(logEnergy: logEnergy, secant: secant)
        }
      }
    }
  }

  /// The energy from which on some showers determine the law, the tenth smallest; nil for fewer.
  static func lowestDetermined(_ logEnergies: [Double]) -> Double? {
    logEnergies.count >= 10 ? logEnergies.sorted()[9] : nil
  }

  /// Terms of the law at a place, in variables of about -1...1.
  static func row(
    _ logEnergy: Double, _ secant: Double, _ energies: ClosedRange<Double>
  ) -> [Double] {
    let half = 0.5 * (energies.upperBound - energies.lowerBound)
    let x = (logEnergy - 0.5 * (energies.lowerBound + energies.upperBound)) / half
    let z = (secant - 1.37) / 0.38
    var terms: [Double] = []
    var power = 1.0
    for degree in zenithDegrees {
      var term = power
      for _ in 0...degree {
        terms.append(term)
        term *= z
      }
      power *= x
    }
    return terms
  }

  private static func product(_ a: [Double], _ b: [Double], _ size: Int) -> [Double] {
    var c = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0..<size {
        c[i * size + j] = (0..<size).reduce(0) { $0 + a[i * size + $1] * b[$1 * size + j] }
      }
    }
    return c
  }
}
