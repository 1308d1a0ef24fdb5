import Foundation
import ShowerModel
import Testing

@_spi(Validation) @testable import StandardReconstruction

/// A shower with two minima, 570 m apart along the array's grid.
///
/// Stations of event 335 of `airshower simulate --events 4000 --energy 1:300 --seed 31`, rounded.
/// The true core is at (-9482, -292) m.
@Suite struct SideMinimumTests {
  /// Number, time [ns], its error [ns], signals of upper and lower layer [VEM].
  static let stations: [(id: Int, time: Double, error: Double, upper: Double, lower: Double)] = [
    (315, -1376.7, 15.5, 2.40, 2.00),
    (316, -2002.4, 394.5, 14.33, 12.52),
    (317, -1320.3, 19.2, 2.62, 2.57),
    (416, 604.5, 33.5, 306.41, 283.36),
    (417, 1148.6, 183.3, 9.14, 5.63),
    (516, 3419.1, 73.3, 25.47, 28.19),
    (517, 4195.5, 36.7, 9.73, 1.12),
    (614, 6993.0, 12.1, 1.96, 2.57),
    (615, 6731.7, 12.1, 1.53, 2.17),
    (617, 6790.2, 12.1, 2.24, 1.67),
  ]
  static let dead = [502, 708, 712, 1102, 1726, 1825, 1828, 1922, 2005, 2211, 2316, 2412]

  let array: DetectorArray
  let fit: StandardFit

  init() throws {
    let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let text = try String(
      contentsOf: repository.appending(path: "tables/arrays/telescope-array.csv"), encoding: .utf8)
    array = try DetectorArray(parsing: text, file: "array")
    fit = StandardFit(array: array, energyTable: try Synthetic.energyTable())
  }

  private func signals() throws -> [StationSignal] {
    try Self.stations.map { row in
      let index = try #require(array.stations.firstIndex { $0.id == row.id })
      return StationSignal(
        station: index, time: row.time, timeError: row.error, upper: row.upper, lower: row.lower,
        area: array.detector.stationArea, badLayers: [], windowCount: 1, isSaturated: false,
        level: .outside, role: .excluded)
    }
  }

  /// Two starts lead to the minimum of chi2 23.5, with the core at y = -858 m.
  @Test func theLikelierMinimumIsFound() throws {
    let dead = Self.dead.compactMap { id in array.stations.firstIndex { $0.id == id } }
    let (result, _) = fit.reconstruct(try signals(), deadStations: dead)
    #expect(result.reconstruction.hasGeometry)
    #expect(hypot(result.shower.coreX + 9482, result.shower.coreY + 292) < 100)
    #expect(result.chi2Time + result.chi2Signal + result.chi2Silent < 20)
  }

  /// Of two minima with errors of their own the likelier is kept, whatever order they come in.
  @Test func theChoiceDoesNotDependOnTheOrderOfStarts() throws {
    let workspace = FitWorkspace()
    let pulses = try signals().map {
      Pulse(
        station: $0.station, time: $0.time, timeError: $0.timeError, area: $0.area,
        upper: $0.upper, lower: $0.lower, windowCount: 1, isSaturated: false)
    }.sorted { $0.station < $1.station }
    guard case .success(let event) = fit.prepare(pulses, dead: [], unusable: []) else {
      Issue.record("not prepared")
      return
    }
    let problem = FitProblem(fit.model, event.stations, terms: .all, free: .all)
    let start = fit.startParameters(
      event.stations, core: event.start.barycentre, axis: event.start.axis)
    let places = [SIMD2(-9533.0, -858), SIMD2(-9503.0, -239)].map { start.moved(to: $0) }
    for (first, second) in [(places[0], places[1]), (places[1], places[0])] {
      guard
        case .success(let best) = JointFit.best(
          of: problem, from: first, or: second, event: event, workspace)
      else {
        Issue.record("no fit")
        continue
      }
      #expect(abs(best.state.parameters.core.y + 292) < 100)
    }
  }
}
