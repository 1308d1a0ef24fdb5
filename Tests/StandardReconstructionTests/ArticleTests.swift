import Foundation
import ShowerModel
import StandardReconstruction
import Testing

// The example of StandardReconstruction.docc/OneEvent.md, word for word.
func reconstruct(array: DetectorArray, energyTable: EnergyTable) -> StandardResult {
  let measured: [(id: Int, time: Double, signal: Double)] = [
    (1014, 4210, 14.1), (1015, 2120, 71.5), (1016, 890, 9.8), (1114, 3830, 22.6), (1115, 1640, 152),
    (1116, 300, 15.2), (1214, 3900, 5.2), (1215, 1570, 13.3), (1216, 190, 4.4),
  ]
  let stations = measured.compactMap { row in
    array.stations.firstIndex { $0.id == row.id }.map {
      StationSignal(
        station: $0, time: row.time, timeError: 20, upper: row.signal, lower: row.signal)
    }
  }
  let fit = StandardFit(array: array, energyTable: energyTable)
  return fit.reconstruct(stations).result
}

@Suite struct ArticleTests {
  @Test func theExampleOfTheArticleIsThisFileAndWorks() throws {
    let article = try String(
      contentsOf: repository.appending(
        path: "Sources/StandardReconstruction/StandardReconstruction.docc/OneEvent.md"),
      encoding: .utf8)
    let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let start = try #require(article.range(of: "func reconstruct"))
    let end = try #require(article.range(of: "\n}\n", range: start.lowerBound..<article.endIndex))
    #expect(source.contains(article[start.lowerBound..<end.upperBound]))

    let tables = repository.appending(path: "tables").path
    let text = { (path: String) in
      try String(contentsOfFile: tables + "/" + path, encoding: .utf8)
    }
    let array = try DetectorArray(parsing: text("arrays/telescope-array.csv"), file: "array")
    let energyTable = try EnergyTable(
      parsing: text("energy/telescope-array-simulated.csv"), name: "energy")
    let result = reconstruct(array: array, energyTable: energyTable)
    #expect(result.status == .good)
    #expect(result.stationCount == 9)
    #expect((20...60).contains(result.shower.zenith / Units.degree))
  }
}
