import Glibc
import ShowerModel

/// The time at which the front of the start fit passes stations.
struct ExpectedFront {
  private let axis: ShowerAxis
  private let time: Double
  private let mean: Double
  private let samplePeriod: Double

  init(_ start: StartValues, samplePeriod: Double) {
    let n = start.axis
    axis = ShowerAxis(
      core: Position(start.barycentre.x, start.barycentre.y, 0),
      direction: Direction(along: SIMD3(n.x, n.y, (1 - (n * n).sum()).squareRoot())))
    time = start.time
    mean = ShowerFront.meanCurvature(zenith: axis.direction.zenith)
    self.samplePeriod = samplePeriod
  }

  /// Time of a pulse minus that of the front, in units of its error.
  func deviation(of pulse: Pulse, at position: Position) -> Double {
    let form = mean * pow(1 + axis.distance(of: position) / 30, 1.5)
    let density = max(pulse.density, 0.1)
    let expected = time + axis.planeDelay(at: position) + 0.80 * form / density.squareRoot()
    let scatter = 0.70 * form * pow(density, -0.3)
    let edge = max(pulse.timeError, samplePeriod)
    return (pulse.time - expected) / (scatter * scatter + edge * edge).squareRoot()
  }
}

extension [SelectedStation] {
  /// Largest deviation of a pulse that belongs to the front, in units of its error.
  private static let largestDeviation = 3.0

  /// Gives stations out of time another of their pulses, where one belongs to the front.
  ///
  /// A stray muon shortly before the shower begins the signal of a station too early. The pulse of
  /// the shower is then another one of the list, without the muon.
  /// - Parameters:
  ///   - pulses: of all stations, ordered by station and time.
  ///   - start: fit of the front without the stations out of time.
  ///   - configuration: of the selection.
  /// - Returns: number of stations with another pulse.
  mutating func choosePulses(
    from pulses: [Pulse], onFrontOf start: StartValues, _ configuration: FitConfiguration
  ) -> Int {
    let front = ExpectedFront(start, samplePeriod: configuration.detector.samplePeriod)
    var (member, changed) = (0, 0)
    for index in indices {
      var isOutOfTime = self[index].level == .spaceCluster
      if self[index].isInCluster {
        isOutOfTime = start.badTiming.contains(member)
        member += 1
      }
      guard isOutOfTime else { continue }
      let position = self[index].position
      let present = abs(front.deviation(of: self[index].pulse, at: position))
      var best: (pulse: Pulse, deviation: Double)?
      for pulse in pulses
      where pulse.station == self[index].pulse.station && pulse != self[index].pulse
        && pulse.isFinite && pulse.signal >= configuration.smallestSignal
      {
        let deviation = abs(front.deviation(of: pulse, at: position))
        if deviation < best?.deviation ?? Swift.min(present, Self.largestDeviation) {
          best = (pulse, deviation)
        }
      }
      guard let best else { continue }
      self[index].pulse = best.pulse
      self[index].level = .spaceTimeCluster
      changed += 1
    }
    return changed
  }
}
