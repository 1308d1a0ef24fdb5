import Foundation
import Testing

@testable import ShowerModel

/// Response tables of detectors: reading, and what is wrong with a file.
@Suite struct ResponseTableTests {
  static let header =
    "particle,energy_MeV,cos_zenith,mean_upper,mean_lower,sd_upper,sd_lower,corr,p_upper_only,"
    + "p_lower_only,p_both,q16_upper,q50_upper,q84_upper,q16_lower,q50_lower,q84_lower"
  static let muon = "mu-,1000,1,2.4,2.5,0.8,0.8,0.2,0,0,1,1.9,2.2,2.9,1.9,2.2,2.9"
  static let rest =
    "gamma,10,1,0.2,0.2,0.8,0.8,0.1,0.05,0.05,0.04,0.3,2.3,4.4,0.3,2.3,4.4\n"
    + "e-,20,1,2.9,3.0,1.7,2.0,0.03,0.09,0.01,0.9,2.1,2.5,3.7,2.1,2.8,4.8\n"

  static func table(_ lines: String) throws -> ResponseTable {
    try ResponseTable(parsing: lines, file: "station.csv")
  }

  @Test func theShippedTable() throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "tables/detectors/telescope-array.csv")
    let table = try Self.table(String(contentsOf: url, encoding: .utf8))
    #expect(table.layerCount == 2 && table.source.contains("Geant4"))
    #expect(table.rows(of: .photon).count == 85 && table.rows(of: .muon).count == 45)
    let first = try #require(table.rows(of: .photon).first)
    #expect(first.energy == 0.25 && first.cosZenith == 0.3)
  }

  @Test func substitutes() throws {
    let table = try Self.table("# source: by hand\n\(Self.header)\n\(Self.muon)\n\(Self.rest)")
    #expect(table.source == "by hand")
    #expect(table.rows(of: .positron) == table.rows(of: .electron))
    #expect(table.rows(of: .proton) == table.rows(of: .muon))
    #expect(table.rows(of: .neutron).isEmpty)
    let muon = try #require(table.rows(of: .muon).first)
    #expect(muon.hits == 1 && muon.mean(layers: 2) == 2.45 && muon.mean(layers: 1) == 2.4)
  }

  /// A station of one layer has no columns of a lower one.
  @Test func oneLayer() throws {
    let text = """
      # layers: 1
      particle,energy_MeV,cos_zenith,mean_upper,sd_upper,p_upper_only,q16_upper,q50_upper,q84_upper
      mu-,1000,1,2.4,0.8,1,1.9,2.2,2.9
      gamma,10,1,0.2,0.8,0.09,0.3,2.3,4.4
      e-,20,1,2.9,1.7,0.99,2.1,2.5,3.7
      """
    let table = try Self.table(text)
    #expect(table.layerCount == 1)
    #expect(table.rows(of: .muon)[0].both == 0 && table.rows(of: .muon)[0].hits == 1)
  }

  @Test(arguments: [
    ("# layers: 3\n", "line 1: layers must be 1 or 2"),
    ("particle,energy_MeV\n", "line 1: the header has no column cos_zenith"),
    (header + "\n" + muon + ",1\n", "line 2: expected 17 columns as in the header, found 18"),
    (
      header + "\n" + muon + "\n" + muon,
      "line 3: mu- of 1000.0 MeV at cosine 1.0 is on line 2 already"
    ),
    (header + "\nk+" + muon.dropFirst(3), "line 2: unknown particle \"k+\""),
    (header + "\n" + muon.replacingOccurrences(of: ",1000,", with: ",-1,"), "energy_MeV must be"),
    (header + "\n" + muon.replacingOccurrences(of: "1.9,2.2", with: "2.3,2.2"), "must not fall"),
    (header + "\n" + muon.replacingOccurrences(of: ",0.2,", with: ",nan,"), "corr must be"),
    (header + "\n" + muon, "has no row of particle gamma"),
    ("", "has no row of particle gamma"),
  ]) func brokenTables(text: String, reason: String) {
    let error = #expect(throws: TableError.self) { try Self.table(text) }
    let description = error?.description ?? ""
    #expect(description.hasPrefix("station.csv") && description.contains(reason), "\(description)")
  }
}
