import Foundation
import ShowerModel
import Testing

@_spi(Validation) @testable import ShowerSimulation

/// A thinned shower multiplied again and thrown over an array.
@Suite struct CorsikaResamplerTests {
  /// Not from CORSIKA: Tools/make-synthetic-shower.py; 10 EeV, 30 degrees, from the east.
  static let file = CorsikaFiles.folder.deletingLastPathComponent()
    .appending(path: "synthetic-shower.zst").path

  static func setting(
    seed: UInt64 = 1, _ change: (inout SimulationConfiguration) -> Void = { _ in }
  ) -> CorsikaShowers.Setting {
    var configuration = SimulationConfiguration()
    change(&configuration)
    return CorsikaShowers.Setting(
      configuration: configuration, array: .idealGrid(columns: 9, rows: 9),
      constants: TestSetup.constants(), response: TestSetup.responseTable(), seed: seed)
  }

  static let shower = Result { () throws -> CorsikaResampler in
    let showers = try CorsikaShowers(path: file, setting())
    guard let shower = try showers.next() else { throw CocoaError(.fileReadUnknown) }
    return shower
  }

  func shower(_ selection: ParticleSelection, mayUseRings: Bool = true) throws -> DethinnedShower {
    let reader = try CorsikaReader(path: Self.file)
    let header = try #require(try reader.nextEvent())
    return try DethinnedShower(
      reading: reader, header: header, level: 1,
      atmosphere: Atmosphere(of: reader.runHeader, levelHeight: 1400, file: Self.file),
      stationArea: 3, constants: TestSetup.constants().photons, laws: TestSetup.laws,
      selection: selection, mayUseRings: mayUseRings)
  }

  /// Sums over stations all around, 600 to 1600 m from the axis: counts by group, and logarithms of
  /// delays.
  func means(_ shower: DethinnedShower, at r: Double) -> (SIMD4<Double>, SIMD4<Double>) {
    var (counts, delays) = (SIMD4<Double>(), SIMD4<Double>())
    let (stations, area) = (48, 600.0)
    for station in 0..<stations {
      var random = CounterRandom(seed: 9, event: station, stream: .deadStations)
      let angle = 2 * .pi * (Double(station) + 0.5) / Double(stations)
      shower.sample(
        x: r * cos(angle) / shower.ground.cosZenith, y: r * sin(angle), area: area, using: &random
      ) { arrival, _ in
        counts[arrival.species.group] += 1
        delays[arrival.species.group] += log(arrival.delay)
      }
    }
    return (counts / (Double(stations) * area), delays / counts)
  }

  /// Densities on the ground and delays are those of the laws behind the file: 200, 9 and 2.6 per
  /// m2 across the axis at 800 m, times the cosine.
  @Test func meansAreKept() throws {
    let shower = try shower(.all)
    for r in [700.0, 1000, 1400] {
      let (densities, delays) = means(shower, at: r)
      let cosine = cos(30 * Units.degree)
      let x = r / 800
      for (group, density, slope, median) in [
        (0, 200.0, 3.7, 700.0), (1, 9, 3.8, 600), (2, 2.6, 2.6, 330),
      ] {
        let expected = density * pow(x, -slope) * cosine
        // Rows near a distance: 240, 120 and 200 in a tenth of ln r.
        #expect(
          abs(densities[group] / expected - 1) < 0.13,
          "\(r) m, group \(group): \(densities[group]) for \(expected)")
        #expect(abs(delays[group] - log(median * pow(x, 1.5))) < 0.13, "\(r) m, group \(group)")
      }
    }
  }

  /// Only hits are drawn for throws, and they carry the same signal.
  @Test func hitsCarryTheSignal() throws {
    let (all, visible) = (try shower(.all), try shower(.hits))
    let response = ParticleResponse(laws: TestSetup.laws, normal: NormalTable())
    var (expected, found) = (0.0, 0.0)
    for station in 0..<60 {
      var random = CounterRandom(seed: 4, event: station, stream: .deadStations)
      let angle = 2 * .pi * Double(station) / 60
      let (x, y) = (900 * cos(angle) / all.ground.cosZenith, 900 * sin(angle))
      all.sample(x: x, y: y, area: 300, using: &random) { arrival, _ in
        expected += TestSetup.laws.meanDeposit(
          arrival.species, kinetic: arrival.kinetic, secant: arrival.secant)
      }
      visible.sample(x: x, y: y, area: 300, using: &random) { arrival, random in
        let deposit = response.deposit(of: arrival, using: &random)
        found += 0.5 * (deposit.upper + deposit.lower)
      }
    }
    #expect(abs(found / expected - 1) < 0.03, "\(found) \(expected)")
  }

  /// Counts of stations on a circle scatter as Poisson numbers, which those of one cone a particle
  /// do not.
  @Test func stationsScatterAsPoissonNumbers() throws {
    func excess(_ shower: DethinnedShower) -> Double {
      let counts = (0..<400).map { station -> Double in
        var random = CounterRandom(seed: 5, event: station, stream: .deadStations)
        let angle = 2 * .pi * (Double(station) + 0.5) / 400
        var count = 0.0
        shower.sample(
          x: 800 * cos(angle) / shower.ground.cosZenith, y: 800 * sin(angle), using: &random
        ) { arrival, _ in if arrival.species == .electron { count += 1 } }
        return count
      }
      // Stations left and right of the plane of the axis expect the same.
      let differences = (0..<200).map { counts[$0] - counts[399 - $0] }
      let mean = counts.reduce(0, +) / 400
      return differences.reduce(0) { $0 + $1 * $1 } / 400 / mean
    }
    let thrown = try excess(shower(.all))
    let cones = try excess(shower(.all, mayUseRings: false))
    #expect(thrown > 0.7 && thrown < 1.44, "\(thrown)")
    #expect(cones > 2 * thrown, "\(cones)")
  }

  /// A particle of weight 1 stays where it is: east of the core on the early side for a shower from
  /// the east.
  @Test func unthinnedParticlesStayWhereTheyAre() throws {
    let ground = ShowerGround(
      cosZenith: cos(0.5), sinZenith: sin(0.5), levelHeight: 1400, start: 25_000,
      startDepth: 20, atmosphere: .telescopeArray)
    let dethinning = Dethinning(ground: ground, innerRadius: 300, stationArea: 3)
    var words = SIMD8<Float>(5061, 0, 0, 2, 0, 0, 0, 1)
    words[0] = 5061
    let particle = try #require(
      dethinning.thinnedParticle(
        CorsikaParticle(words: words), x: 900, y: 10, flight: SIMD3(-sin(0.5), 0, cos(0.5)),
        delay: 250))
    #expect(!dethinning.needsRing(particle))
    let cells = ParticleCells([particle], ground: ground)
    func seen(_ x: Double, _ y: Double) -> [Arrival] {
      var random = CounterRandom(seed: 1, event: 0)
      var arrivals: [Arrival] = []
      cells.sample(
        x: x, y: y, area: 3, using: &random, selection: .all,
        laws: TestSetup.laws, correction: .init()
      ) { arrival, _ in arrivals.append(arrival) }
      return arrivals
    }
    #expect(seen(900.5, 10.5).map(\.delay) == [250])
    #expect(seen(902, 10).isEmpty && seen(-900, 10).isEmpty)
  }

  /// The whole way of the axes: particles east of the core are on the early side of a shower from
  /// the east.
  @Test func earlySideOfAShowerFromTheEast() throws {
    let reader = try CorsikaReader(path: Self.file)
    let header = try #require(try reader.nextEvent())
    let source = CorsikaFrame().source(
      zenith: header.zenith, momentumAzimuth: header.momentumAzimuth)
    #expect(abs(source.azimuth) < 1e-6)
    let front = CorsikaFront(header, levelHeight: 1400)
    let east = CorsikaParticle(words: SIMD8(5061, 0, 0, 1, 0, -80_000, 0, 1))
    let west = CorsikaParticle(words: SIMD8(5061, 0, 0, 1, 0, 80_000, 0, 1))
    // At the same time, the eastern one is later behind its earlier front.
    let difference = front.delay(of: east) - front.delay(of: west)
    #expect(abs(difference - 1600 * sin(30 * Units.degree) / Units.speedOfLight) < 1)
  }

  @Test func throwsAreFunctionsOfSeedAndNumber() throws {
    let shower = try Self.shower.get()
    let (first, second) = (shower.makeWorkspace(), shower.makeWorkspace())
    let forwards = (0..<3).map { comparable(shower.simulate(attempt: $0, in: first)) }
    let backwards = (0..<3).reversed().map {
      comparable(shower.simulate(attempt: $0, in: second))
    }
    let isSame = forwards == backwards.reversed()
    #expect(isSame)
    let events = forwards.compactMap { $0 }
    #expect(events.count >= 2)
    #expect(Set(events.map(\.showerID)) == [shower.showerID] && shower.showerID > 1 << 52)
    #expect(Set(events.compactMap { $0.truth?.shower.azimuth }).count == events.count)
    for event in events {
      let truth = try #require(event.truth)
      #expect(truth.primary == .proton && abs(truth.shower.energy - 10) < 1e-9)
      #expect(truth.parametricRadius == 500 && abs(truth.xmax - 780) < 1e-3)
      #expect(truth.signal800 == shower.signal800)
    }
    let other = try #require(try CorsikaShowers(path: Self.file, Self.setting(seed: 2)).next())
    #expect(other.showerID == shower.showerID)
    let differs = comparable(other.simulate(attempt: 0, in: other.makeWorkspace())) != forwards[0]
    #expect(differs)
  }

  /// An event whose depth of muon production, which is not known, is a number that equals itself.
  func comparable(_ event: Event?) -> Event? {
    var event = event
    event?.truth?.muonMaximum = 0
    return event
  }

  /// The model meets the shower at the inner radius: expected signals of stations on both sides of
  /// it.
  @Test func theModelMeetsTheShower() throws {
    let shower = try Self.shower.get()
    let ground = shower.shower.ground
    var field = shower.makeField()
    let radius = shower.shower.innerRadius
    var (inside, outside) = (0.0, 0.0)
    for index in 0..<12 {
      let turn = 2 * .pi * (Double(index) + 0.5) / 12
      let upstream = radius * ground.tangent * cos(turn)
      let signals = field.signals(distance: radius * 1.1, upstream: upstream * 1.1)
      inside += signals.total
      let expected = shower.shower.expected(distance: radius * 1.1, upstream: upstream * 1.1)
      outside += expected.muons + expected.others
    }
    #expect(abs(log(inside / outside)) < 0.25, "\(inside) \(outside)")
  }

  @Test func showersThatCannotBeThrown() throws {
    // The small test files: level far below the array.
    for name in CorsikaFiles.all {
      let file = CorsikaFiles.path(name)
      let error = #expect(throws: CorsikaError.self) {
        try CorsikaShowers(path: file, Self.setting())
      }
      #expect(error?.description.contains("observation level") == true, "\(name)")
    }
    var setting = Self.setting()
    setting.observationLevel = 2
    #expect(throws: CorsikaError.self) { try CorsikaShowers(path: Self.file, setting) }
    let folder = try CorsikaFolder()
    let bytes = try Self.unpacked()
    for (word, value, text) in [
      (3, Float(1608), "primary 1608"), (4, 1e6, "1e17"), (11, 1.2, "60 degrees"),
      (79, 1, "CURVED"), (93, 0.1, "ARRANG"),
    ] {
      var copy = bytes
      withUnsafeBytes(of: value) {
        copy.replaceSubrange(4 + 1248 + 4 * (word - 1)..<4 + 1248 + 4 * word, with: $0)
      }
      let file = try folder.file("changed", copy)
      let showers = try CorsikaShowers(path: file, Self.setting())
      let error = #expect(throws: CorsikaError.self) { try showers.next() }
      #expect(error?.description.contains(text) == true, "\(String(describing: error))")
    }
  }

  static func unpacked() throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["zstd", "-dc", file]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return [UInt8](data)
  }

  /// Inner radii of the published chain.
  @Test(arguments: [(1.0, 300.0), (10, 500), (100, 1020)])
  func innerRadii(energy: Double, radius: Double) {
    #expect(abs(Dethinning.innerRadius(energy: energy) - radius) < 1e-9)
  }
}
