internal import Glibc
internal import ShowerModel

/// How hits of one kind of particle deposit their energy in the two layers.
///
/// A hit is in the upper layer alone, in the lower alone or in both. Its deposits are quantiles at
/// normal numbers, in both layers at two that are correlated.
struct DepositLaw: Sendable {
  /// Hits per particle that crosses the area of the upper layer.
  var upperOnly = 0.0
  var lowerOnly = 0.0
  var both = 0.0
  /// Correlation of the normal numbers of a hit in both, and the rest `sqrt(1 - c^2)`.
  var correlation: Float = 0
  var independence: Float = 1
  /// Where the quantiles begin in `DepositLaws.values`: upper alone, lower alone, upper and lower
  /// of both.
  var first = 0
  /// Of one hit in each class.
  var upperOnlyMoments = (mean: 0.0, square: 0.0)
  var lowerOnlyMoments = (mean: 0.0, square: 0.0)
  var upperMoments = (mean: 0.0, square: 0.0)
  var lowerMoments = (mean: 0.0, square: 0.0)
  /// Mean product of the deposits of a hit in both layers [MeV2].
  var meanProduct = 0.0

  var hits: Double { upperOnly + lowerOnly + both }

  /// Part of the hits that is in both layers, an offset added.
  @inline(__always) func bothPart(offset: Double) -> Double {
    hits > 0 ? min(max(both / hits + offset, 0), 1) : 0
  }

  /// Mean deposit of a hit, the mean of the layers [MeV].
  func meanDeposit(layers: Int, bothOffset: Double = 0) -> Double {
    let moments = moments(bothOffset: bothOffset)
    return layers == 1 ? moments.upper : 0.5 * (moments.upper + moments.lower)
  }

  /// Moments of one hit of any class, an offset added to the part in both layers.
  func moments(bothOffset offset: Double = 0) -> HitMoments {
    guard hits > 0 else { return HitMoments() }
    let both = bothPart(offset: offset)
    let single = upperOnly + lowerOnly
    let upper = single > 0 ? (1 - both) * upperOnly / single : 0
    let lower = single > 0 ? (1 - both) * lowerOnly / single : 0
    return HitMoments(
      upper: upper * upperOnlyMoments.mean + both * upperMoments.mean,
      lower: lower * lowerOnlyMoments.mean + both * lowerMoments.mean,
      upperSquare: upper * upperOnlyMoments.square + both * upperMoments.square,
      lowerSquare: lower * lowerOnlyMoments.square + both * lowerMoments.square,
      product: both * meanProduct)
  }
}

/// Means, mean squares and mean product of the deposits of one hit in both layers [MeV].
struct HitMoments: Sendable {
  var upper = 0.0
  var lower = 0.0
  var upperSquare = 0.0
  var lowerSquare = 0.0
  var product = 0.0

  static func + (a: HitMoments, b: HitMoments) -> HitMoments {
    HitMoments(
      upper: a.upper + b.upper, lower: a.lower + b.lower,
      upperSquare: a.upperSquare + b.upperSquare, lowerSquare: a.lowerSquare + b.lowerSquare,
      product: a.product + b.product)
  }

  static func * (factor: Double, a: HitMoments) -> HitMoments {
    HitMoments(
      upper: factor * a.upper, lower: factor * a.lower, upperSquare: factor * a.upperSquare,
      lowerSquare: factor * a.lowerSquare, product: factor * a.product)
  }
}

/// Laws with their quantiles, from which deposits are drawn.
struct DepositLaws: Sendable {
  private static let perTable = DepositQuantiles.count
  private(set) var laws: [DepositLaw] = []
  /// What a draw needs of each law.
  private var draws: [Draw] = []

  /// The numbers of a law that its draws use: small, since they are read for every hit.
  private struct Draw {
    /// Part of the hits in both layers, and of those in one layer the part in the upper one.
    var both: Float
    var upper: Float
    var correlation: Float
    var independence: Float
    var first: Int32
  }
  /// Four tables a law [MeV].
  private var values: [Float] = []

  /// Adds a law, whose number is that of the laws before it.
  ///
  /// - Parameters:
  ///   - law: its numbers of hits.
  ///   - tables: upper alone, lower alone, upper and lower of both.
  ///   - meanProduct: of deposits of a hit in both layers [MeV2].
  mutating func append(
    _ law: DepositLaw, _ tables: [DepositQuantiles], meanProduct: Double
  ) {
    let weights = NormalWeights.shared
    var law = law
    law.first = values.count
    let correlation = weights.correlation(
      of: tables[2].values, and: tables[3].values, meanProduct: meanProduct)
    law.correlation = Float(correlation)
    law.independence = Float((1 - correlation * correlation).squareRoot())
    let moments = tables.map { (mean: $0.mean, square: $0.meanSquare) }
    law.upperOnlyMoments = moments[0]
    law.lowerOnlyMoments = moments[1]
    law.upperMoments = moments[2]
    law.lowerMoments = moments[3]
    law.meanProduct = weights.meanProduct(
      of: tables[2].values, and: tables[3].values, correlation: correlation)
    for table in tables { values += table.values.map { Float($0) } }
    laws.append(law)
    let single = law.upperOnly + law.lowerOnly
    draws.append(
      Draw(
        both: Float(law.bothPart(offset: 0)),
        upper: single > 0 ? Float(law.upperOnly / single) : 0,
        correlation: law.correlation, independence: law.independence, first: Int32(law.first)))
  }

  /// The quantiles of a law: upper alone, lower alone, upper and lower of both.
  func table(_ index: Int, of number: Int) -> ArraySlice<Float> {
    let start = laws[number].first + index * Self.perTable
    return values[start..<start + Self.perTable]
  }

  /// Draws the deposit of a hit; `kind`, uniform in 0..<1, says in which layers, 16 bits of
  /// `bits` how much it is, and those of `other` what it has of its own in the lower layer.
  @inline(__always) func deposit(
    _ number: Int, kind: Double, bits: UInt64, bothOffset: Double, normal: NormalTable,
    other: () -> UInt64
  ) -> ParticleResponse.Deposit {
    let law = draws[number]
    let z = normal.single(bits)
    let kind = Float(kind)
    let both = bothOffset == 0 ? law.both : min(max(law.both + Float(bothOffset), 0), 1)
    let first = Int(law.first)
    if kind < both {
      let second = law.correlation * z + law.independence * normal.single(other())
      return ParticleResponse.Deposit(
        upper: value(first + 2 * Self.perTable, z), lower: value(first + 3 * Self.perTable, second))
    }
    let (rest, limit) = (Double(kind - both), Double((1 - both) * law.upper))
    let deposit = value(first + (rest < limit ? 0 : Self.perTable), z)
    return ParticleResponse.Deposit(
      upper: rest < limit ? deposit : 0, lower: rest < limit ? 0 : deposit)
  }

  @inline(__always) private func value(_ first: Int, _ z: Float) -> Double {
    let highest = Float(Self.perTable - 1) - 1e-4
    let position = min(
      max((z - Float(DepositQuantiles.first)) * Float(DepositQuantiles.perUnit), 0), highest)
    let node = Int(position)
    let low = values[first + node]
    return Double(low + (position - Float(node)) * (values[first + node + 1] - low))
  }
}
