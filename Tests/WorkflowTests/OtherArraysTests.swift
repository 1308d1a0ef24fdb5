import Foundation
import ResidualNetwork
import ShowerModel
import ShowerSimulation
import ShowerStore
import StandardReconstruction
import Testing

@testable import Workflow

/// Arrays without a square grid, and energy tables of other arrays.
@Suite struct OtherArraysTests {
  private static let tables = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "tables")

  private let folder: TableFolder

  init() throws { folder = try TableFolder(option: Self.tables.path) }

  private func reason(_ work: () throws -> Void) -> String {
    do {
      try work()
      return ""
    } catch { return "\(error)" }
  }

  // MARK: - Hexagons

  @Test func aHexagonHasSixNeighbours() throws {
    let array = try folder.array("hexagon:3:1500", altitudeSpread: 0).array
    #expect(array.stations.count == 37 && !array.hasGrid && array.name == "hexagon-3-1500m")
    #expect(Set(array.stations.map(\.id)).count == 37)
    let usual = try #require(DetectorArray.usualDistance(array.stations.map(\.position)))
    #expect(abs(usual - 1500) < 1e-6)
    let inner = array.stations.indices.filter { array.neighbourCount($0) == 6 }
    #expect(inner.count == 19)
    for index in array.stations.indices {
      #expect(array.isAtEdge(index) == !inner.contains(index))
      for other in array.stations.indices {
        let isNear = array.areNeighbours(index, other, corners: false)
        #expect(isNear == array.areNeighbours(other, index, corners: true))
      }
    }
    #expect(array.station(atColumn: 0, row: 0) == nil)
  }

  @Test func wrongHexagonsAreRefused() {
    for name in ["hexagon:", "hexagon:0", "hexagon:3:1", "hexagon:a", "hexagon:3:1500:1"] {
      let text = reason { _ = try folder.array(name, altitudeSpread: 0) }
      #expect(
        text
          == "--array \(name): write hexagon:RINGS or hexagon:RINGS:SPACING with 1 to 100 rings "
          + "about the central station and a spacing of 50 to 20000 m, as in hexagon:3:1500")
    }
  }

  /// The neighbours of a square array are the same with a grid and without one.
  @Test func neighboursByDistanceAreThoseOfTheGrid() {
    let grid = DetectorArray.idealGrid(columns: 5, rows: 4, spacing: 700)
    let free = DetectorArray(
      name: "free", spacing: 700, referenceAltitude: 1400, stations: grid.stations, hasGrid: false)
    for a in grid.stations.indices {
      #expect(grid.isAtEdge(a) == free.isAtEdge(a))
      #expect(grid.neighbourCount(a) == free.neighbourCount(a))
      for b in grid.stations.indices {
        for corners in [false, true] {
          #expect(
            grid.areNeighbours(a, b, corners: corners) == free.areNeighbours(a, b, corners: corners)
          )
        }
      }
    }
  }

  /// Simulated events, their file and the fit, with a grid and without one.
  @Test func anArrayWithoutGridMakesTheSameEvents() throws {
    let grid = DetectorArray.idealGrid(columns: 7, rows: 7)
    let free = DetectorArray(
      name: grid.name, spacing: grid.spacing, referenceAltitude: 1400, stations: grid.stations,
      hasGrid: false)
    let (constants, _) = try folder.showerConstants()
    let (response, _) = try folder.response(of: grid)
    var configuration = SimulationConfiguration()
    (configuration.minimumLogEnergy, configuration.maximumLogEnergy) = (19, 19.5)
    let energy = try ChosenEnergyTable(nil, for: free, in: folder)
    #expect(energy.warning == nil && !energy.table.isNone)
    var made: [[Double]] = []
    for array in [grid, free] {
      let simulator = try EventSimulator(
        configuration: configuration, array: array, constants: constants, response: response,
        seed: 3)
      let workspace = simulator.makeWorkspace()
      let events = (0..<12).compactMap { simulator.simulate(attempt: $0, in: workspace) }
      #expect(events.count > 5)
      let place = try TemporaryFolder()
      let writer = try EventFileWriter(
        path: place.path("a.h5"), array: array, sampleCount: 128, simulated: true, overwrite: false)
      try writer.append(events)
      try writer.finish(
        adding: ProvenanceStep(
          activity: "test", version: "1", commandLine: [], host: "", started: "", finished: ""))
      let reader = try EventFileReader(path: place.path("a.h5"))
      #expect(reader.array.hasGrid == array.hasGrid && reader.array.stations.count == 49)
      let fit = StandardFit(array: reader.array, energyTable: energy.table)
      made.append(
        try reader.events(0..<events.count).map { fit.reconstruct($0).result }
          .filter { $0.status == .good }.map(\.signal800))
    }
    #expect(made[0].count > 5 && made[0] == made[1])
  }

  // MARK: - Networks

  @Test func onlyNetworksOfTheGridNeedOne() throws {
    for (name, needs) in [
      ("set", false), ("features", false), ("event", false), ("scalars", true), ("grid", true),
      ("aixnet", true), ("attention", true), ("lecture", true), ("graph", true),
    ] {
      let file = try folder.file(.networkDescription, name)
      let spec = try NetworkSpec(json: Data(contentsOf: file), source: file.path)
      #expect(spec.needsGrid == needs, "\(name)")
    }
  }

  // MARK: - Positions

  private func parsed(_ rows: [(Double, Double)], _ lines: String = "") throws -> DetectorArray {
    let text =
      "# altitude: 100\n\(lines)id,x,y,z\n"
      + rows.enumerated().map { "\($0),\($1.0),\($1.1),100\n" }.joined()
    return try DetectorArray(parsing: text, file: "a.csv")
  }

  @Test func positionsThatCannotBeMetresAreRefused() throws {
    let kilometres = [(0.0, 0.0), (1.2, 0), (0, 1.2), (1.2, 1.2)]
    #expect(
      reason { _ = try parsed(kilometres) }
        == "a.csv: positions can hardly be metres: stations are 1.2 apart. Multiply kilometres by "
        + "1000. If the array is so small, state it by the line \"# unit: m\"")
    #expect(
      reason { _ = try parsed([(0, 0), (120_000, 0), (0, 120_000)]) }
        == "a.csv: positions can hardly be metres: stations are 120000.0 apart. Divide centimetres "
        + "by 100. If the array is so large, state it by the line \"# unit: m\"")
    let small = try parsed(kilometres, "# unit: m\n")
    #expect(small.stations.count == 4 && !small.hasGrid && abs(small.spacing - 1.2) < 1e-12)
    #expect(reason { _ = try parsed(kilometres, "# unit: km\n") }.contains("unit must be m"))
    let metres = try parsed([(0, 0), (150, 0), (0, 150)])
    #expect(metres.spacing == 150)
  }

  // MARK: - Energy tables

  @Test func theUsualTableIsNotAppliedToOthers() throws {
    let small = DetectorArray.idealGrid(columns: 5, rows: 5, spacing: 150)
    let chosen = try ChosenEnergyTable(nil, for: small, in: folder)
    #expect(chosen.table.isNone && chosen.name == "none")
    #expect(
      chosen.warning
        == "no energies: the energy table telescope-array-simulated was made for telescope-array "
        + "(spacing 1200.0 and 150.0 m). Make one for ideal-5x5-150m with airshower table, and "
        + "name it by --energy-table")
    let named = try ChosenEnergyTable("telescope-array-simulated", for: small, in: folder)
    #expect(!named.table.isNone)
    #expect(
      named.warning
        == "energies are those of another array: the energy table telescope-array-simulated was "
        + "made for telescope-array (spacing 1200.0 and 150.0 m)")
  }

  @Test func tablesSayWhatTheyAreFor() throws {
    var detector = DetectorDescription.telescopeArray
    detector.layerCount = 1
    detector.stationArea = 1
    let array = DetectorArray(
      name: "mine; here", spacing: 150, referenceAltitude: 800,
      stations: [Station(id: 1, position: .zero)], detector: detector, hasGrid: false)
    let purpose = EnergyTablePurpose(array)
    let text =
      "# \(purpose.text)\nsec_theta,log10_s800,log10_energy_eev\n"
      + "1,0,0\n1,1,1\n1.1,0,0\n1.1,1,1\n"
    let table = try EnergyTable(parsing: text, name: "t.csv")
    #expect(table.purpose?.detector.layerCount == 1 && table.purpose?.spacing == 150)
    #expect(table.purpose?.differences(from: array) == [])
    let usual = DetectorArray.idealGrid(columns: 3, rows: 3)
    #expect(
      table.purpose?.differences(from: usual) == [
        "spacing 150.0 and 1200.0 m", "altitude 800.0 and 1400.0 m", "layers 1.0 and 2.0",
        "station_area 1.0 and 3.0",
      ])
    let broken = text.replacing("spacing 150.0", with: "spacing x")
    #expect(
      reason { _ = try EnergyTable(parsing: broken, name: "t.csv") }
        == "t.csv, line 1: the line # for: has no number spacing")
  }

  @Test func withoutATableThereIsNoEnergyButAGeometry() throws {
    let array = DetectorArray.idealGrid(columns: 5, rows: 5, spacing: 1200)
    let fit = StandardFit(array: array, energyTable: .none)
    let c = Units.speedOfLight
    let stations = array.stations.enumerated().map { index, station in
      let r = (station.position * station.position).sum().squareRoot()
      return StationSignal(
        station: index, time: 0.5 * station.position.x / c + r * r / 40_000, timeError: 20,
        upper: 200 / (1 + r * r / 250_000), lower: 200 / (1 + r * r / 250_000))
    }
    let result = fit.reconstruct(stations).result
    #expect(result.status == .noEnergyTable && result.reconstruction.hasGeometry)
    #expect(result.shower.logEnergy.isNaN && result.signal800 > 0)
  }
}
