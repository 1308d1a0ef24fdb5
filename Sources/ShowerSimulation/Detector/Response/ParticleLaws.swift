internal import Glibc
public import ShowerModel

/// The laws of all rows of a response table, and what is between them.
///
/// Hits per particle are interpolated in the logarithms of hits, energy and cosine of the zenith
/// angle. The law of a hit is that of one of the nearest rows, chosen by its weight in the
/// interpolation, so that means and widths are interpolated too. Charged particles that pass
/// through leave deposits as their path in a layer is long. Energies and angles outside the table
/// are those of its edge.
@_spi(Validation) public final class ParticleLaws: Sendable {
  let deposits: DepositLaws
  package let layerCount: Int
  /// 1 VEM in the layers of the table [MeV].
  let energyOfVEM: Double
  private let grids: [Grid]
  private let nodes: [EnergyNode]
  /// Of each row; the number of its law is that of the row.
  private let rows: [RowNode]

  /// The rows of one kind of particle.
  private struct Grid {
    /// In `nodes`.
    var first: Int
    var count: Int
    var passesThrough: Bool
  }

  /// The rows of one energy.
  private struct EnergyNode {
    /// ln MeV.
    var logEnergy: Double
    /// In `rows`.
    var first: Int
    var count: Int
    /// Largest hits.
    var most: Double
  }

  private struct RowNode {
    var cosine: Double
    var logCosine: Double
    var hits: Double
    var logHits: Double
  }

  /// Taken for rows without a hit.
  private static let leastHits = 1e-6
  /// Below it paths are as long as there.
  private static let leastCosine = 0.3

  public init(_ table: ResponseTable) {
    layerCount = table.layerCount
    energyOfVEM = table.energyOfVEM
    var deposits = DepositLaws()
    var (grids, nodes, rows): ([Grid], [EnergyNode], [RowNode]) = ([], [], [])
    for particle in ResponseTable.Particle.allCases {
      var grid = Grid(
        first: nodes.count, count: 0,
        passesThrough: [.muon, .pion, .proton].contains(particle))
      for row in table.rows(of: particle) {
        let logEnergy = log(row.energy)
        if grid.count == 0 || nodes[nodes.count - 1].logEnergy != logEnergy {
          nodes.append(EnergyNode(logEnergy: logEnergy, first: rows.count, count: 0, most: 0))
          grid.count += 1
        }
        let hits = max(row.hits, Self.leastHits)
        nodes[nodes.count - 1].count += 1
        nodes[nodes.count - 1].most = max(nodes[nodes.count - 1].most, hits)
        rows.append(
          RowNode(
            cosine: row.cosZenith, logCosine: log(row.cosZenith), hits: hits, logHits: log(hits)))
        Self.append(row, to: &deposits)
      }
      grids.append(grid)
    }
    self.deposits = deposits
    self.grids = grids
    self.nodes = nodes
    self.rows = rows
  }

  private static func append(_ row: ResponseTable.Row, to deposits: inout DepositLaws) {
    // Moments are per crossing particle, per hit where there is more than one hit a particle.
    let unit = max(row.hits, 1)
    func quantiles(_ layer: ResponseTable.Layer, _ hits: Double) -> DepositQuantiles {
      let part = hits / unit
      guard part > 1e-9, layer.quantiles.z > 0, layer.mean > 0 else { return .none }
      let mean = layer.mean / unit
      return DepositQuantiles(
        quantiles: layer.quantiles, mean: mean / part,
        meanSquare: (layer.deviation * layer.deviation + mean * mean) / part)
    }
    let upper = quantiles(row.upper, row.upperOnly + row.both)
    let lower = quantiles(row.lower, row.lowerOnly + row.both)
    let product =
      row.correlation * row.upper.deviation * row.lower.deviation
      + row.upper.mean * row.lower.mean / (unit * unit)
    deposits.append(
      DepositLaw(upperOnly: row.upperOnly, lowerOnly: row.lowerOnly, both: row.both),
      [upper, lower, upper, lower], meanProduct: row.both > 0 ? product * unit / row.both : 0)
  }

  // MARK: - Between rows

  /// The four rows about an energy and an angle with their weights.
  private struct Corners {
    var rows = SIMD4<Int32>()
    var weights = SIMD4<Double>()
  }

  @inline(__always) private func grid(_ particle: ResponseTable.Particle) -> Grid {
    switch particle {
    case .photon: grids[0]
    case .electron: grids[1]
    case .positron: grids[2]
    case .muon: grids[3]
    case .pion: grids[4]
    case .proton: grids[5]
    case .neutron: grids[6]
    }
  }

  /// Lower node of an energy in a grid, and weight of the upper one.
  @inline(__always) private func energyCell(_ x: Double, _ grid: Grid) -> (Int, Double) {
    let last = grid.first + grid.count - 1
    guard x > nodes[grid.first].logEnergy, grid.count > 1 else { return (grid.first, 0) }
    guard x < nodes[last].logEnergy else { return (last - 1, 1) }
    // All of them are looked at, since no processor foresees where the search ends.
    var node = grid.first
    for index in grid.first + 1..<last { node += nodes[index].logEnergy < x ? 1 : 0 }
    let (low, high) = (nodes[node].logEnergy, nodes[node + 1].logEnergy)
    return (node, (x - low) / (high - low))
  }

  /// The same of an angle among the rows of an energy.
  @inline(__always) private func angleCell(_ x: Double, _ node: EnergyNode) -> (Int, Double) {
    let last = node.first + node.count - 1
    guard x > rows[node.first].logCosine, node.count > 1 else { return (node.first, 0) }
    guard x < rows[last].logCosine else { return (last - 1, 1) }
    var row = node.first
    for index in node.first + 1..<last { row += rows[index].logCosine < x ? 1 : 0 }
    let (low, high) = (rows[row].logCosine, rows[row + 1].logCosine)
    return (row, (x - low) / (high - low))
  }

  @inline(__always) private func corners(
    _ grid: Grid, _ logEnergy: Double, _ logCosine: Double
  ) -> Corners {
    let (node, part) = energyCell(logEnergy, grid)
    var corners = Corners()
    for side in 0..<2 {
      let energy = nodes[min(node + side, grid.first + grid.count - 1)]
      let (row, slant) = angleCell(logCosine, energy)
      let weight = side == 0 ? 1 - part : part
      corners.rows[2 * side] = Int32(row)
      corners.rows[2 * side + 1] = Int32(min(row + 1, energy.first + energy.count - 1))
      corners.weights[2 * side] = weight * (1 - slant)
      corners.weights[2 * side + 1] = weight * slant
    }
    return corners
  }

  private func corners(_ grid: Grid, energy: Double, cosine: Double) -> Corners {
    corners(grid, VectorFunctions.log(energy), VectorFunctions.log(max(cosine, 0.01)))
  }

  @inline(__always) private func hits(_ corners: Corners) -> Double {
    var sum = 0.0
    for index in 0..<4 {
      sum += corners.weights[index] * rows[Int(corners.rows[index])].logHits
    }
    return VectorFunctions.exp(sum)
  }

  /// Hits per particle that crosses the area of the upper layer; more than 1 for a particle that
  /// showers.
  ///
  /// - Parameters:
  ///   - particle: its kind.
  ///   - energy: kinetic [MeV].
  ///   - cosine: of its zenith angle.
  /// - Returns: the mean number.
  package func hits(
    _ particle: ResponseTable.Particle, energy: Double, cosine: Double
  ) -> Double {
    let grid = grid(particle)
    return grid.count > 0 ? hits(corners(grid, energy: energy, cosine: cosine)) : 0
  }

  /// At least as many hits as at any angle.
  func mostHits(_ particle: ResponseTable.Particle, energy: Double) -> Double {
    let grid = grid(particle)
    guard grid.count > 0 else { return 0 }
    let (node, _) = energyCell(VectorFunctions.log(energy), grid)
    // A little more, since the interpolation is in single precision.
    return 1.00001 * max(nodes[node].most, nodes[min(node + 1, grid.first + grid.count - 1)].most)
  }

  /// Path in a layer relative to that in a row.
  @inline(__always) private func factor(_ grid: Grid, _ row: Int, cosine: Double) -> Double {
    grid.passesThrough ? rows[row].cosine / min(max(cosine, Self.leastCosine), 1) : 1
  }

  /// A law that the hits of a particle follow.
  struct Part {
    var law: Int
    /// Hits per crossing particle.
    var hits: Double
    /// On deposits.
    var factor: Double
  }

  /// The laws that a particle's hits follow.
  func parts(_ particle: ResponseTable.Particle, energy: Double, cosine: Double) -> [Part] {
    let grid = grid(particle)
    guard grid.count > 0 else { return [] }
    let corners = corners(grid, energy: energy, cosine: cosine)
    let hits = (0..<4).map { corners.weights[$0] * rows[Int(corners.rows[$0])].hits }
    let scale = self.hits(corners) / hits.reduce(0, +)
    return (0..<4).filter { hits[$0] > 0 }.map { index in
      let row = Int(corners.rows[index])
      return Part(
        law: row, hits: scale * hits[index], factor: factor(grid, row, cosine: cosine))
    }
  }

  /// Mean deposit per crossing particle, the mean of the layers [MeV].
  package func meanDeposit(
    _ particle: ResponseTable.Particle, energy: Double, cosine: Double
  ) -> Double {
    let grid = grid(particle)
    guard grid.count > 0 else { return 0 }
    let corners = corners(grid, energy: energy, cosine: cosine)
    var (sum, norm) = (0.0, 0.0)
    for index in 0..<4 where corners.weights[index] > 0 {
      let row = Int(corners.rows[index])
      let weight = corners.weights[index] * rows[row].hits
      norm += weight
      sum +=
        weight * factor(grid, row, cosine: cosine)
        * deposits.laws[row].meanDeposit(layers: layerCount)
    }
    return hits(corners) * sum / norm
  }

  /// Draws the deposit of one hit.
  @inline(__always) package func deposit(
    _ particle: ResponseTable.Particle, energy: Double, cosine: Double, bothOffset: Double = 0,
    normal: NormalTable, using random: inout CounterRandom
  ) -> ParticleResponse.Deposit {
    let grid = grid(particle)
    if grid.passesThrough {
      let logs = VectorFunctions.log(SIMD4(Float(energy), Float(max(cosine, 0.01)), 1, 1))
      return deposit(
        grid, logEnergy: logs.x, logCosine: logs.y, cosine: cosine, normal: normal, using: &random)
    }
    let corners = corners(grid, energy: energy, cosine: cosine)
    var weights = corners.weights
    for index in 0..<4 { weights[index] *= rows[Int(corners.rows[index])].hits }
    var wanted = random.uniform() * weights.sum()
    var index = 0
    while index < 3, wanted > weights[index] {
      wanted -= weights[index]
      index += 1
    }
    let bits = UInt64(random.word())
    return deposits.deposit(
      Int(corners.rows[index]), kind: random.uniform(), bits: bits, bothOffset: bothOffset,
      normal: normal
    ) { bits >> 16 }
  }

  /// The same of a muon by the logarithms of its kinetic energy [ln MeV] and cosine.
  @inline(__always) func muonDeposit(
    logEnergy: Float, logCosine: Float, cosine: Double, normal: NormalTable,
    using random: inout CounterRandom
  ) -> ParticleResponse.Deposit {
    let grid = grid(.muon)
    return deposit(
      grid, logEnergy: logEnergy, logCosine: logCosine, cosine: cosine, normal: normal,
      using: &random)
  }

  /// The deposit of a particle that passes through and has a hit nearly always.
  @inline(__always) private func deposit(
    _ grid: Grid, logEnergy: Float, logCosine: Float, cosine: Double, normal: NormalTable,
    using random: inout CounterRandom
  ) -> ParticleResponse.Deposit {
    // One of the nearest rows by the weights of the interpolation.
    var choice = UniformRest(random.uniform())
    let (node, part) = energyCell(Double(logEnergy), grid)
    let (first, slant) = angleCell(Double(logCosine), nodes[node + choice.step(part)])
    let row = first + choice.step(slant)
    let bits = UInt64(random.word())
    let factor = factor(grid, row, cosine: cosine)
    let deposit = deposits.deposit(
      row, kind: choice.value, bits: bits, bothOffset: 0, normal: normal
    ) { bits >> 16 }
    return ParticleResponse.Deposit(upper: factor * deposit.upper, lower: factor * deposit.lower)
  }
}
