internal import Glibc
internal import Numerics
package import ShowerModel

/// Fits the tuned front of a sample: mean delay and its variance, by weighted least squares in
/// turn.
///
/// Mean: `delay = sum c_k phi_k`. Each station has the weight 1/sigma^2. Beyond 3 sigma the weight
/// is multiplied by 3/|pull| (Huber), since a stray muon before the shower does not belong to its
/// front.
///
/// Variance: `ln sigma^2 = sum d_k phi_k`. The first estimate is a least-squares fit of
/// `ln(residual^2) + 1.27`, where 1.27 is -E[ln x^2] of a normal x. Steps of `d += argmin
/// |residual^2/sigma^2 - 1 - phi d|^2` follow, with pulls held to 4. This iterative least squares
/// makes the mean of pull^2 one everywhere, and not the mean of its logarithm.
package struct FrontRegression: Sendable {
  /// Powers of s, y, z, w (`TunedFront`) in the mean: at the axis only a constant is left.
  ///
  /// Measured with 460,000 stations of 27,000 events: 24 terms for the mean and 24 for the variance
  /// lose 0.024 in ln likelihood a station. More terms gain below 0.005.
  static let delayPowers: [[Int]] =
    [[0, 0, 0, 0]] + radial(2...6)
    + [1, 3].flatMap { [[$0, 0, 0, 1], [$0, 1, 0, 1], [$0, 0, 1, 1]] }
  /// The same of the logarithm of the variance.
  static let logVariancePowers: [[Int]] = radial(0...4)

  /// s^i y^j z^k with i from a range, j + k at most 2.
  private static func radial(_ roots: ClosedRange<Int>) -> [[Int]] {
    roots.flatMap { i in
      (0...2).flatMap { j in (0...2 - j).map { k in [i, j, k, 0] } }
    }
  }

  package static let outlierLimit = 4.0
  private static let huberLimit = 3.0
  private static let iterations = 6
  private static let varianceSteps = 2
  /// -E[ln x^2] of a normal x: ln 2 + Euler's constant.
  private static let logOffset = 1.2703628454614782
  /// Added to squares of residuals before their first logarithm, a sample of 20 ns uniform [ns2].
  private static let floor = 33.0

  package let front: TunedFront
  /// Sum of the squared pulls; those beyond the limit count as at it.
  package let chi2: Double
  /// Number of stations minus coefficients of the mean.
  package let degreesOfFreedom: Int
  /// Part of the stations beyond the limit.
  package let outliers: Double

  /// Fits the front.
  ///
  /// - Parameters:
  ///   - sample: at least 10 stations a coefficient.
  ///   - name: of the front.
  ///   - onIteration: told after each one how many of how many are done.
  /// - Throws: `CalibrationError`, or what `onIteration` throws.
  package init(
    _ sample: FrontSample, name: String, onIteration: (_ done: Int, _ total: Int) throws -> Void
  ) throws {
    let stations = sample.stations
    let needed = 10 * (Self.delayPowers.count + Self.logVariancePowers.count)
    guard stations.count >= needed else {
      throw CalibrationError.tooFewStations(found: stations.count, needed: needed)
    }
    let ranges = try Self.ranges(stations)
    let mean = Design(stations, Self.delayPowers, ranges)
    let variance = Design(stations, Self.logVariancePowers, ranges)
    var delays = [Double](repeating: 0, count: Self.delayPowers.count)
    var logVariances = [Double](repeating: 0, count: Self.logVariancePowers.count)
    // Errors to begin with: any that grow with the distance.
    var sigmas = stations.map { 30 + 30 * pow($0.place.distance / Units.kilometre, 2) }
    var residuals = stations.map(\.delay)
    for iteration in 0..<Self.iterations {
      delays = try mean.leastSquares(stations.map(\.delay)) { index in
        let pull = abs(residuals[index] / sigmas[index])
        let share = iteration > 0 && pull > Self.huberLimit ? Self.huberLimit / pull : 1
        return share.squareRoot() / sigmas[index]
      }
      let means = mean.values(delays)
      for index in stations.indices { residuals[index] = stations[index].delay - means[index] }
      if iteration == 0 {
        logVariances = try variance.leastSquares(
          residuals.map { log($0 * $0 + Self.floor) + Self.logOffset }
        ) { _ in 1 }
      }
      for _ in 0..<Self.varianceSteps {
        let logs = variance.values(logVariances)
        let excess = zip(residuals, logs).map { residual, log in
          min(residual * residual * exp(-log), Self.outlierLimit * Self.outlierLimit) - 1
        }
        let step = try variance.leastSquares(excess) { _ in 1 }
        for (index, change) in step.enumerated() { logVariances[index] += change }
      }
      sigmas = variance.values(logVariances).map { exp(0.5 * $0) }
      try onIteration(iteration + 1, Self.iterations)
    }

    let means = mean.values(delays)
    guard let leastMean = means.min(), let largestMean = means.max(), let leastSigma = sigmas.min(),
      let largestSigma = sigmas.max(), leastMean < largestMean, leastSigma < largestSigma,
      largestMean.isFinite, largestSigma.isFinite
    else { throw CalibrationError.undeterminedFront("the delays are all alike") }
    let pulls2 = zip(residuals, sigmas).map { pow($0 / $1, 2) }
    let limit2 = Self.outlierLimit * Self.outlierLimit
    chi2 = pulls2.reduce(0) { $0 + min($1, limit2) }
    degreesOfFreedom = stations.count - Self.delayPowers.count
    outliers = Double(pulls2.count { $0 > limit2 }) / Double(stations.count)
    func terms(_ powers: [[Int]], _ coefficients: [Double]) -> [TunedFront.Term] {
      zip(powers, coefficients).map { TunedFront.Term(powers: $0, coefficient: $1) }
    }
    front = TunedFront(
      name: name,
      ranges: TunedFront.Ranges(
        distance: ranges.distance, logSignal: ranges.logSignal, secant: ranges.secant,
        upstream: ranges.upstream, delay: leastMean...largestMean,
        sigma: leastSigma...largestSigma),
      scaleSigma: Self.scaleSigma(stations, means, residuals, sigmas),
      delayTerms: terms(Self.delayPowers, delays),
      logVarianceTerms: terms(Self.logVariancePowers, logVariances))
  }

  /// Where the stations are: all but one in a thousand at either end, all zenith angles.
  private static func ranges(
    _ stations: [FrontSample.Station]
  ) throws(CalibrationError) -> TunedFront.Ranges {
    func range(
      _ value: (TunedFront.StationCoordinates) -> Double, cutting part: Double
    ) throws(CalibrationError) -> ClosedRange<Double> {
      let sorted = stations.map { value($0.place) }.sorted()
      let cut = Int(part * Double(sorted.count))
      let (low, high) = (sorted[cut], sorted[sorted.count - 1 - cut])
      guard low < high else { throw .undeterminedFront("the stations are all at one place") }
      return low...high
    }
    return TunedFront.Ranges(
      distance: try range(\.distance, cutting: 0.001),
      logSignal: try range(\.logSignal, cutting: 0.001),
      secant: try range(\.secant, cutting: 0), upstream: try range(\.upstream, cutting: 0.001),
      delay: -1e9...1e9, sigma: 1e-3...1e9)
  }

  /// Standard deviation of the factor k of single showers.
  ///
  /// Each event gives k - 1 = sum(D e / sigma^2) v with v = 1 / sum(D^2 / sigma^2) for the delays D
  /// and residuals e; the square of it has the mean v + scaleSigma^2. Residuals beyond the limit
  /// count as at it.
  private static func scaleSigma(
    _ stations: [FrontSample.Station], _ means: [Double], _ residuals: [Double],
    _ sigmas: [Double]
  ) -> Double {
    var events: [(k: Double, variance: Double)] = []
    var first = 0
    while first < stations.count {
      var (sum, weight, index) = (0.0, 0.0, first)
      while index < stations.count, stations[index].event == stations[first].event {
        let pull = residuals[index] / sigmas[index]
        let size = means[index] / sigmas[index]
        sum += size * min(max(pull, -huberLimit), huberLimit)
        weight += size * size
        index += 1
      }
      if weight > 0 { events.append((sum / weight, 1 / weight)) }
      first = index
    }
    var sigma = 0.1
    for _ in 0..<50 {
      var (sum, weights) = (0.0, 0.0)
      for (k, variance) in events {
        let weight = pow(variance + sigma * sigma, -2)
        sum += weight * (k * k - variance)
        weights += weight
      }
      sigma = max(sum / weights, 1e-4).squareRoot()
    }
    return sigma
  }
}

/// The columns phi_k of all stations, made block by block.
private struct Design {
  let stations: [FrontSample.Station]
  let basis: TunedFront.Basis

  private static let block = 4096

  init(_ stations: [FrontSample.Station], _ powers: [[Int]], _ ranges: TunedFront.Ranges) {
    self.stations = stations
    basis = TunedFront.Basis(powers, within: ranges)
  }

  private var blocks: [Range<Int>] {
    stride(from: 0, to: stations.count, by: Self.block).map {
      $0..<min($0 + Self.block, stations.count)
    }
  }

  /// The coefficients that minimise sum (weight (target - sum c_k phi_k))^2.
  func leastSquares(
    _ targets: [Double], weight: (Int) -> Double
  ) throws(CalibrationError) -> [Double] {
    var problem = SequentialLeastSquares(columns: basis.count)
    do {
      for block in blocks {
        var (matrix, rightHandSide): ([Double], [Double]) = ([], [])
        matrix.reserveCapacity(block.count * basis.count)
        for index in block {
          let weight = weight(index)
          basis.append(at: stations[index].place, times: weight, to: &matrix)
          rightHandSide.append(weight * targets[index])
        }
        try problem.append(matrix, rightHandSide)
      }
      let solution = try problem.solution()
      guard solution.rank == basis.count else {
        throw CalibrationError.undeterminedFront(
          "they determine \(solution.rank) of \(basis.count) coefficients")
      }
      return solution.coefficients
    } catch let error as CalibrationError {
      throw error
    } catch {
      throw .undeterminedFront("\(error)")
    }
  }

  /// sum c_k phi_k of all stations.
  func values(_ coefficients: [Double]) -> [Double] {
    stations.map { basis.sum(coefficients, at: $0.place) }
  }
}
