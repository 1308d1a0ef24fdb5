internal import Glibc
internal import ShowerModel

/// The banks rusdgeom and rufldf: what the experiment's own passes made of an event.
///
/// rusdgeom holds fits of the front alone. The last one, with free curvature, is the published
/// direction. rufldf holds a fit of the lateral distribution with that direction: the published
/// core and energy. It also holds a fit of both together.
struct ResultBanks {
  static let published = ImportedMethod(
    name: "imported_rufldf",
    explanation: "Telescope Array's own passes: direction of the front with free curvature "
      + "(rusdgeom, zenith + 0.5 deg as published), core and energy of the lateral distribution "
      + "(rufldf), energy on the scale of the simulation")
  static let combined = ImportedMethod(
    name: "imported_rufldf_combined",
    explanation: "Telescope Array's own passes: front and lateral distribution together "
      + "(rufldf, zenith + 0.5 deg), energy on the scale of the simulation")

  /// What the experiment adds to zenith angles.
  private static let zenithCorrection = 0.5 * Units.degree
  /// Unit of length of the banks [m], and where their origin lies.
  private static let unit = 1200.0
  private static let origin = (x: -12.2435, y: -16.4406)

  /// Both methods, as far as the banks are there.
  ///
  /// - Parameters:
  ///   - geometry: the bank rusdgeom.
  ///   - lateralDistribution: the bank rufldf, without which there are none.
  ///   - path: of the file, for errors.
  ///   - second: of the trigger.
  ///   - clock: where the event's clock starts within that second [ns].
  /// - Returns: results by the name of the method.
  /// - Throws: `FormatError` for banks whose fields cannot be.
  static func results(
    geometry: Bank?, lateralDistribution: Bank?, path: String, second: CalendarTime, clock: Double
  ) throws(FormatError) -> [String: Reconstruction] {
    guard let lateralDistribution else { return [:] }
    var results = try fits(lateralDistribution, path)
    guard let geometry else { return [combined.name: results[1]] }
    let front = try front(geometry, path, second, clock)
    results[0].shower.zenith = front.shower.zenith
    results[0].shower.azimuth = front.shower.azimuth
    results[0].sigma.zenith = front.sigma.zenith
    results[0].sigma.azimuth = front.sigma.azimuth
    for index in results.indices {
      results[index].shower.time = front.shower.time
      results[index].sigma.time = front.sigma.time
    }
    return [
      published.name: judged(results[0]), combined.name: judged(results[1]),
    ]
  }

  /// The two fits of rufldf; the first one has no direction.
  private static func fits(_ bank: Bank, _ path: String) throws(FormatError) -> [Reconstruction] {
    var fields = BankFields(bank, path: path)
    let cores = try fields.float64s(8)
    let scales = try fields.float64s(4)
    // s600, its two zenith angles, s800 and its own, the older energy.
    _ = try fields.float64s(10)
    let energies = try fields.float64s(2)
    // Later versions have the correction for the atmosphere here.
    _ = try fields.float64s(bank.version >= 1 ? 4 : 2)
    let angles = try fields.float64s(4)
    return (0..<2).map { fit in
      var shower = Shower.undefined
      var sigma = Shower.undefined
      shower.coreX = (cores[fit] + origin.x) * unit
      shower.coreY = (cores[4 + fit] + origin.y) * unit
      sigma.coreX = cores[2 + fit] * unit
      sigma.coreY = cores[6 + fit] * unit
      if energies[fit] > 0 { shower.logEnergy = log10(energies[fit]) + Units.logEnergyOfEeV }
      // The energy goes as S800, whose relative error is that of the scale of the distribution.
      sigma.logEnergy = scales[2 + fit] / scales[fit] / log(10)
      if fit == 1 {
        shower.zenith = angles[0] * Units.degree + zenithCorrection
        sigma.zenith = angles[1] * Units.degree
        shower.azimuth = wrappedAngle(angles[2] * Units.degree + .pi)
        sigma.azimuth = angles[3] * Units.degree
      }
      return Reconstruction(shower: shower, sigma: sigma, status: .good)
    }
  }

  /// The last fit of rusdgeom: direction and time.
  private static func front(
    _ bank: Bank, _ path: String, _ second: CalendarTime, _ clock: Double
  ) throws(FormatError) -> Reconstruction {
    var fields = BankFields(bank, path: path)
    let stationCount = try fields.integer()
    guard (0...512).contains(stationCount) else {
      throw fields.error("bank \(bank.number) states \(stationCount) stations")
    }
    for signals in try fields.integers(stationCount) {
      guard (0...100).contains(signals) else {
        throw fields.error("bank \(bank.number) states \(signals) signals of a station")
      }
      try fields.skip(signals * 32 + 24)
    }
    try fields.skip(stationCount * (3 * 8 + 3 * 4))
    // Eleven quantities of the fits of a plane, of a fixed and of a free curvature.
    let values = try fields.float64s(33)
    try fields.skip(3 * 4 + 2 * 8)
    let earliest = try fields.float64()
    func last(_ quantity: Int) -> Double { values[3 * quantity + 2] }
    let timeUnit = unit / Units.speedOfLight
    var (shower, sigma) = (Shower.undefined, Shower.undefined)
    shower.zenith = last(6) * Units.degree + zenithCorrection
    sigma.zenith = last(7) * Units.degree
    shower.azimuth = wrappedAngle(last(8) * Units.degree + .pi)
    sigma.azimuth = last(9) * Units.degree
    shower.time = (earliest - Double(second.secondOfDay)) * 1e9 - clock + last(4) * timeUnit
    sigma.time = last(5) * timeUnit
    return Reconstruction(shower: shower, sigma: sigma, status: .good)
  }

  /// A result with the status that its numbers allow.
  static func judged(_ result: Reconstruction) -> Reconstruction {
    let shower = result.shower
    let numbers = [shower.zenith, shower.azimuth, shower.coreX, shower.coreY, shower.logEnergy]
    guard numbers.allSatisfy(\.isFinite), abs(shower.coreX) < 1e6, abs(shower.coreY) < 1e6 else {
      return .failed(.notConverged)
    }
    return result
  }
}
