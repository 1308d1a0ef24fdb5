import Foundation
import ShowerModel
import Testing

@testable import StandardReconstruction

/// The real Auger event PAO110416, 78 degrees from the vertical.
///
/// Source: Pierre Auger Open Data, CC BY-SA 4.0.
@Suite struct GeometryFitTests {
  static let official = Direction(
    zenith: 78.2082 * Units.degree, azimuth: 150.2313 * Units.degree)

  func list() throws -> StationList {
    let file = repository.appending(path: "Fixtures/auger/PAO110416_stations.csv")
    return try StationList(
      parsing: String(contentsOf: file, encoding: .utf8), file: file.lastPathComponent)
  }

  func fit(
    _ list: StationList, _ mode: FitMode, _ front: ShowerFront, _ error: TimeError = .constant
  ) throws -> StandardResult {
    var settings = FitConfiguration()
    settings.mode = mode
    settings.front = front
    settings.clusterRule = .everyStation
    settings.cleansTimes = false
    settings.timeError = error
    settings.timeResolution = 20
    return StandardFit(
      array: list.array, energyTable: try Synthetic.energyTable(), configuration: settings
    ).reconstruct(list.signals).result
  }

  @Test(arguments: ["plane", "paraboloid", "linsley", "utah"], [true, false])
  func theAxisIsTheOfficialOne(front: String, coreIsGiven: Bool) throws {
    let front = try #require(ShowerFront.all.first { $0.name == front })
    let core = coreIsGiven ? SIMD2(-21654.1, 1689.2) : nil
    let result = try fit(list(), .geometry(core: core), front)
    #expect(result.status == .geometryOnly)
    #expect(result.shower.direction.angle(to: Self.official) < 0.3 * Units.degree)
    #expect(result.stationCount == 60)
    #expect(result.signal800.isNaN && result.shower.logEnergy.isNaN)
    #expect(result.covariance.allSatisfy { $0.isFinite })
  }

  @Test func theParaboloidIsTheOneOthersFound() throws {
    // Stated beside the data: k = 28.9 ns/km2, chi2 114 for 56 degrees of freedom.
    let core = SIMD2(-21654.1, 1689.2)
    let result = try fit(list(), .geometry(core: core), .paraboloid)
    #expect(abs(result.curvature - 28.9) < 0.1)
    #expect(abs(result.chi2 - 114) < 1)
    #expect(result.degreesOfFreedom == 56)
    let plane = try fit(list(), .geometry(core: core), .plane)
    #expect(abs(plane.chi2 - 1943) < 1)
  }

  @Test(arguments: ["plane", "paraboloid", "linsley", "utah"])
  func theInclinedEventGivesAStatusAndNoNaN(front: String) throws {
    let front = try #require(ShowerFront.all.first { $0.name == front })
    for error in [TimeError.published, .measuredSignal, .constant] {
      let result = try fit(list(), .joint, front, error)
      if result.reconstruction.hasGeometry {
        #expect(result.covariance.allSatisfy { $0.isFinite } && result.chi2.isFinite)
      } else {
        #expect(result.status != .good)
      }
    }
  }

  /// A plane front over all stations of the Telescope Array gives its direction back.
  ///
  /// Positions that ignore the curvature of the Earth, or come from a sphere, do not.
  @Test(arguments: [(0.0, 0.0), (20, 100), (45, -160), (60, 35)])
  func aPlaneFrontIsExact(zenith: Double, azimuth: Double) throws {
    let source = Direction(zenith: zenith * Units.degree, azimuth: azimuth * Units.degree)
    func fitted(_ path: String) throws -> Double {
      let file = repository.appending(path: path)
      let array = try DetectorArray(
        parsing: String(contentsOf: file, encoding: .utf8), file: path)
      let truth = try DetectorArray(
        parsing: String(
          contentsOf: repository.appending(path: "tables/arrays/telescope-array.csv"),
          encoding: .utf8), file: "ta")
      // n.r / c, in the true positions; 0.299792458 m/ns.
      let signals = truth.stations.enumerated().map { index, station in
        let p = station.position
        let n = SIMD3(
          sin(zenith * .pi / 180) * cos(azimuth * .pi / 180),
          sin(zenith * .pi / 180) * sin(azimuth * .pi / 180), cos(zenith * .pi / 180))
        let time = -(n.x * p.x + n.y * p.y + n.z * p.z) / 0.299792458
        return StationSignal(
          station: index, time: time, timeError: 0, upper: 10, lower: 10, windowCount: 1,
          isSaturated: false)
      }
      var settings = FitConfiguration()
      settings.mode = .geometry(core: SIMD2(0, 0))
      settings.front = .plane
      settings.clusterRule = .everyStation
      settings.cleansTimes = false
      settings.timeError = .constant
      settings.timeResolution = 20
      let result = StandardFit(
        array: array, energyTable: try Synthetic.energyTable(), configuration: settings
      ).reconstruct(signals).result
      #expect(result.stationCount == 507)
      return result.shower.direction.angle(to: source) / Units.degree
    }
    let (exact, sphere) = (
      try fitted("tables/arrays/telescope-array.csv"),
      try fitted("Fixtures/arrays/telescope-array-sphere.csv")
    )
    #expect(exact < 1e-6)
    #expect(sphere > 1e-3)
  }

  @Test func wrongListsNameTheLine() {
    for (text, place) in [
      ("id,x,y,z,t\n1,0,0,0,0", "line 1"), ("id,x,y,z,t,signal\n1,0,0,zero,0,5", "line 2"),
      ("id,x,y,z,t,signal\n1,0,0,0,0,5\n1,9,0,0,0,5", "line 3"),
      ("id,x,y,z,t,signal\n1,0,0,0,0", "line 2"), ("# nothing\n", "no stations"),
    ] {
      #expect(throws: TableError.self) { try StationList(parsing: text, file: "list") }
      do { _ = try StationList(parsing: text, file: "list") } catch {
        #expect("\(error)".contains(place), "\(error)")
      }
    }
  }

  @Test func aStationWithoutASignalIsSilent() throws {
    let list = try StationList(
      parsing: "id,x,y,z,t,signal,sat\n7,0,0,0,500,9,0\n8,1200,0,0,,,0\n9,0,1200,0,250,4,1\n",
      file: "list")
    #expect(list.signals.map(\.station) == [0, 2])
    #expect(list.signals.map(\.time) == [250, 0])
    #expect(list.signals[1].isSaturated && list.timeOrigin == 250)
  }
}
