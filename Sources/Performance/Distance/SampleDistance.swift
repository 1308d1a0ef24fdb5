internal import Glibc
package import Numerics
internal import ShowerModel

/// How far the events of one sample are from those of another, feature by feature and together.
///
/// Events are compared in pairs with the same zenith angle and S800 (`MatchedPairs`). What chance
/// does is known from replicas in which the members of random pairs are exchanged: the statistic
/// lies within the interval of the replicas where both samples are alike. The probabilities of the
/// features are adjusted for their number by the largest statistic of each replica (Westfall and
/// Young 1993), which takes account of their correlations.
package struct SampleDistance: Sendable, Encodable {
  /// Features of the events of a sample.
  package struct Sample: Sendable {
    /// ln S800 and sec theta.
    package var positions: [SIMD2<Double>] = []
    /// `[feature][event]`
    package var values: [[Double]]

    package init(featureCount: Int) {
      values = [[Double]](repeating: [], count: featureCount)
    }

    package mutating func append(position: SIMD2<Double>, values: [Double]) {
      positions.append(position)
      for (index, value) in values.enumerated() { self.values[index].append(value) }
    }

    package var count: Int { positions.count }
  }

  package struct Feature: Sendable, Encodable {
    package let name: String
    /// Pairs that have it.
    package let pairs: Int
    /// Mean of data minus reference, in units of half of the range from 16 % to 84 %.
    package let shift: Double
    /// Half width of the interval that holds the shifts of 95 % of the replicas.
    package let shiftInterval: Double
    /// Largest distance of both distributions (Kolmogorov and Smirnov).
    package let distance: Double
    /// The distance that 95 % of the replicas do not exceed.
    package let distanceLimit: Double
    /// Part of the replicas with such a distance, for this feature alone.
    package let probability: Double
    /// Part of the replicas in which any feature has such a distance.
    package let adjustedProbability: Double
  }

  /// The classifier of all features together.
  package struct Classifier: Sendable, Encodable {
    /// Area under the ROC curve within pairs, 0.5 where nothing differs.
    package let area: Double
    /// Ends of the interval that holds the areas of 95 % of the replicas.
    package let interval: [Double]
    package let probability: Double
  }

  package let dataEvents: Int
  package let referenceEvents: Int
  package let pairs: Int
  package let replicas: Int
  package let seed: UInt64
  /// The largest distance over its limit first.
  package let features: [Feature]
  package let classifier: Classifier

  /// Fewer pairs tell nothing.
  package static let fewestPairs = 50
  /// Adjusted probability below which a feature is called different.
  package static let significance = 0.01

  /// Features that differ.
  package var different: [Feature] {
    features.filter { $0.adjustedProbability < Self.significance }
  }

  package var isDifferent: Bool {
    classifier.probability < Self.significance || !different.isEmpty
  }

  /// nil with fewer than `fewestPairs` pairs.
  ///
  /// - Parameters:
  ///   - data: one sample.
  ///   - reference: the other one.
  ///   - names: of the features.
  ///   - replicas: number of exchanges.
  ///   - seed: of the order and the exchanges.
  ///   - threads: number of threads; nothing depends on it.
  /// - Throws: `LinearAlgebraError`.
  package init?(
    data: Sample, reference: Sample, names: [String], replicas: Int, seed: UInt64, threads: Int
  ) throws(LinearAlgebraError) {
    let matched = MatchedPairs(
      data: data.positions, reference: reference.positions, seed: seed
    ).pairs
    guard matched.count >= Self.fewestPairs else { return nil }
    let (own, others) = (
      data.values.map { column in matched.map { column[$0.data] } },
      reference.values.map { column in matched.map { column[$0.reference] } }
    )
    let compared = names.indices.compactMap { index in
      FeaturePairs(data: own[index], reference: others[index], fewest: Self.fewestPairs).map {
        (name: names[index], index: index, pairs: $0)
      }
    }
    let classifier = try PairClassifier(
      data: compared.map { own[$0.index] }, reference: compared.map { others[$0.index] })
    let columns = compared.map(\.pairs)
    /// Statistics of an exchange: of each feature, and the area of the classifier.
    let measure = { @Sendable (exchange: PairExchange) in
      (features: columns.map { $0.statistics(exchange) }, area: classifier.area(exchange))
    }
    let found = measure(PairExchange(count: matched.count))
    let chance = concurrentMap(Array(1...replicas), threads: threads) {
      measure(PairExchange(count: matched.count, seed: seed, replica: $0))
    }
    (dataEvents, referenceEvents, pairs) = (data.count, reference.count, matched.count)
    (self.replicas, self.seed) = (replicas, seed)
    func probability(_ count: Int) -> Double { Double(count + 1) / Double(replicas + 1) }
    let limits = columns.indices.map { index in
      quantile(of: chance.map { $0.features[index].distance }, 0.95)
    }
    // In units of their limits, so that no feature sets the largest one alone.
    let largest = chance.map { replica in
      zip(replica.features, limits).map { $0.distance / $1 }.max() ?? 0
    }
    features = compared.indices.map { index in
      let (statistics, limit) = (found.features[index], limits[index])
      // Distances are multiples of one over the number of pairs.
      let distance = statistics.distance - 1e-9
      return Feature(
        name: compared[index].name, pairs: columns[index].count, shift: statistics.shift,
        shiftInterval: quantile(of: chance.map { abs($0.features[index].shift) }, 0.95),
        distance: statistics.distance, distanceLimit: limit,
        probability: probability(chance.count { $0.features[index].distance > distance }),
        adjustedProbability: probability(largest.count { $0 > distance / limit }))
    }.sorted { $0.distance / $0.distanceLimit > $1.distance / $1.distanceLimit }
    let areas = chance.map(\.area)
    self.classifier = Classifier(
      area: found.area, interval: [quantile(of: areas, 0.025), quantile(of: areas, 0.975)],
      probability: probability(areas.count { $0 > found.area - 1e-9 }))
  }
}
