import Glibc
internal import Numerics
public import ShowerModel

/// The domain of a network: events like those of its training split.
///
/// An event is outside the domain if a feature lies outside the range of the training split. It is
/// also outside if the Mahalanobis distance of its features exceeds that of 99.9 % of the training
/// split. This distance is taken at the event's zenith angle and S800.
///
/// Rare events are not unlike ones: the network corrects them well as long as it saw some of them.
public struct TrainingDomain: Sendable, Equatable, Codable {
  /// Names of `DomainFeature`s.
  public var features: [String]
  /// From the quantile .001 to .999 of the training split, widened by a tenth on either side.
  public var lower: [Double]
  public var upper: [Double]
  /// Of those features that take part in the distance: their positions in `features`.
  var members: [Int]
  /// Mean and ln size of each member: polynomials of total degree 2 in sec theta and ln S800.
  var means: [[Double]]
  var logSizes: [[Double]]
  /// Of the members in units of their sizes, by rows.
  var inverseCovariance: [Double]
  /// Largest square of the distance.
  public var limit: Double

  /// Part of the training split that is called beyond by the distance.
  static let beyond = 0.001
  /// Members further off than so many sizes count as that far: one outlier is no other kind of
  /// event.
  static let reach = 5.0
  static let fewestEvents = 1000

  /// Learns from the training split; nil with fewer than 1,000 events, which have no tails to speak
  /// of.
  ///
  /// - Parameter rows: values of `DomainFeature.all`, event after event.
  /// - Throws: `LinearAlgebraError` where a fit fails.
  init?(_ rows: [Float]) throws(LinearAlgebraError) {
    let all = DomainFeature.all
    let count = rows.count / all.count
    guard count >= Self.fewestEvents else { return nil }
    features = []
    lower = []
    upper = []
    members = []
    var columns: [[Double]] = []
    for (index, feature) in all.enumerated() {
      let column = (0..<count).map { Double(rows[$0 * all.count + index]) }
      let finite = column.filter(\.isFinite)
      // A quantity that older files lack, or that is the same for all, tells nothing.
      guard finite.count > count / 2 else { continue }
      let (low, high) = (quantile(of: finite, 0.001), quantile(of: finite, 0.999))
      guard high - low > 1e-9 * max(abs(low), abs(high), 1) else { continue }
      if feature.isInDistance { members.append(features.count) }
      features.append(feature.name)
      lower.append(low - 0.1 * (high - low))
      upper.append(high + 0.1 * (high - low))
      columns.append(column)
    }
    means = []
    logSizes = []
    inverseCovariance = []
    limit = .greatestFiniteMagnitude
    guard features.prefix(2) == [all[0].name, all[1].name], !members.isEmpty else { return nil }
    try fitDistance(columns, count)
  }

  /// Why an event is beyond: names of features out of range, "distance"; nothing for an event like
  /// the others.
  public func reasons(toDoubt event: ReconstructedEvent) -> [String] {
    reasons(DomainFeature.values(of: event))
  }

  /// Why an event is beyond.
  ///
  /// - Parameter values: of `DomainFeature.all`.
  /// - Returns: names of features out of range, "distance"; nothing for an event like the others.
  func reasons(_ values: [Float]) -> [String] {
    var reasons: [String] = []
    let own = self.own(values)
    for (index, value) in own.enumerated()
    where value.isFinite && !(lower[index]...upper[index]).contains(value) {
      reasons.append(features[index])
    }
    if squaredDistance(own) > limit { reasons.append("distance") }
    return reasons
  }

  /// The values of `features`, NaN for one that this program does not know.
  private func own(_ values: [Float]) -> [Double] {
    features.map { name in
      DomainFeature.all.firstIndex { $0.name == name }.map { Double(values[$0]) } ?? .nan
    }
  }

  /// Square of the Mahalanobis distance; what is not finite counts as average.
  private func squaredDistance(_ own: [Double]) -> Double {
    guard !inverseCovariance.isEmpty else { return 0 }
    let terms = self.terms(own[0], own[1])
    let pulls = members.indices.map { pull($0, own[members[$0]], terms) }
    var sum = 0.0
    for i in pulls.indices {
      for j in pulls.indices { sum += pulls[i] * inverseCovariance[i * pulls.count + j] * pulls[j] }
    }
    return sum
  }

  /// A member minus its mean in units of its size.
  private func pull(_ member: Int, _ value: Double, _ terms: [Double]) -> Double {
    guard value.isFinite else { return 0 }
    var (mean, logarithm) = (0.0, 0.0)
    for (index, term) in terms.enumerated() {
      mean += means[member][index] * term
      logarithm += logSizes[member][index] * term
    }
    let pull = (value - mean) / exp(logarithm)
    return max(-Self.reach, min(Self.reach, pull))
  }

  /// Terms up to total degree 2 in sec theta and ln S800, scaled and held within their ranges.
  private func terms(_ secZenith: Double, _ logSignal800: Double) -> [Double] {
    let terms = BivariatePolynomial.terms(
      BivariatePolynomial.scaled(secZenith, from: lower[0], to: upper[0]),
      BivariatePolynomial.scaled(logSignal800, from: lower[1], to: upper[1]))
    return (0..<BivariatePolynomial.quadraticCount).map { terms[$0] }
  }

  private mutating func fitDistance(
    _ columns: [[Double]], _ count: Int
  ) throws(LinearAlgebraError) {
    let terms = (0..<count).map { self.terms(columns[0][$0], columns[1][$0]) }
    let matrix = terms.flatMap { $0 }
    for member in members {
      // Outliers are pulled in to the range, so that they set neither mean nor size.
      let column = columns[member]
      let middle = quantile(of: column.filter(\.isFinite), 0.5)
      let held = column.map {
        $0.isFinite ? max(lower[member], min(upper[member], $0)) : middle
      }
      let mean = try LinearLeastSquares(
        matrix: matrix, rows: count, columns: 6, rightHandSide: held
      ).coefficients
      let left = held.indices.map { row in
        held[row] - zip(mean, terms[row]).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let overall = (left.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
      var logSize = try LinearLeastSquares(
        matrix: matrix, rows: count, columns: 6,
        rightHandSide: left.map { log(max(abs($0), 1e-3 * max(overall, 1e-12))) }
      ).coefficients
      let squares = left.indices.reduce(0.0) { sum, row in
        let size = exp(zip(logSize, terms[row]).reduce(0) { $0 + $1.0 * $1.1 })
        return sum + pow(max(-6, min(6, left[row] / size)), 2)
      }
      logSize[0] += 0.5 * log(max(squares / Double(count), 1e-12))
      means.append(mean)
      logSizes.append(logSize)
    }
    var pulls: [Double] = []
    pulls.reserveCapacity(count * members.count)
    for row in 0..<count {
      for (index, member) in members.enumerated() {
        pulls.append(pull(index, columns[member][row], terms[row]))
      }
    }
    // Features that follow from each other have no inverse: then ranges alone decide.
    guard
      let inverse = try? inverseNormalMatrix(of: pulls, rows: count, columns: members.count)
    else { return }
    inverseCovariance = inverse.map { $0 * Double(count) }
    let distances = (0..<count).map { row in
      squaredDistance(columns.map { $0[row] })
    }
    limit = quantile(of: distances, 1 - Self.beyond)
  }
}
