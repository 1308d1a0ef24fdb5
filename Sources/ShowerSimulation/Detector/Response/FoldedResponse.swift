internal import Glibc
internal import ShowerModel

/// The response of a station to the particles of a shower, folded with their energy spectra.
///
/// Laws of the hits of photons, electrons, muons and hadrons at some distances from the axis and
/// some angles. The fast model draws from them; thrown CORSIKA particles have their own energies.
package final class FoldedResponse: Sendable {
  /// The components of a shower at a station.
  package enum Component: Int, CaseIterable, Sendable {
    case photon, electron, muon, hadron
  }

  /// Angles of the laws.
  static let cosines = [0.3, 0.45, 0.62, 0.8, 1.0]

  let laws: DepositLaws
  /// ln(r/800 m).
  let logDistances: [Double]
  let layerCount: Int
  private let angles: [ShowerConstants.Spectra.Angle]
  private let logScales: [[Double]]
  private let energyOfVEM: Double

  package init(_ particles: ParticleLaws, spectra: ShowerConstants.Spectra) {
    energyOfVEM = particles.energyOfVEM
    layerCount = particles.layerCount
    logDistances = spectra.distances.map { log($0 / 800) }
    let components = [spectra.photon, spectra.electron, spectra.muon, spectra.hadron]
    angles = components.map(\.cosine)
    logScales = components.map(\.logScale)
    var folded = DepositLaws()
    let cumulative = DepositGrid(particles.deposits)
    for component in components {
      for distance in spectra.distances.indices {
        for cosine in Self.cosines {
          // Hits of each law.
          var weights = [Double](repeating: 0, count: particles.deposits.laws.count)
          var factors = [Double](repeating: 1, count: particles.deposits.laws.count)
          for (name, parts) in component.parts.sorted(by: { $0.key < $1.key }) {
            guard let particle = ResponseTable.Particle(rawValue: name) else { continue }
            for (energy, part) in zip(spectra.energies, parts[distance]) where part > 0 {
              for law in particles.parts(particle, energy: energy, cosine: cosine) {
                weights[law.law] += part * law.hits
                factors[law.law] = law.factor
              }
            }
          }
          cumulative.append(weights, factors, of: particles.deposits, to: &folded)
        }
      }
    }
    laws = folded
  }

  func law(_ component: Component, distance: Int, cosine: Int) -> Int {
    (component.rawValue * logDistances.count + distance) * Self.cosines.count + cosine
  }

  /// Cosine of the zenith angle of the particles of a component at ln(r/800 m), weighted by their
  /// signal.
  func cosine(_ component: Component, logDistance x: Double, cosZenith: Double) -> Double {
    let angle = angles[component.rawValue]
    let slant = 1 - cosZenith
    return min(
      max(polynomial(angle.vertical, x) - polynomial(angle.perSlant, x) * slant, 0.3), 1)
  }

  /// Factor on hits that keeps the folded deposit to that of single CORSIKA particles.
  func scale(_ component: Component, logDistance x: Double) -> Double {
    exp(polynomial(logScales[component.rawValue], x))
  }

  /// Mean signal of a hit, the mean of the layers [VEM].
  func signalOfHit(_ law: Int, bothOffset: Double) -> Double {
    laws.laws[law].meanDeposit(layers: layerCount, bothOffset: bothOffset) / energyOfVEM
  }
}

/// Distributions of deposits at common values, to mix them.
private struct DepositGrid {
  /// ln of deposits [ln MeV].
  private static let first = log(0.02)
  private static let step = 0.075
  private static let count = 120

  /// P(deposit < value) of four tables of each law.
  private let cumulative: [[[Double]]]

  init(_ laws: DepositLaws) {
    cumulative = laws.laws.indices.map { law in
      (0..<4).map { table in Self.cumulative(Array(laws.table(table, of: law))) }
    }
  }

  private static func cumulative(_ table: [Float]) -> [Double] {
    var node = 0
    return (0..<count).map { index in
      let deposit = exp(first + Double(index) * step)
      while node < table.count, Double(table[node]) < deposit { node += 1 }
      guard node > 0 else { return 0 }
      guard node < table.count else { return 1 }
      let (low, high) = (Double(table[node - 1]), Double(table[node]))
      let part = high > low ? (deposit - low) / (high - low) : 1
      return normal(DepositQuantiles.node(node - 1) + part / DepositQuantiles.perUnit)
    }
  }

  private static func normal(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

  /// Adds the law of hits of several laws, `weights` of each, whose deposits have factors.
  func append(
    _ weights: [Double], _ factors: [Double], of particles: DepositLaws,
    to folded: inout DepositLaws
  ) {
    var law = DepositLaw()
    var product = 0.0
    for (index, weight) in weights.enumerated() where weight > 0 {
      let own = particles.laws[index]
      guard own.hits > 0 else { continue }
      let perHit = weight / own.hits
      law.upperOnly += perHit * own.upperOnly
      law.lowerOnly += perHit * own.lowerOnly
      law.both += perHit * own.both
      product += perHit * own.both * factors[index] * factors[index] * own.meanProduct
    }
    let tables = (0..<4).map { table -> DepositQuantiles in
      var (sum, mean, norm) = ([Double](repeating: 0, count: Self.count), 0.0, 0.0)
      for (index, weight) in weights.enumerated() where weight > 0 {
        let own = particles.laws[index]
        guard own.hits > 0 else { continue }
        let hits = [own.upperOnly, own.lowerOnly, own.both, own.both][table] * weight / own.hits
        guard hits > 0 else { continue }
        let moments = [
          own.upperOnlyMoments, own.lowerOnlyMoments, own.upperMoments, own.lowerMoments,
        ][table]
        norm += hits
        mean += hits * factors[index] * moments.mean
        let shift = log(factors[index]) / Self.step
        for position in 0..<Self.count {
          sum[position] += hits * value(cumulative[index][table], Double(position) - shift)
        }
      }
      guard norm > 0 else { return .none }
      return quantiles(sum.map { $0 / norm }, mean: mean / norm)
    }
    folded.append(law, tables, meanProduct: law.both > 0 ? product / law.both : 0)
  }

  private func value(_ cumulative: [Double], _ position: Double) -> Double {
    guard position > 0 else { return cumulative[0] }
    let node = Int(position)
    guard node + 1 < cumulative.count else { return 1 }
    return cumulative[node] + (position - Double(node)) * (cumulative[node + 1] - cumulative[node])
  }

  private func quantiles(_ cumulative: [Double], mean: Double) -> DepositQuantiles {
    var position = 0
    let values = (0..<DepositQuantiles.count).map { index -> Double in
      let wanted = Self.normal(DepositQuantiles.node(index))
      while position + 2 < Self.count, cumulative[position + 1] < wanted { position += 1 }
      let (low, high) = (cumulative[position], cumulative[position + 1])
      let part = high > low ? min(max((wanted - low) / (high - low), 0), 1) : 0
      return exp(Self.first + (Double(position) + part) * Self.step)
    }
    let factor = mean / NormalWeights.shared.mean(values)
    return DepositQuantiles(values: values.map { factor * $0 })
  }
}
