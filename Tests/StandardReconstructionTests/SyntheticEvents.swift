import Foundation
import LeastSquaresFit
import ShowerModel

@_spi(Validation) @testable import StandardReconstruction

extension FitParameters {
  /// The same point with each parameter shifted, in internal units and in order.
  func shifted(by steps: [Double]) -> FitParameters {
    var result = self
    for (parameter, step) in zip(FitParameter.allCases, steps) { result[parameter] += step }
    return result
  }

  /// The parameters in internal units, in order.
  var elements: [Double] { FitParameter.allCases.map { self[$0] } }
}

/// Residuals and derivatives of a problem, by row and parameter, from one evaluation.
struct Evaluation {
  let residuals: [Double]
  /// Of the free parameters, which must be all.
  let derivatives: [[Double]]

  init(_ problem: FitProblem, at parameters: FitParameters) {
    (residuals, derivatives) = FitWorkspace().withTerms(of: problem, at: parameters) {
      (residuals, jacobian) in
      let rows = residuals.indices.map { row in
        FitParameter.allCases.map { jacobian[row, $0.rawValue] }
      }
      return (Array(residuals), rows)
    }
  }
}

/// Compares the Jacobian of a problem with central differences; the largest difference of all.
///
/// Differences are relative for derivatives above 1.
func largestJacobianDifference(_ problem: FitProblem, at parameters: FitParameters) -> Double {
  let analytic = Evaluation(problem, at: parameters).derivatives
  let h = 1e-5
  var largest = 0.0
  for parameter in FitParameter.allCases {
    let sides = [-h, h].map { step in
      var shifted = parameters
      shifted[parameter] += step
      return Evaluation(problem, at: shifted).residuals
    }
    for row in analytic.indices {
      let numeric = (sides[1][row] - sides[0][row]) / (2 * h)
      let expected = analytic[row][parameter.rawValue]
      let difference = abs(numeric - expected) / max(1, abs(expected))
      largest = max(largest, difference.isNaN ? .infinity : difference)
    }
  }
  return largest
}

/// Events made from the fitted model itself.
enum Synthetic {
  static let array = DetectorArray.idealGrid(columns: 12, rows: 12)

  /// S proportional to E, the same at all angles: enough where geometry is tested.
  static func energyTable() throws -> EnergyTable {
    var text = "sec_theta,log10_s800,log10_energy_eev\n"
    for i in 0..<60 {
      for j in 0..<80 {
        text += "\(1 + 0.02 * Double(i)),\(-1 + 0.06 * Double(j)),\(-0.3 + 0.06 * Double(j))\n"
      }
    }
    return try EnergyTable(parsing: text, name: "synthetic")
  }

  static func parameters(
    zenith: Double = 30, azimuth: Double = 40, core: SIMD2<Double> = SIMD2(150, -230),
    signal800: Double = 30
  ) -> FitParameters {
    let direction = Direction(zenith: zenith * Units.degree, azimuth: azimuth * Units.degree)
    return FitParameters(
      core: core, axis: SIMD2(direction.vector.x, direction.vector.y), signal800: signal800,
      time: 350,
      curvature: FitConfiguration().front.expectedCurvature(
        signal800: signal800, zenith: zenith * Units.degree))
  }

  /// Stations above `threshold` [VEM/m2] with exactly the fitted time and signal.
  static func stations(
    _ parameters: FitParameters, array: DetectorArray = array, threshold: Double = 0.3,
    configuration: FitConfiguration = FitConfiguration()
  ) -> [FitStation] {
    let point = ModelPoint(parameters)
    return array.stations.enumerated().compactMap { index, station in
      let model = StationModel(station.position, point, configuration)
      guard model.signal > threshold else { return nil }
      return FitStation(
        station: index, position: station.position, time: model.time, hasTime: true,
        signal: model.signal, hasSignal: true, isSilent: false)
    }
  }

  /// The published one-muon pulse.
  static let pulse = [
    0.09044301, 0.2011518, 0.2357062, 0.1958141, 0.1346454, 0.07871757, 0.03778135, 0.01320628,
    0.003927172, 0.001456995, 0.0007651797, 0.0004421589,
  ]

  /// One window a station with a pulse of the fitted size at the fitted time, no noise.
  static func event(
    _ parameters: FitParameters, array: DetectorArray = array, threshold: Double = 0.5
  ) -> Event {
    let hits = stations(parameters, array: array, threshold: threshold).map { station in
      let windowStart = (station.time / 20).rounded(.down) * 20 - 600
      let onset = (station.time - windowStart) / 20
      let waveform = waveform(counts: 3 * station.signal * 39, onset: onset)
      return Hit(
        station: station.station, windowStart: windowStart, upper: waveform, lower: waveform)
    }
    return Event(id: 1, showerID: 1, hits: hits)
  }

  static func waveform(counts: Double, onset: Double, samples: Int = 128) -> Waveform {
    var trace = [Double](repeating: 6, count: samples)
    for (k, share) in pulse.enumerated() {
      let position = Int(onset) + k
      let fraction = onset - onset.rounded(.down)
      if position + 1 < samples {
        trace[position] += counts * share * (1 - fraction)
        trace[position + 1] += counts * share * fraction
      }
    }
    return Waveform(
      samples: trace.map { UInt16(min($0.rounded(), 4095)) }, pedestal: 6, pedestalDeviation: 0.26,
      countsPerVEM: 39)
  }
}

/// The repository's root, from this file's place.
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()
