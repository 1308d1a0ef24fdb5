import Foundation
import ShowerModel
import Testing

@testable import StandardReconstruction

@Suite struct EnergyTableTests {
  func table(_ name: String) throws -> EnergyTable {
    let file = repository.appending(path: "tables/energy/\(name).csv")
    return try EnergyTable(parsing: String(contentsOf: file, encoding: .utf8), name: name)
  }

  func shipped() throws -> EnergyTable { try table("telescope-array-simulated") }
  func published() throws -> EnergyTable { try table("telescope-array-published") }

  /// S800, theta, E of the published function, from the experiment's own programs.
  @Test(arguments: [
    (20.8, 28.7, 7.5464), (50, 0, 17.977), (50, 20, 18.099), (50, 30, 19.510), (50, 45, 32.132),
    (10, 30, 2.8681), (3, 10, 0.57617), (0.8, 20, 0.25298), (200, 40, 112.83), (530, 38.6, 309.69),
  ])
  func publishedEnergies(signal800: Double, zenith: Double, energy: Double) throws {
    let value = try #require(
      try published().logEnergy(signal800: signal800, zenith: zenith * Units.degree))
    #expect(abs(pow(10, value.value) / energy - 1) < 5e-5)
  }

  /// 250 energies that the experiment's own programs printed, with six digits.
  @Test func energiesOfTheExperiment() throws {
    let file = repository.appending(path: "Fixtures/energy/published-energies.csv")
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap {
      let numbers = $0.split(separator: ",").compactMap { Double($0) }
      return numbers.count == 3 ? numbers : nil
    }
    #expect(rows.count == 250)
    let table = try published()
    for row in rows {
      let value = try #require(table.logEnergy(signal800: row[0], zenith: row[1] * Units.degree))
      // An edge of a step may lie within the last digit of the zenith angle.
      let secants = [-1, 1].map { 1 / cos((row[1] + 5e-5 * $0) * Units.degree) }
      guard (secants[0] / 0.02).rounded(.down) == (secants[1] / 0.02).rounded(.down) else {
        continue
      }
      #expect(abs(log(pow(10, value.value) / row[2])) < 2e-5, "\(row)")
    }
  }

  /// Steps in sec theta, two forms in S800, and no limits.
  @Test func thePublishedFunctionIsAStaircase() throws {
    let table = try published()
    func value(_ signal800: Double, _ secant: Double) throws -> Double {
      try #require(table.logEnergy(signal800: signal800, zenith: acos(1 / secant))).value
    }
    #expect(try value(50, 1.1001) == value(50, 1.1199))
    #expect(abs(try value(50, 1.2399) - value(50, 1.2401)) > 0.01)
    // The last step holds beyond, and a straight line without end.
    #expect(try value(50, 1.99) == value(50, 2.5))
    #expect(abs(try value(1e5, 1.2) - 2 * value(1e4, 1.2) + value(1e3, 1.2)) < 1e-9)
    #expect(table.tableError(signal800: 50, zenith: 0.3) == nil)
    for signal in [0.0, -1, .nan, .infinity] {
      #expect(table.logEnergy(signal800: signal, zenith: 0.3) == nil)
    }
    #expect(table.logEnergy(signal800: 50, zenith: 1.6) == nil)
    for signal800 in [5.0, 37, 300] {
      let at = try #require(table.logEnergy(signal800: signal800, zenith: 0.52))
      let next = try #require(table.logEnergy(signal800: signal800 * 1.0001, zenith: 0.52))
      #expect(abs((next.value - at.value) / log(1.0001) - at.perLogSignal) < 1e-4)
      // Over some steps.
      let far = try #require(table.logEnergy(signal800: signal800, zenith: 0.65)).value
      let near = try #require(table.logEnergy(signal800: signal800, zenith: 0.39)).value
      #expect(abs((far - near) / 0.26 / at.perZenith - 1) < 0.4)
    }
  }

  @Test(
    arguments: [
      ("sec_theta_low,p0\n", nil, "no steps"), ("sec_theta_low\n1.0,1,2\n", 2, "nine numbers"),
      ("sec_theta_low\n1.0,1,2,3,4,5,6,7,x\n", 2, "nine numbers"),
      ("sec_theta_low\n1.0,1,2,3,4,5,6,7,,8\n", 2, "nine numbers"),
      ("sec_theta_low\n1.02,1,2,3,4,5,6,7,8\n", 2, "sec theta 1.0"),
      ("sec_theta,log10_s800,log10_energy_eev\n1,0,,1\n", 2, "four numbers"),
    ] as [(String, Int?, String)])
  func wrongRowsNameTheLine(text: String, line: Int?, reason: String) {
    #expect {
      try EnergyTable(parsing: text, name: "t")
    } throws: {
      ($0 as? TableError)?.line == line && "\($0)".contains(reason)
    }
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
    #expect(table.logEnergy(signal800: 20, zenith: 70 * Units.degree) == nil)
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

  /// A cell with an extrapolated corner gives an energy that says so.
  @Test func extrapolatedEnergiesAreMarked() throws {
    var lines = Self.holed.split(separator: "\n").map(String.init)
    lines[1] += ",extrapolated"
    for index in lines.indices.dropFirst(2) {
      lines[index] += index == 4 ? ",1" : lines[index].hasSuffix("nan") ? ",nan" : ",0"
    }
    let table = try EnergyTable(parsing: lines.joined(separator: "\n"), name: "marked")
    func value(_ logSignal: Double) -> EnergyTable.Value? {
      table.logEnergy(signal800: pow(10, logSignal), zenith: acos(1 / 1.05))
    }
    #expect(value(0.5)?.isExtrapolated == false)
    #expect(value(1.5)?.isExtrapolated == true)
    #expect(abs((value(1.5)?.value ?? 0) - 1.55) < 1e-12)
  }

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
    let text = Self.holed.replacing(/(?m),[^,\n]*$/, with: "")
    let table = try EnergyTable(parsing: text, name: "without errors")
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
    guard file == "telescope-array-published.csv" else {
      #expect(abs(energy - 244) < 29, "\(energy) EeV")
      return
    }
    #expect(abs(energy - 243.9) < 0.1, "\(energy) EeV")
  }

  @Test func theShippedTablesAreTested() {
    #expect(Self.tables.contains("telescope-array-published.csv"))
    #expect(Self.tables.contains("telescope-array-simulated.csv"))
  }
}
