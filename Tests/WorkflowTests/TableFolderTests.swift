import Foundation
import ShowerModel
import Testing

@testable import Workflow

@Suite struct TableFolderTests {
  private let folder: TemporaryFolder
  private let tables: TableFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("", to: "tables/arrays/empty.csv")
    try folder.write("{}", to: "tables/selections/none.json")
    try folder.write(#"{"minimumStations": 5}"#, to: "tables/selections/few.json")
    try folder.write("text", to: "tables/selections/README.md")
    tables = try TableFolder(option: folder.path("tables"))
  }

  private func expectInputError(_ text: String, _ body: () throws -> Void) {
    #expect {
      try body()
    } throws: {
      ($0 as? InputError)?.description == text
    }
  }

  @Test func aTableIsFoundByNameOrAsAFile() throws {
    let place = folder.path("tables/selections/few.json")
    #expect(try tables.file(.selection, "few").path == place)
    #expect(try tables.file(.selection, place).path == place)
    let (cuts, file) = try tables.selection("few")
    #expect(cuts.name == "few" && cuts.minimumStations == 5 && file.path == place)
  }

  @Test func anUnknownNameListsTheKnownOnes() {
    // The folder is named, since the user may be anywhere.
    let cuts = folder.path("tables/selections")
    func refusal(_ name: String) -> String {
      "\(name): neither a file nor the name of a set of quality cuts. Names in \(cuts): few, none"
    }
    expectInputError(refusal("fw")) {
      _ = try tables.selection("fw")
    }
    expectInputError(refusal("fw.json")) {
      _ = try tables.selection("fw.json")
    }
    expectInputError(
      "a: neither a file nor the name of an energy table. Names in "
        + "\(folder.path("tables/energy")): none"
    ) {
      _ = try tables.file(.energyTable, "a")
    }
  }

  @Test func shellsCompleteNamesAndFiles() throws {
    let option = folder.path("tables")
    func offered(_ typed: String) -> [String] {
      TableFolder.completions(of: .selection, typed: typed, option: option)
    }
    #expect(offered("fe").prefix(2) == ["few", "none"])
    let inside = folder.path("tables/selections") + "/"
    #expect(offered(inside) == ["few", "none", inside + "few.json", inside + "none.json"])
    #expect(offered(folder.path("tab")).contains(option + "/"))
    #expect(TableFolder.completions(of: .network, typed: "/nowhere/", option: option) == [])
  }

  @Test func aFolderWithoutArraysIsRefused() throws {
    try folder.write("", to: "other/file")
    for name in ["other", "nowhere"] {
      let path = folder.path(name)
      expectInputError(
        "\(path): not a folder of tables (it should hold arrays, energy, networks)"
      ) {
        _ = try TableFolder(option: path)
      }
    }
  }

  @Test func aFileThatIsNoTextIsNamed() throws {
    let file = folder.url.appending(path: "tables/selections/bytes.json")
    try Data([0xFF, 0xFE, 0xC0, 0x80]).write(to: file)
    expectInputError("\(file.path): cannot be read as text in UTF-8") {
      _ = try tables.selection("bytes")
    }
  }

  @Test func idealGridsAreMadeFromTheirNames() throws {
    let (array, file) = try tables.array("ideal:3x4:500", altitudeSpread: 0)
    #expect(array.stations.count == 12 && array.spacing == 500 && file == nil)
    #expect(try tables.array("ideal:2x2", altitudeSpread: 0).array.spacing == 1200)
    for name in ["ideal:", "ideal:1x5", "ideal:3", "ideal:3x3:1", "ideal:3x3:500:1", "ideal:axb"] {
      #expect(throws: WrongUse.self) { try tables.array(name, altitudeSpread: 0) }
    }
  }

  @Test func onlyIdealGridsHaveScatteredAltitudes() {
    expectInputError(
      "altitudeSpread is for ideal arrays only: the stations of empty have given altitudes"
    ) {
      _ = try tables.array("empty", altitudeSpread: 10)
    }
  }
}
