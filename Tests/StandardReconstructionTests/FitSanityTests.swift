import ShowerModel
import StandardReconstruction
import Testing

/// Events that can be fitted but mean nothing are never called good.
@Suite struct FitSanityTests {
  private let array = DetectorArray.idealGrid(columns: 5, rows: 5)

  /// A shower of 30 degrees from the east, with its curvature; times in some unit [ns].
  private func stations(unit: Double = 1, late: (Int) -> Double = { _ in 0 }) -> [StationSignal] {
    array.stations.enumerated().map { index, station in
      let r = (station.position * station.position).sum().squareRoot()
      let time = -0.5 * station.position.x / Units.speedOfLight + r * r / 40_000
      return StationSignal(
        station: index, time: unit * time + late(index), timeError: 20,
        upper: 200 / (1 + r * r / 250_000), lower: 200 / (1 + r * r / 250_000))
    }
  }

  private func fault(_ stations: [StationSignal]) -> TimeFault? {
    TimeFault(
      times: stations.map(\.time),
      positions: stations.map { array.stations[$0.station].position })
  }

  private func status(_ stations: [StationSignal], mode: FitMode) -> ReconstructionStatus {
    var configuration = FitConfiguration()
    configuration.mode = mode
    configuration.clusterRule = .everyStation
    configuration.cleansTimes = false
    let fit = StandardFit(array: array, energyTable: .none, configuration: configuration)
    return fit.reconstruct(stations).result.status
  }

  @Test func aShowerHasNoFault() {
    #expect(fault(stations()) == nil)
    #expect(status(stations(), mode: .joint) == .noEnergyTable)
    #expect(status(stations(), mode: .geometry(core: nil)) == .geometryOnly)
  }

  @Test(arguments: [
    (1e-9, TimeFault.tooClose), (1e-6, .tooClose), (1e-3, .tooClose), (1e3, .tooFar),
  ])
  func unitsOfTime(unit: Double, expected: TimeFault) {
    let wrong = stations(unit: unit)
    #expect(fault(wrong) == expected)
    for mode in [FitMode.joint, .geometry(core: nil)] {
      #expect(status(wrong, mode: mode) == .impossibleTimes)
    }
  }

  @Test func timesThatWrapASecond() {
    let wrapped = stations { $0 < 8 ? 999_999_000 : 0 }
    #expect(fault(wrapped) == .secondWrap)
    #expect(status(wrapped, mode: .geometry(core: nil)) == .impossibleTimes)
  }

  @Test func explanationsSayWhatToDo() {
    #expect(
      TimeFault.secondWrap.explanation
        == "times wrap a second: some are 1e9 ns before the others. Count them from one moment")
    #expect(
      TimeFault.tooClose.explanation
        == "times are too close together for the distances of the stations, as seconds or "
        + "microseconds would be. They must be nanoseconds")
    #expect(
      TimeFault.tooFar.explanation
        == "hardly two stations have times within a light crossing of their distance. Times must "
        + "be nanoseconds, of one shower")
    #expect(
      ReconstructionStatus.impossibleTimes.explanation
        == "times that cannot be those of a shower in nanoseconds")
    #expect(
      ReconstructionStatus.parameterAtLimit.explanation == "a parameter at the limit of the fit")
    #expect(ReconstructionStatus.impossibleChi2.explanation == "chi2/ndf above 10000")
  }

  /// Half of the stations a millisecond late.
  @Test func aFitThatDescribesNothingIsNotGood() {
    let torn = stations { $0 % 2 == 0 ? 1e8 : 0 }
    let made = status(torn, mode: .geometry(core: nil))
    #expect([.impossibleChi2, .parameterAtLimit, .notConverged].contains(made), "\(made)")
  }

  /// Signals that are no VEM, but counts of something: S800 reaches its limit.
  @Test func anImpossibleSignalIsAtItsLimit() {
    let huge = stations().map { station in
      var station = station
      (station.upper, station.lower) = (1e10 * station.upper, 1e10 * station.lower)
      return station
    }
    #expect(status(huge, mode: .joint) == .parameterAtLimit)
  }

  @Test func hitsWithoutCalibrationAreCountedByName() {
    let waveform = Waveform(
      samples: [UInt16](repeating: 40, count: 128), pedestal: .nan, pedestalDeviation: .nan,
      countsPerVEM: .nan)
    let event = Event(
      id: 1, showerID: 1, time: 0,
      hits: (0..<5).map { Hit(station: $0, windowStart: 0, upper: waveform, lower: waveform) },
      deadStations: [], truth: nil)
    let fit = StandardFit(array: array, energyTable: .none)
    #expect(fit.reconstruct(event).result.status == .unusableCalibration)
  }
}
