import Foundation
import ShowerModel
import StandardReconstruction

/// What is told of the fits of lists of stations, for programs: a row an event.
enum StationFitRows {
  /// Names of the columns, with their values; an empty value is none.
  private static func columns(_ fit: StationFitRun.Fit) -> [(name: String, value: Value)] {
    let result = fit.result
    let (shower, sigma) = (result.shower, result.reconstruction.sigma)
    let hasGeometry = result.reconstruction.hasGeometry
    let remark = hasGeometry ? nil : fit.timeFault?.rawValue
    return [
      ("event", .whole(fit.list.eventID)),
      ("status", .name(result.status.name)),
      ("zenith_deg", .number(shower.zenith / Units.degree, 4)),
      ("azimuth_deg", .number(StationFitText.azimuthInDegrees(shower), 4)),
      ("direction_error_deg", .number(result.directionSigma / Units.degree, 4)),
      ("core_x_m", .number(shower.coreX, 2)),
      ("core_y_m", .number(shower.coreY, 2)),
      ("core_x_error_m", .number(sigma.coreX, 2)),
      ("core_y_error_m", .number(sigma.coreY, 2)),
      ("time_ns", .number(fit.list.timeOrigin + shower.time, 2)),
      ("s800_vem_m2", .number(result.signal800, 5)),
      ("s800_error_vem_m2", .number(result.signal800Sigma, 5)),
      ("log10_energy_ev", .number(shower.logEnergy, 5)),
      ("log10_energy_error", .number(sigma.logEnergy, 5)),
      ("chi2", .number(result.chi2, 3)),
      ("ndf", .number(result.degreesOfFreedom, 1)),
      ("stations", .whole(result.stationCount)),
      (
        "warnings",
        .name(
          (hasGeometry ? StationFitText.warnings(result) : [remark].compactMap(\.self))
            .joined(separator: " "))
      ),
    ]
  }

  private enum Value {
    case whole(Int)
    case number(Double, Int)
    case name(String)

    var csv: String {
      switch self {
      case .whole(let value): "\(value)"
      case .number(let value, let decimals):
        value.isFinite ? String(format: "%.\(decimals)f", value) : ""
      case .name(let text): text
      }
    }

    /// Names are those of the program, without anything to escape.
    var json: String {
      switch self {
      case .whole, .number: csv.isEmpty ? "null" : csv
      case .name(let text): "\"\(text)\""
      }
    }
  }

  /// Names of the columns.
  static let header =
    "event,status,zenith_deg,azimuth_deg,direction_error_deg,core_x_m,core_y_m,core_x_error_m,"
    + "core_y_error_m,time_ns,s800_vem_m2,s800_error_vem_m2,log10_energy_ev,log10_energy_error,"
    + "chi2,ndf,stations,warnings"

  /// A row of the table.
  static func csv(_ fit: StationFitRun.Fit) -> String {
    columns(fit).map(\.value.csv).joined(separator: ",")
  }

  /// An object of one line.
  static func json(_ fit: StationFitRun.Fit) -> String {
    "    {"
      + columns(fit).map { "\"\($0.name)\": \($0.value.json)" }.joined(separator: ", ") + "}"
  }

  /// An object with what was assumed, and the events.
  static func json(
    _ rows: [String], configuration: FitConfiguration, _ detector: DetectorDescription
  ) -> String {
    """
    {
      "mode": "\(configuration.mode == .joint ? "joint" : "geometry")",
      "station_area_m2": \(detector.stationArea),
      "vem_energy_mev": \(detector.energyOfVEM),
      "events": [
    \(rows.joined(separator: ",\n"))
      ]
    }
    """
  }
}
