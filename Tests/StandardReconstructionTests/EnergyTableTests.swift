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
}
