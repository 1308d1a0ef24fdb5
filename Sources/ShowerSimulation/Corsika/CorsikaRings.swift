internal import Glibc
internal import ShowerModel

/// Rings about the axis of a shower, of the rows of its file or of what stations draw: for the
/// validation.
@_spi(Validation) public enum CorsikaRings {
  private static let kinds: [(name: String, species: Set<GroundParticle.Species>)] = [
    ("mu", [.muon]), ("em", [.electron, .positron]), ("gamma", [.photon]),
    ("had", [.meson, .baryon, .neutralHadron]),
  ]

  /// Weighted particles of one ring.
  private struct Ring {
    var weights: [[Double]] = kinds.map { _ in [] }
    var delays: [[Double]] = kinds.map { _ in [] }
    var distances = (weighted: 0.0, weight: 0.0)
    /// Sums of mean deposits [VEM]: muons, others.
    var signals = SIMD2<Double>()
    /// Deposits of all but muons, with their delays.
    var deposits: [Double] = []
    var depositDelays: [Double] = []

    mutating func add(
      _ species: GroundParticle.Species, weight: Double, delay: Double, distance: Double,
      deposit: Double
    ) {
      guard let kind = kinds.firstIndex(where: { $0.species.contains(species) }) else { return }
      weights[kind].append(weight)
      delays[kind].append(delay)
      distances.weighted += weight * distance
      distances.weight += weight
      signals[species == .muon ? 0 : 1] += weight * deposit
      guard species != .muon, deposit > 0 else { return }
      deposits.append(weight * deposit)
      depositDelays.append(delay)
    }
  }

  /// Places about the axis: all, or those within 60 degrees of the early or the late end.
  public enum Side: String, CaseIterable, Sendable {
    case all, early, late

    /// Angle from the early end for a number from 0 to 1.
    func angle(_ part: Double) -> Double {
      switch self {
      case .all: 2 * .pi * part
      case .early: 2 * .pi / 3 * (part - 0.5)
      case .late: .pi + 2 * .pi / 3 * (part - 0.5)
      }
    }

    func contains(cosine: Double) -> Bool {
      switch self {
      case .all: true
      case .early: cosine > 0.5
      case .late: cosine < -0.5
      }
    }

    var share: Double { self == .all ? 1 : 1.0 / 3 }
  }

  /// One line a ring, as CSV with a head: densities per m2 of ground, effective numbers of rows,
  /// quantiles of delays.
  ///
  /// - Parameters:
  ///   - file: of which the first shower is used.
  ///   - rings: of distances from the axis [m].
  ///   - side: of the axis.
  ///   - stations: which draw from the multiplied shower in each ring; 0 for the rows of the file.
  ///   - innerRadius: axis distance inside which nothing is drawn [m].
  ///   - constants: of the shower model.
  ///   - laws: of the detector.
  ///   - seed: of the draws.
  /// - Returns: lines.
  /// - Throws: `CorsikaError`.
  public static func table(
    file: String, rings: [Range<Double>], side: Side = .all, stations: Int, innerRadius: Double,
    constants: ShowerConstants, laws: ParticleLaws, seed: UInt64
  ) throws -> [String] {
    let reader = try CorsikaReader(path: file)
    guard let header = try reader.nextEvent() else { return [] }
    var sums = rings.map { _ in Ring() }
    let cosine = cos(header.zenith)
    var areas = rings.map {
      side.share * .pi * ($0.upperBound * $0.upperBound - $0.lowerBound * $0.lowerBound) / cosine
    }
    if stations == 0 {
      try addRows(of: reader, header, to: &sums, rings, side, laws)
    } else {
      let shower = try multiplied(
        reader, header, innerRadius: innerRadius, constants, laws, selection: .all)
      // Far from the axis larger stations, for numbers of particles that do not fall as fast.
      let stationAreas = rings.map {
        shower.stationArea * pow(max($0.lowerBound / 300, 1), 3.5)
      }
      areas = stationAreas.map { Double(stations) * $0 }
      for (index, ring) in rings.enumerated() where ring.lowerBound >= innerRadius {
        for station in 0..<stations {
          var random = CounterRandom(
            seed: seed, event: index * 1_000_000 + station, stream: .corsikaRingStations)
          // Uniform in the ring, seen along the axis.
          let (low, high) = (
            ring.lowerBound * ring.lowerBound, ring.upperBound * ring.upperBound
          )
          // In order, so that the means of steep densities do not scatter.
          let part = (Double(station) + random.uniform()) / Double(stations)
          let r = (low + (high - low) * part).squareRoot()
          let angle = side.angle(random.uniform())
          shower.sample(
            x: r * cos(angle) / cosine, y: r * sin(angle), area: stationAreas[index],
            using: &random
          ) { arrival, _ in
            let deposit =
              laws.meanDeposit(
                arrival.species, kinetic: arrival.kinetic, secant: arrival.secant)
              / laws.energyOfVEM
            sums[index].add(
              arrival.species, weight: 1, delay: arrival.delay, distance: r, deposit: deposit)
          }
        }
      }
    }
    let perKind = kinds.map {
      "rho_\($0.name),neff_\($0.name),\($0.name)_d10,\($0.name)_d50,\($0.name)_d90"
    }
    let head =
      "r_lo_m,r_hi_m,r_mean_m,signal_mu,signal_other," + perKind.joined(separator: ",")
      + ",neff_other,other_d10,other_d50,other_d90"
    return [head]
      + zip(zip(rings, areas), sums).map { line($0.0, area: $0.1, $1) }
  }

  private static func line(_ ring: Range<Double>, area: Double, _ sum: Ring) -> String {
    var values = [
      ring.lowerBound, ring.upperBound, sum.distances.weighted / sum.distances.weight,
      sum.signals.x / area, sum.signals.y / area,
    ]
    for kind in kinds.indices {
      let weights = sum.weights[kind]
      values += [weights.reduce(0, +) / area, effectiveCount(weights)]
      values += quantiles(sum.delays[kind], weights)
    }
    values += [effectiveCount(sum.deposits)] + quantiles(sum.depositDelays, sum.deposits)
    return values.map { "\(Float($0))" }.joined(separator: ",")
  }

  /// (sum w)^2 / sum w^2.
  private static func effectiveCount(_ weights: [Double]) -> Double {
    let (total, squares) = weights.reduce(into: (0.0, 0.0)) {
      $0.0 += $1
      $0.1 += $1 * $1
    }
    return squares > 0 ? total * total / squares : 0
  }

  /// t10, t50, t90, linear between rows.
  private static func quantiles(_ delays: [Double], _ weights: [Double]) -> [Double] {
    let order = delays.indices.sorted { delays[$0] < delays[$1] }
    let total = weights.reduce(0, +)
    return [0.1, 0.5, 0.9].map { fraction in
      var (sum, last) = (0.0, delays.isEmpty ? .nan : delays[order[0]])
      for index in order {
        let wanted = fraction * total - sum
        if wanted <= weights[index] {
          return weights[index] > 0
            ? last + (delays[index] - last) * max(wanted, 0) / weights[index] : delays[index]
        }
        sum += weights[index]
        last = delays[index]
      }
      return last
    }
  }

  private static func addRows(
    of reader: CorsikaReader, _ header: CorsikaEventHeader, to sums: inout [Ring],
    _ rings: [Range<Double>], _ side: Side, _ laws: ParticleLaws
  ) throws {
    let front = CorsikaFront(header, levelHeight: header.levels[0])
    let source = CorsikaFrame().source(
      zenith: header.zenith, momentumAzimuth: header.momentumAzimuth)
    let axis = ShowerAxis(core: .zero, direction: source)
    while let rows = try reader.nextRowBuffer() {
      for row in rows {
        guard let species = GroundParticle.Species(id: row.id) else { continue }
        let flat = CorsikaFrame().position(row.position)
        let r = axis.distance(of: Position(flat.x, flat.y, 0))
        guard let ring = rings.firstIndex(where: { $0.contains(r) }) else { continue }
        let upstream = axis.upstream(of: Position(flat.x, flat.y, 0))
        guard side.contains(cosine: upstream / (r * tan(header.zenith))) else { continue }
        let size = (row.momentum * row.momentum).sum().squareRoot()
        let secant = size / max(row.momentum.z, 0.02 * size)
        sums[ring].add(
          species, weight: row.weight, delay: front.delay(of: row), distance: r,
          deposit: laws.meanDeposit(
            species, kinetic: 1000 * row.kineticEnergy, secant: secant)
            / laws.energyOfVEM)
      }
    }
  }

  private static func multiplied(
    _ reader: CorsikaReader, _ header: CorsikaEventHeader, innerRadius: Double,
    _ constants: ShowerConstants, _ laws: ParticleLaws, selection: ParticleSelection,
    mayUseRings: Bool = true
  ) throws -> DethinnedShower {
    try DethinnedShower(
      reading: reader, header: header, level: 1,
      atmosphere: Atmosphere(
        of: reader.runHeader, levelHeight: header.levels[0], file: reader.path),
      innerRadius: innerRadius, stationArea: DetectorDescription.telescopeArray.stationArea,
      constants: constants.photons, laws: laws,
      selection: selection, mayUseRings: mayUseRings)
  }

  // MARK: - Scatter

  /// Lines of a table with the scatter of particle numbers between stations on a circle.
  ///
  /// A line has the mean number of one kind of particle in a station. Three standard deviations
  /// follow, divided by that of Poisson numbers. They are those of the sums of weights of the rows,
  /// of copies in cones alone, and of copies as they are drawn. The smooth change with the azimuth
  /// is subtracted by harmonics up to the second.
  ///
  /// - Parameters:
  ///   - file: of which the first shower is used.
  ///   - distance: of the stations from the axis [m].
  ///   - stations: how many.
  ///   - constants: of the shower model.
  ///   - laws: of the detector.
  ///   - seed: of the draws.
  /// - Returns: lines.
  /// - Throws: `CorsikaError`.
  public static func scatter(
    file: String, distance: Double, stations: Int, constants: ShowerConstants,
    laws: ParticleLaws, seed: UInt64
  ) throws -> [String] {
    var results: [[[Double]]] = []
    for usesRings in [false, true] {
      let reader = try CorsikaReader(path: file)
      guard let header = try reader.nextEvent() else { return [] }
      let shower = try multiplied(
        reader, header, innerRadius: 0.7 * distance, constants, laws, selection: .all,
        mayUseRings: usesRings)
      var counts = kinds.map { _ in [Double](repeating: 0, count: stations) }
      for station in 0..<stations {
        var random = CounterRandom(seed: seed, event: station, stream: .corsikaCircleStations)
        let angle = 2 * .pi * (Double(station) + random.uniform()) / Double(stations)
        shower.sample(
          x: distance * cos(angle) / cos(header.zenith), y: distance * sin(angle), using: &random
        ) { arrival, _ in
          if let kind = kinds.firstIndex(where: { $0.species.contains(arrival.species) }) {
            counts[kind][station] += 1
          }
        }
      }
      results.append(counts)
    }
    let thinned = try thinnedScatter(file: file, distance: distance, laws)
    return kinds.indices.map { kind in
      let mean = results[1][kind].reduce(0, +) / Double(stations)
      let values =
        [thinned[kind]] + results.map { (residualVariance($0[kind]) / mean).squareRoot() }
      return "| \(kinds[kind].name) | \(Float(mean)) | "
        + values.map { "\((100 * $0).rounded() / 100)" }.joined(separator: " | ") + " |"
    }
  }

  /// Of sums of weights in footprints about a distance: variance sum w^2 against mean sum w, as
  /// rows are independent.
  private static func thinnedScatter(
    file: String, distance: Double, _ laws: ParticleLaws
  ) throws -> [Double] {
    let reader = try CorsikaReader(path: file)
    guard let header = try reader.nextEvent() else { return [] }
    var sums = [Ring()]
    try addRows(of: reader, header, to: &sums, [0.9 * distance..<1.1 * distance], .all, laws)
    return sums[0].weights.map { weights in
      let (total, squares) = (weights.reduce(0, +), weights.reduce(0) { $0 + $1 * $1 })
      return (squares / total).squareRoot()
    }
  }

  /// Variance about the mean and the first two harmonics in the azimuth.
  private static func residualVariance(_ counts: [Double]) -> Double {
    let n = Double(counts.count)
    func average(_ f: (Int, Double) -> Double) -> Double {
      counts.indices.reduce(0) { $0 + f($1, counts[$1]) } / n
    }
    let mean = average { $1 }
    var variance = average { ($1 - mean) * ($1 - mean) }
    for harmonic in 1...2 {
      for phase in [0, 0.25] {
        let amplitude =
          2
          * average { index, count in
            count * cos(2 * .pi * (Double(harmonic * index) / n + phase))
          }
        variance -= 0.5 * amplitude * amplitude
      }
    }
    return variance * n / (n - 5)
  }
}
