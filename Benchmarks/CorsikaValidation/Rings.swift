import ArgumentParser
import Foundation
import ShowerModel
@_spi(Validation) import ShowerSimulation

/// Densities and delays in rings, of the rows and of the multiplied shower.
struct Rings: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Densities and delays in rings about the axis, as CSV.",
    discussion: """
      Without --stations, the rows of the file are counted. With it, so many stations in each ring \
      draw particles from the multiplied shower, and these are counted. The columns are those of \
      Fixtures/corsika/lateral.csv.
      """)

  @Argument(help: "CORSIKA particle file; its first shower is used.") var file: String
  @Option(help: "Stations a ring that draw from the multiplied shower; 0 for the rows.")
  var stations = 0
  @Option(help: "Edges of the rings [m].")
  var edges = "200,250,300,350,400,450,500,600,700,800,900,1000,1200,1400,1600,1800,2000"
  @Option(help: "Places about the axis: all, early or late, those within 60 degrees of its end.")
  var side = "all"
  @Option(help: "Axis distance inside which nothing is drawn [m].") var innerRadius = 350.0
  @Option(help: "Constants of the simulation.") var constants =
    "tables/simulation/shower-model.json"
  @Option(help: "Response of the detector.") var response = "tables/detectors/telescope-array.csv"
  @Option(help: "Seed.") var seed: UInt64 = 1

  func run() throws {
    let edges = self.edges.split(separator: ",").compactMap { Double($0) }
    let rings = zip(edges, edges.dropFirst()).map { $0..<$1 }
    guard let side = CorsikaRings.Side(rawValue: side) else {
      throw ValidationError("--side is all, early or late")
    }
    let text = try String(contentsOf: URL(filePath: constants), encoding: .utf8)
    let lines = try CorsikaRings.table(
      file: file, rings: rings, side: side, stations: stations, innerRadius: innerRadius,
      constants: ShowerConstants(parsing: text, file: constants),
      laws: ParticleLaws(readResponse(response)), seed: seed)
    print(lines.joined(separator: "\n"))
  }
}

/// How numbers of particles scatter from station to station.
struct Scatter: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Standard deviation of counts at 800 m over that of Poisson numbers.")

  @Argument(help: "CORSIKA particle files; the first shower of each is used.") var files: [String]
  @Option(help: "Stations.") var stations = 4000
  @Option(help: "Axis distance [m].") var distance = 800.0
  @Option(help: "Constants of the simulation.") var constants =
    "tables/simulation/shower-model.json"
  @Option(help: "Response of the detector.") var response = "tables/detectors/telescope-array.csv"
  @Option(help: "Seed.") var seed: UInt64 = 1

  func run() throws {
    let text = try String(contentsOf: URL(filePath: constants), encoding: .utf8)
    let values = try ShowerConstants(parsing: text, file: constants)
    print(
      """
      | shower | particles | mean in 3 m2 | thinned, sd/Poisson | one cone each, sd/Poisson | \
      as thrown, sd/Poisson |
      """
    )
    print("|---|---|---|---|---|---|")
    for file in files {
      for line in try CorsikaRings.scatter(
        file: file, distance: distance, stations: stations, constants: values,
        laws: ParticleLaws(readResponse(response)), seed: seed)
      {
        print("| \(URL(filePath: file).lastPathComponent.prefix(22)) \(line)")
      }
    }
  }
}

/// Time of a throw against the number of stations.
struct ThrowSpeed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "throw-speed", abstract: "Time of a throw against the number of stations.")

  @Argument(help: "CORSIKA particle file; its first shower is used.") var file: String
  @Option(help: "Throws of each array.") var throwCount = 60
  @Option(help: "Constants of the simulation.") var constants =
    "tables/simulation/shower-model.json"
  @Option(help: "Response of the detector.") var response = "tables/detectors/telescope-array.csv"

  func run() throws {
    let text = try String(contentsOf: URL(filePath: constants), encoding: .utf8)
    let values = try ShowerConstants(parsing: text, file: constants)
    print("| array | stations | ready [s] | a throw [ms] | a station [us] | triggered |")
    print("|---|---|---|---|---|---|")
    for (size, spacing) in [(4, 1200.0), (8, 1200), (16, 1200), (24, 1200), (16, 600), (24, 400)] {
      let array = DetectorArray.idealGrid(
        columns: size, rows: size, spacing: spacing, altitudeSpread: 0)
      var start = ContinuousClock.now
      let setting = try CorsikaShowers.Setting(
        configuration: SimulationConfiguration(), array: array, constants: values,
        response: readResponse(response), seed: 1)
      guard let shower = try CorsikaShowers(path: file, setting).next() else { return }
      let ready = start.duration(to: .now) / .seconds(1)
      let workspace = shower.makeWorkspace()
      start = .now
      let triggered = (0..<throwCount).count {
        shower.simulate(attempt: $0, in: workspace) != nil
      }
      let each = start.duration(to: .now) / .seconds(1) / Double(throwCount)
      print(
        "| \(size) x \(size), \(Int(spacing)) m | \(size * size) | "
          + String(
            format: "%.2f | %.2f | %.1f | %d of %d |", ready, 1000 * each,
            1e6 * each / Double(size * size), triggered, throwCount))
    }
  }
}

/// The response table of a file.
private func readResponse(_ path: String) throws -> ResponseTable {
  let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
  return try ResponseTable(parsing: text, file: path)
}
