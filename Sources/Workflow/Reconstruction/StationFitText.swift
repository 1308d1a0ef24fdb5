import Foundation
import ShowerModel
import StandardReconstruction

/// What is told of the fit of one list of stations, for a person.
struct StationFitText {
  let text: String

  /// - Throws: `InputError` where the event has no direction, with the reason.
  init(_ fit: StationFitRun.Fit, file: String) throws {
    let result = fit.result
    guard result.reconstruction.hasGeometry else {
      let reason = fit.timeFault.map(\.explanation) ?? result.status.explanation
      throw InputError(description: "\(file): event \(fit.list.eventID): \(reason)")
    }
    text = (Self.summary(fit) + Self.stations(fit.stations, fit.list.array)).joined(
      separator: "\n")
  }

  private static func summary(_ fit: StationFitRun.Fit) -> [String] {
    let (result, configuration) = (fit.result, fit.configuration)
    let (shower, sigma) = (result.shower, result.reconstruction.sigma)
    func degrees(_ angle: Double, _ error: Double) -> String {
      String(format: "%9.3f +- %.3f deg", angle / Units.degree, error / Units.degree)
    }
    // Near the zenith an azimuth means nothing, and its error less.
    let azimuth = azimuthInDegrees(shower)
    let azimuthText =
      sigma.azimuth < .pi / 2
      ? String(format: "%9.3f +- %.3f deg", azimuth, sigma.azimuth / Units.degree)
      : String(format: "%9.3f deg, not determined near the zenith", azimuth)
    let detector = configuration.detector
    var lines = [
      "mode       \(configuration.mode == .joint ? "joint" : "geometry"), layers of "
        + "\(shortText(detector.stationArea)) m2, VEM of \(shortText(detector.energyOfVEM)) MeV",
      "zenith     \(degrees(shower.zenith, sigma.zenith))",
      "azimuth    \(azimuthText)   to the source, from x to y",
      String(
        format: "direction             +- %.3f deg", result.directionSigma / Units.degree),
      String(
        format: "core       %9.1f +- %.1f m, %.1f +- %.1f m", shower.coreX, sigma.coreX,
        shower.coreY, sigma.coreY),
      String(
        format: "time       %9.1f +- %.1f ns after %.0f ns", shower.time, sigma.time,
        fit.list.timeOrigin),
    ]
    if result.curvature.isFinite, result.curvature != 0 {
      lines.append(
        String(format: "curvature  %9.4f +- %.4f ns", result.curvature, result.curvatureSigma))
    }
    if result.signal800.isFinite {
      lines.append(
        String(
          format: "S800       %9.3f +- %.3f VEM/m2", result.signal800, result.signal800Sigma))
    }
    if shower.logEnergy.isFinite {
      lines.append(
        String(
          format: "log10(E/eV)%9.3f +- %.3f, scale of the simulation", shower.logEnergy,
          sigma.logEnergy))
    }
    lines.append(
      String(
        format: "chi2       %9.1f, ndf %.1f, %ld stations, %@", result.chi2,
        result.degreesOfFreedom, result.stationCount, result.status.explanation))
    let warnings = warnings(result)
    if !warnings.isEmpty { lines.append("warnings   \(warnings.joined(separator: ", "))") }
    return lines
  }

  /// Azimuth from 0 to 360 degrees.
  static func azimuthInDegrees(_ shower: Shower) -> Double {
    let degrees = shower.azimuth / Units.degree
    let wrapped = degrees < 0 ? degrees + 360 : degrees
    return wrapped >= 360 ? 0 : wrapped
  }

  /// Names of what a user should know of a fit that has a result.
  static func warnings(_ result: StandardResult) -> [String] {
    FitFlags.names.filter { result.flags.contains($0.0) && $0.0 != .curvatureFixed }.map(\.1)
  }

  private static func stations(_ stations: [StationSignal], _ array: DetectorArray) -> [String] {
    ["", " station      time/ns  residual/ns    pull  role"]
      + stations.map {
        String(
          format: "%8ld %12.1f %10.1f %8.2f  ", array.stations[$0.station].id, $0.time,
          $0.timeResidual, $0.timePull) + $0.role.name
      }
  }
}
