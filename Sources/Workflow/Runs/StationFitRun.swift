import Foundation
import ShowerModel
import StandardReconstruction

/// Fits one event given as a table of stations.
package struct StationFitRun: Sendable {
  package var input: String
  /// Whether stations out of time with the front are dropped first.
  package var cleansTimes = false
  package var energyTable = TableFolder.defaultEnergyTable
  package var settings = FitSettings()

  package init(_ input: String) { self.input = input }

  package func run(in context: RunContext) throws {
    let tables = try context.tableFolder()
    let file = try tables.file("energy", energyTable, suffix: ".csv")
    let list = try StationList(parsing: tables.text(of: URL(filePath: input)), file: input)
    var configuration = try settings.configuration(default: .geometry)
    configuration.tunedFront = try settings.tunedFront(tables, default: .geometry)?.front.front
    configuration.clusterRule = .everyStation
    configuration.cleansTimes = cleansTimes
    let fit = StandardFit(
      array: list.array,
      energyTable: try EnergyTable(parsing: tables.text(of: file), name: file.path),
      configuration: configuration)
    let (result, stations) = fit.reconstruct(list.signals)
    guard result.reconstruction.hasGeometry else {
      throw InputError(description: "\(input): \(result.status.explanation)")
    }
    print(text(result, list))
    print(text(stations, list.array))
  }

  private func text(_ result: StandardResult, _ list: StationList) -> String {
    let (shower, sigma) = (result.shower, result.reconstruction.sigma)
    func degrees(_ angle: Double, _ error: Double) -> String {
      String(format: "%9.3f +- %.3f deg", angle / Units.degree, error / Units.degree)
    }
    var lines = [
      "zenith     \(degrees(shower.zenith, sigma.zenith))",
      "azimuth    \(degrees(shower.azimuth, sigma.azimuth))   to the source, from x to y",
      String(
        format: "direction             +- %.3f deg", result.directionSigma / Units.degree),
      String(
        format: "core       %9.1f +- %.1f m, %.1f +- %.1f m", shower.coreX, sigma.coreX,
        shower.coreY, sigma.coreY),
      String(
        format: "time       %9.1f +- %.1f ns after %.0f ns", shower.time, sigma.time,
        list.timeOrigin),
    ]
    if settings.front != ShowerFront.plane.name {
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
    return lines.joined(separator: "\n")
  }

  private func text(_ stations: [StationSignal], _ array: DetectorArray) -> String {
    let rows = stations.map {
      String(
        format: "%8ld %12.1f %10.1f %8.2f  ", array.stations[$0.station].id, $0.time,
        $0.timeResidual, $0.timePull) + $0.role.name
    }
    return "\n station      time/ns  residual/ns    pull  role\n" + rows.joined(separator: "\n")
  }
}
