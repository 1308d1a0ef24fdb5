import Foundation
import ShowerModel
import Testing

@testable import StandardReconstruction

@Suite struct EnergyTableTests {
  func shipped() throws -> EnergyTable {
    let file = repository.appending(path: "tables/energy/telescope-array-formula.csv")
    return try EnergyTable(parsing: String(contentsOf: file, encoding: .utf8), name: "shipped")
  }

  /// S800, theta, E of the published formula, computed apart.
  @Test(arguments: [
    (20.8, 28.7, 9.99), (50, 0, 23.09), (50, 20, 22.86), (50, 30, 24.36), (50, 45, 37.31),
    (10, 30, 4.87), (200, 40, 120.81), (530, 38.6, 306.4),
  ])
  func checkPoints(signal800: Double, zenith: Double, energy: Double) throws {
    let value = try #require(
      try shipped().logEnergy(signal800: signal800, zenith: zenith * Units.degree))
    #expect(abs(pow(10, value.value) / energy - 1) < 2e-3)
  }

  @Test func derivativesAreThoseOfTheTable() throws {
    let table = try shipped()
    let (s, z) = (37.0, 0.52)
    let at = try #require(table.logEnergy(signal800: s, zenith: z))
    let bySignal = try #require(table.logEnergy(signal800: s * 1.0001, zenith: z)).value - at.value
    #expect(abs(bySignal / log(1.0001) - at.perLogSignal) < 1e-3)
    let byZenith = try #require(table.logEnergy(signal800: s, zenith: z + 1e-5)).value - at.value
    #expect(abs(byZenith / 1e-5 - at.perZenith) < 1e-3)
  }

  @Test func nothingOutside() throws {
    let table = try shipped()
    #expect(table.logEnergy(signal800: 20, zenith: 56 * Units.degree) == nil)
    #expect(table.logEnergy(signal800: 0.1, zenith: 0.3) == nil)
    #expect(table.logEnergy(signal800: -1, zenith: 0.3) == nil)
    #expect(table.logEnergy(signal800: .nan, zenith: 0.3) == nil)
  }

  @Test func wrongTablesNameTheLine() {
    #expect(throws: TableError.self) { try EnergyTable(parsing: "", name: "empty") }
    #expect {
      try EnergyTable(parsing: "1,0,1\n1,1,1\n1.1,0,x\n1.1,1,1", name: "t")
    } throws: {
      ($0 as? TableError)?.line == 3
    }
    #expect(throws: TableError.self) {
      try EnergyTable(parsing: "1,0,1\n1,1,1\n1,2,1\n2,0,1\n2,1,1\n2,3,1", name: "uneven")
    }
  }

  /// 3 x 3 nodes, one absent, with errors.
  static let holed = """
    # a comment
    sec_theta,log10_s800,log10_energy_eev,log10_energy_error
    1.0,0,0.0,0.01
    1.0,1,1.0,0.02
    1.0,2,2.0,0.03
    1.1,0,0.1,0.02
    1.1,1,1.1,0.03
    1.1,2,2.1,0.04
    1.2,0,0.2,0.03
    1.2,1,1.2,0.04
    1.2,2,nan,nan
    """

  @Test func absentCellsGiveNoEnergy() throws {
    let table = try EnergyTable(parsing: Self.holed, name: "holed")
    func zenith(_ secant: Double) -> Double { acos(1 / secant) }
    let inside = try #require(table.logEnergy(signal800: pow(10, 1.5), zenith: zenith(1.05)))
    #expect(abs(inside.value - 1.55) < 1e-12)
    let error = try #require(table.tableError(signal800: pow(10, 1.5), zenith: zenith(1.05)))
    #expect(abs(error - 0.03) < 1e-12)
    // The cell with the absent corner, to its very edge; the others stay.
    for (logSignal, secant) in [(1.001, 1.101), (1.999, 1.199), (1.5, 1.15)] {
      #expect(table.logEnergy(signal800: pow(10, logSignal), zenith: zenith(secant)) == nil)
      #expect(table.tableError(signal800: pow(10, logSignal), zenith: zenith(secant)) == nil)
    }
    for (logSignal, secant) in [(0.999, 1.15), (1.5, 1.099)] {
      #expect(table.logEnergy(signal800: pow(10, logSignal), zenith: zenith(secant)) != nil)
    }
    for (logSignal, secant) in [(-0.001, 1.05), (2.001, 1.05), (1, 1.201)] {
      #expect(table.logEnergy(signal800: pow(10, logSignal), zenith: zenith(secant)) == nil)
    }
  }

  @Test func aTableWithoutErrorsStatesNone() throws {
    let table = try shipped()
    #expect(table.logEnergy(signal800: 20, zenith: 0.3) != nil)
    #expect(table.tableError(signal800: 20, zenith: 0.3) == nil)
  }

  @Test(arguments: [
    "1.0,0,nan,0.01", "1.0,0,0.0,nan", "1.0,0,0.0,-0.01", "1.0,0,0.0", "1.0,0,inf,0.01",
    "nan,0,0.0,0.01",
  ])
  func halfAnEntryNamesTheLine(row: String) {
    let text = Self.holed.replacingOccurrences(of: "1.0,0,0.0,0.01", with: row)
    #expect {
      try EnergyTable(parsing: text, name: "t")
    } throws: {
      // A first row of three numbers makes the second the one that does not fit.
      ($0 as? TableError)?.line == (row.split(separator: ",").count == 4 ? 3 : 4)
    }
  }

  @Test func scales() throws {
    let table = try shipped()
    let simulation = try #require(table.logEnergy(signal800: 30, zenith: 0.6))
    let fluorescence = try #require(table.on(.fluorescence).logEnergy(signal800: 30, zenith: 0.6))
    #expect(abs(simulation.value - fluorescence.value - log10(1.27)) < 1e-12)
    #expect(abs(simulation.perLogSignal - fluorescence.perLogSignal) < 1e-12)
    #expect(table.on(.simulation) == table)
  }

  static let tables =
    (try? FileManager.default.contentsOfDirectory(
      atPath: repository.appending(path: "tables/energy").path))?.filter { $0.hasSuffix(".csv") }
    ?? []

  /// The event of 2021-05-27: S800 530 VEM/m2 at 38.6 degrees, 244 +- 29 (stat) EeV.
  ///
  /// The energy is on the scale of the fluorescence detector. Source: arXiv:2311.14231.
  @Test(arguments: tables)
  func thePublishedEvent(file: String) throws {
    let url = repository.appending(path: "tables/energy/\(file)")
    let table = try EnergyTable(
      parsing: String(contentsOf: url, encoding: .utf8), name: file)
    let value = try #require(
      table.on(.fluorescence).logEnergy(signal800: 530, zenith: 38.6 * Units.degree))
    let energy = pow(10, value.value)
    guard file == "telescope-array-formula.csv" else {
      // A table of our simulation states an error of 20 % in its scale.
      withKnownIssue(
        "306 EeV: the simulated lateral distribution is steeper than the published one"
      ) {
        #expect(abs(energy - 244) < hypot(29, 0.2 * 244), "\(energy) EeV")
      }
      return
    }
    #expect(abs(energy - 244) < 29, "\(energy) EeV")
    #expect(abs(energy - 241.3) < 0.5, "\(energy)")
  }

  @Test func theShippedTablesAreTested() {
    #expect(Self.tables.contains("telescope-array-formula.csv"))
    #expect(Self.tables.contains("telescope-array-simulated.csv"))
  }
}
