import Foundation
import ShowerModel
import Testing

@Suite struct QualityCutsTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "tables/selections")

  static func shipped(_ name: String) throws -> QualityCuts {
    let file = folder.appending(path: "\(name).json")
    return try QualityCuts(parsing: String(contentsOf: file, encoding: .utf8), file: file.path)
  }

  /// A result that passes every shipped selection.
  static let good: StandardResult = {
    let shower = Shower(logEnergy: 19.3, zenith: 0.5, azimuth: 1, coreX: 0, coreY: 0, time: 0)
    var result = StandardResult(
      reconstruction: Reconstruction(shower: shower, sigma: shower, status: .good))
    result.signal800 = 20
    result.signal800Sigma = 2
    result.directionSigma = 0.02
    result.stationCount = 9
    result.chi2Time = 10
    result.chi2Signal = 5
    result.chi2Silent = 0
    result.degreesOfFreedom = 11
    result.edgeDistance = 3000
    return result
  }()

  /// The limits that results are published with and the shipped network was trained on.
  @Test func standardIsTheSelectionOfThePublishedResults() throws {
    var standard = try Self.shipped("standard")
    standard.description = ""
    #expect(
      standard
        == QualityCuts(
          name: "standard", minimumStations: 5, maximumReducedChi2: 5,
          maximumSignalUncertainty: 0.25, maximumDirectionUncertainty: 5 * Units.degree,
          maximumZenith: 45 * Units.degree))
  }

  @Test func shippedSelectionsAreWhatTheySay() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(
      names.sorted() == [
        "anisotropy.json", "none.json", "published.json", "spectrum.json", "standard.json",
      ])
    for name in names.map({ String($0.dropLast(5)) }) {
      let cuts = try Self.shipped(name)
      #expect(cuts.name == name && !cuts.description.isEmpty)
      #expect(cuts.verdict(Self.good) == .passed)
      #expect(cuts.verdict(.failed(.noCluster)) == .notReconstructed)
    }
    let (spectrum, anisotropy) = (try Self.shipped("spectrum"), try Self.shipped("anisotropy"))
    #expect(spectrum.minimumEdgeDistance == 1200 && spectrum.minimumEnergy == 1)
    #expect(anisotropy.minimumEnergy == 10 && anisotropy.maximumZenith == 55 * Units.degree)
    #expect(try Self.shipped("none").active.isEmpty)
    // 1 EeV on the fluorescence scale.
    #expect(try Self.shipped("published").minimumEnergy == 1.27)
  }

  @Test func everyCutRemovesWhatItSays() throws {
    let changes: [(Cut, (inout StandardResult) -> Void)] = [
      (.stations, { $0.stationCount = 4 }), (.reducedChi2, { $0.chi2Time = 60 }),
      (.reducedChi2, { $0.degreesOfFreedom = 0 }), (.reducedChi2, { $0.degreesOfFreedom = -1 }),
      (.signalUncertainty, { $0.signal800Sigma = 5 }),
      (.signalUncertainty, { $0.signal800Sigma = .nan }),
      (.directionUncertainty, { $0.directionSigma = 0.09 }),
      (.zenith, { $0.reconstruction.shower.zenith = 0.79 }), (.edge, { $0.edgeDistance = 1199 }),
      (.edge, { $0.edgeDistance = .nan }),
      (.energy, { $0.reconstruction.shower.logEnergy = 17.999 }),
      (.energy, { $0.reconstruction.shower.logEnergy = .nan }),
    ]
    #expect(Set(changes.map(\.0)) == Set(Cut.allCases))
    for (cut, change) in changes {
      var result = Self.good
      change(&result)
      #expect(try Self.shipped("spectrum").verdict(result) == .failed(cut))
      #expect(try Self.shipped("none").verdict(result) == .passed)
    }
  }

  @Test func limitsAreMetExactly() throws {
    var result = Self.good
    result.reconstruction.shower.logEnergy = 18
    result.edgeDistance = 1200
    result.stationCount = 5
    #expect(try Self.shipped("spectrum").verdict(result) == .passed)
    result.stationCount = 4
    result.edgeDistance = 0
    #expect(try Self.shipped("spectrum").verdict(result) == .failed(.stations))
  }

  @Test func theStoredFormIsThatOfTheFile() throws {
    for name in ["standard", "spectrum", "anisotropy", "none"] {
      let cuts = try Self.shipped(name)
      #expect(try QualityCuts(parsing: cuts.json, file: "x") == cuts)
      #expect(!cuts.json.contains("000000"))
    }
    let odd = QualityCuts(name: "odd", maximumZenith: 33.3 * Units.degree)
    #expect(odd.json == #"{"maximumZenith":33.3,"name":"odd"}"#)
    #expect(try QualityCuts(parsing: "{}", file: "some/where/mine.json").name == "mine")
  }

  @Test(
    arguments: [
      (#"{"maximumZenit": 45}"#, #"maximumZenit: unknown key, did you mean "maximumZenith"?"#),
      (#"{"minStations": 5}"#, #"minStations: unknown key, did you mean "minimumStations"?"#),
      (#"{"maximumZenith": "45"}"#, "maximumZenith: must be a number"),
      (#"{"maximumZenith": 91}"#, "maximumZenith: must be above 0 and at most 90 degrees"),
      (#"{"maximumDirectionUncertainty": 0}"#, "maximumDirectionUncertainty: must be above 0"),
      (#"{"minimumStations": 4.5}"#, "minimumStations: must be a whole number of stations"),
      (#"{"minimumStations": -1}"#, "minimumStations: must be a number of stations"),
      (#"{"maximumReducedChi2": -2}"#, "maximumReducedChi2: must be above 0"),
      (#"{"minimumEnergy": 0}"#, "minimumEnergy: must be above 0 EeV"),
      (#"{"minimumEdgeDistance": 1e9}"#, "minimumEdgeDistance: must be a distance in metres"),
      (#"{"name": 5}"#, "name: must be a text"), ("[5]", "must be one JSON object"),
      ("{", "is not valid JSON"), ("", "is not valid JSON"),
    ])
  func badFilesNameFileAndKey(text: String, reason: String) {
    #expect {
      try QualityCuts(parsing: text, file: "cuts.json")
    } throws: {
      "\($0)".hasPrefix("cuts.json: \(reason)")
    }
  }

  @Test func storedNumbersNeverChange() {
    #expect(CutVerdict.all.map(\.code) == Array(0...9))
    #expect(
      CutVerdict.all.map(\.name) == [
        "passed", "unjudged", "notReconstructed", "stations", "reducedChi2", "signalUncertainty",
        "directionUncertainty", "zenith", "edge", "energy",
      ])
    #expect(CutVerdict(code: 7) == .failed(.zenith) && CutVerdict(code: 99) == nil)
  }

  @Test func everyEventIsKeptOrLostOnce() throws {
    let cuts = QualityCuts(name: "few", minimumStations: 5, maximumZenith: 45 * Units.degree)
    var flow = EventFlow(cuts: cuts)
    var (few, inclined) = (Self.good, Self.good)
    few.stationCount = 3
    inclined.reconstruction.shower.zenith = 1
    let results = [Self.good, few, inclined, few, .failed(.noCluster)]
    for result in results {
      if !flow.countIfLost(result, cuts.verdict(result)) { flow.countKept() }
    }
    #expect(flow.total == 5 && flow.kept == 1)
    #expect(flow.lost(.standard) == 1 && flow.lost(.cut) == 3)
    let cutLosses = flow.losses.filter { $0.stage == .cut }
    #expect(cutLosses.map(\.reason) == ["stations", "zenith"])
    #expect(cutLosses.map(\.count) == [2, 1])
  }
}
