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

  static func csv(_ fits: [StationFitRun.Fit]) -> String {
    let rows = fits.map { columns($0) }
    let header = rows.first.map { $0.map(\.name).joined(separator: ",") } ?? ""
    return ([header] + rows.map { $0.map(\.value.csv).joined(separator: ",") })
      .joined(separator: "\n")
  }

  /// An object with what was assumed, and the events.
  static func json(_ fits: [StationFitRun.Fit], configuration: FitConfiguration) throws -> String {
    let detector = fits.first?.configuration.detector ?? configuration.detector
    let mode = configuration.mode == .joint ? "joint" : "geometry"
    let rows = fits.map { fit in
      "    {"
        + columns(fit).map { "\"\($0.name)\": \($0.value.json)" }.joined(separator: ", ") + "}"
    }
    return """
      {
        "mode": "\(mode)",
        "station_area_m2": \(detector.stationArea),
        "vem_energy_mev": \(detector.energyOfVEM),
        "events": [
      \(rows.joined(separator: ",\n"))
        ]
      }
      """
  }
}
