import Foundation
import ShowerModel
import Testing

@_spi(Validation) @testable import ShowerSimulation

/// Deposits drawn from the response table: means, widths, correlations and numbers of hits.
@Suite struct ResponseTests {
  static let response = ParticleResponse(laws: TestSetup.laws, normal: NormalTable())

  /// Rows with hits enough to matter, at energies and angles where showers have their particles.
  static let rows: [ResponseTable.Row] = {
    let table = TestSetup.responseTable()
    func rows(_ particle: ResponseTable.Particle, _ energies: ClosedRange<Double>)
      -> [ResponseTable.Row]
    {
      table.rows(of: particle).filter { energies.contains($0.energy) && $0.cosZenith > 0.4 }
    }
    return rows(.photon, 2...100) + rows(.electron, 10...100) + rows(.muon, 200...20_000)
  }()

  @Test func drawsHaveTheMomentsOfTheTable() {
    // Three quantiles and two moments do not always go together: some rows miss their width.
    var (widths, correlations): ([Double], [Double]) = ([], [])
    for (index, row) in Self.rows.enumerated() {
      var random = CounterRandom(seed: 5, event: index)
      let name = "\(row.particle.rawValue) \(row.energy) MeV, cos \(row.cosZenith)"
      let hits = TestSetup.laws.hits(row.particle, energy: row.energy, cosine: row.cosZenith)
      #expect(abs(hits / row.hits - 1) < 1e-4, "\(name)")
      let count = 30_000
      var (upper, lower): ([Double], [Double]) = ([], [])
      for _ in 0..<count {
        let deposit = TestSetup.laws.deposit(
          row.particle, energy: row.energy, cosine: row.cosZenith, normal: Self.response.normal,
          using: &random)
        upper.append(deposit.upper)
        lower.append(deposit.lower)
      }
      // Per crossing particle; per hit where there is more than one hit a particle.
      let part = min(row.hits, 1)
      func moments(_ values: [Double]) -> (mean: Double, deviation: Double, error: Double) {
        let m = part * mean(values)
        let square = part * mean(values.map { $0 * $0 })
        return (m, (square - m * m).squareRoot(), deviation(values) / Double(count).squareRoot())
      }
      for (values, layer) in [(upper, row.upper), (lower, row.lower)] {
        let found = moments(values)
        let expected = layer.mean / max(row.hits, 1)
        #expect(abs(found.mean - expected) < 4 * found.error + 0.005 * expected, "\(name)")
        widths.append(abs(found.deviation / layer.deviation - 1))
      }
      let covariance =
        part * mean(zip(upper, lower).map { $0 * $1 }) - moments(upper).mean * moments(lower).mean
      let correlation = covariance / (moments(upper).deviation * moments(lower).deviation)
      correlations.append(abs(correlation - row.correlation))
      let both = Double(zip(upper, lower).count { $0 > 0 && $1 > 0 }) / Double(count)
      #expect(abs(both - row.both / row.hits) < 0.012, "\(name)")
    }
    #expect(quantile(widths, 0.5) < 0.02 && quantile(widths, 0.9) < 0.10, "\(widths)")
    #expect(quantile(correlations, 0.5) < 0.02 && quantile(correlations, 0.9) < 0.06)
  }

  /// Quantiles of the table are those of the draws.
  @Test func drawsHaveTheQuantilesOfTheTable() {
    for (index, row) in Self.rows.enumerated() where row.upperOnly + row.both > 0.05 {
      var random = CounterRandom(seed: 6, event: index)
      let values = (0..<20_000).map { _ in
        TestSetup.laws.deposit(
          row.particle, energy: row.energy, cosine: row.cosZenith, normal: Self.response.normal,
          using: &random
        ).upper
      }.filter { $0 > 0 }
      for (fraction, expected) in [(0.16, row.upper.quantiles.x), (0.5, row.upper.quantiles.y)] {
        #expect(
          abs(quantile(values, fraction) - expected) < 0.10 + 0.06 * expected,
          "\(row.particle.rawValue) \(row.energy) \(row.cosZenith)")
      }
    }
  }

  /// 1 VEM: the most probable deposit of vertical muons of 4 GeV is 2.05 MeV.
  @Test func mostProbableDepositOfMuons() {
    var random = CounterRandom(seed: 9, event: 0)
    let deposits = (0..<200_000).map { _ in
      Self.response.muon(kinetic: 4000, cosine: 1, using: &random)
    }
    for values in [deposits.map(\.upper), deposits.map(\.lower)] {
      let modal = DetectorTests().mode(values, width: 0.07, range: 1.5..<3.5)
      #expect(abs(modal - 2.05) < 0.03, "\(modal)")
    }
    // A muon at 60 degrees has twice the path.
    let slanted = (0..<40_000).map { _ in
      Self.response.muon(kinetic: 4000, cosine: 0.6, using: &random).upper
    }
    #expect(abs(mean(slanted) * 0.6 / mean(deposits.map(\.upper)) - 1) < 0.05)
  }

  /// Hits of the fast model deposit what their moments say, and a shift of the classes is one.
  @Test(arguments: [0.0, 0.2]) func foldedHits(bothOffset: Double) {
    var response = ShowerResponse(TestSetup.folded)
    response.update(cosZenith: 0.85, bothOffset: bothOffset)
    let place = response.place(logDistance: log(950.0 / 800))
    for component in FoldedResponse.Component.allCases where component != .muon {
      var random = CounterRandom(seed: 4, event: component.rawValue)
      let hits = response.hits(component, at: place)
      let moments = hits.moments
      let draws = (0..<60_000).map { _ in
        hits.deposit(
          bits: UInt64(random.word()), normal: Self.response.normal, using: &random)
      }
      let (upper, lower) = (draws.map(\.upper), draws.map(\.lower))
      #expect(abs(mean(upper) / moments.upper - 1) < 0.03)
      #expect(abs(mean(lower) / moments.lower - 1) < 0.03)
      #expect(abs(mean(upper.map { $0 * $0 }) / moments.upperSquare - 1) < 0.12)
      #expect(abs(mean(zip(upper, lower).map { $0 * $1 }) / moments.product - 1) < 0.12)
      let each = response.perParticle(component, at: place)
      let signal = each.hits * 0.5 * (mean(upper) + mean(lower)) / 2.05
      #expect(abs(signal / each.signal - 1) < 0.03)
    }
  }

  /// The folded deposits are those of the single particles of CORSIKA showers
  /// (Fixtures/corsika/components.csv).
  @Test func foldedDepositsAreThoseOfCorsika() throws {
    let lines = try TestSetup.text("Fixtures/corsika/components.csv").split(separator: "\n")
    var ratios: [String: [Double]] = [:]
    for line in lines.dropFirst() {
      let fields = line.split(separator: ",")
      guard let zenith = Double(fields[1]), let r = Double(fields[2]),
        let deposit = Double(fields[4]), let cosine = Double(fields[6]),
        let rows = Double(fields[10]), rows > 100
      else { continue }
      var response = ShowerResponse(TestSetup.folded)
      response.update(cosZenith: cos(zenith * Units.degree), bothOffset: 0)
      let components: [String: FoldedResponse.Component] = [
        "photon": .photon, "electron": .electron, "muon": .muon, "hadron": .hadron,
      ]
      let component = try #require(components[String(fields[3])])
      let folded = response.perParticle(
        component, at: response.place(logDistance: log(r / 800))
      ).signal
      // Of muons per path.
      let expected = component == .muon ? deposit * cosine : deposit
      ratios[String(fields[3]), default: []].append(folded / expected)
    }
    for (kind, values) in ratios {
      #expect(abs(mean(values) - 1) < (kind == "hadron" ? 0.05 : 0.03), "\(kind) \(mean(values))")
      #expect(deviation(values) < 0.12, "\(kind) \(deviation(values))")
    }
  }
}
