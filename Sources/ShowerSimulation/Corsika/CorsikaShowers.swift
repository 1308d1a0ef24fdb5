internal import Glibc
public import ShowerModel

/// The showers of a CORSIKA file, one after the other, each ready to be thrown.
///
///     let showers = try CorsikaShowers(path: "DAT000001.zst", setting)
///     while let shower = try showers.next() {
///       let workspace = shower.makeWorkspace()
///       let events = (0..<100).compactMap { shower.simulate(attempt: $0, in: workspace) }
///     }
///
/// One shower is in memory at a time.
public final class CorsikaShowers {
  /// What a shower meets, and how its file is read.
  public struct Setting: Sendable {
    public var configuration: SimulationConfiguration
    public var array: DetectorArray
    public var constants: ShowerConstants
    /// Of the array's stations.
    public var response: ResponseTable
    public var seed: UInt64
    /// Number of the observation level, from 1; nil for the only one.
    public var observationLevel: Int?
    /// Whether depths in the file are slant (CORSIKA compiled with SLANT), else vertical.
    public var depthsAreSlant: Bool

    public init(
      configuration: SimulationConfiguration, array: DetectorArray, constants: ShowerConstants,
      response: ResponseTable, seed: UInt64, observationLevel: Int? = nil,
      depthsAreSlant: Bool = false
    ) {
      self.configuration = configuration
      self.array = array
      self.constants = constants
      self.response = response
      self.seed = seed
      self.observationLevel = observationLevel
      self.depthsAreSlant = depthsAreSlant
    }
  }

  /// The level may lie so far above or below the array [m].
  private static let levelTolerance = 300.0
  private static let logEnergies = 17.0...21.0
  private static let largestZenith = 60 * Units.degree

  private let reader: CorsikaReader
  private let setting: Setting
  private let level: Int
  private let atmosphere: Atmosphere
  private let simulator: EventSimulator
  private let muons: MuonTransport

  public var runHeader: CorsikaRunHeader { reader.runHeader }
  /// What was strange about the showers so far, one sentence each.
  public var warnings: [String] { reader.warnings }
  /// Of the shower that was given last.
  public private(set) var header: CorsikaEventHeader?

  /// Opens a file.
  ///
  /// - Throws: `CorsikaError`, `SimulationConfigurationError`.
  public init(path: String, _ setting: Setting) throws {
    self.setting = setting
    reader = try CorsikaReader(path: path)
    let levels = reader.runHeader.levels
    if let asked = setting.observationLevel {
      guard levels.indices.contains(asked - 1) else {
        throw CorsikaError(file: path, block: 1, .wrongLevel(asked: asked, count: levels.count))
      }
      level = asked
    } else {
      guard levels.count == 1 else {
        throw CorsikaError(file: path, block: 1, .wrongLevel(asked: nil, count: levels.count))
      }
      level = 1
    }
    let (height, altitude) = (levels[level - 1], setting.array.referenceAltitude)
    guard abs(height - altitude) <= Self.levelTolerance else {
      throw CorsikaError(
        file: path, block: 1,
        .unsupported(
          what: "the observation level is at \(Int(height)) m, the array at \(Int(altitude)) m",
          remedy: "Make the shower for a level within \(Int(Self.levelTolerance)) m of the array"))
    }
    atmosphere = try Atmosphere(of: reader.runHeader, levelHeight: height, file: path)
    muons = MuonTransport(constants: setting.constants.muons, atmosphere: atmosphere)
    simulator = try EventSimulator(
      configuration: setting.configuration, array: setting.array, constants: setting.constants,
      response: setting.response, seed: setting.seed, muons: muons)
  }

  /// The next shower, nil after the last.
  ///
  /// - Parameter check: called now and then while the file is read, to end the reading by an error.
  /// - Returns: a shower that is complete in the file.
  /// - Throws: `CorsikaError`, and what `check` throws.
  public func next(check: () throws -> Void = {}) throws -> CorsikaResampler? {
    guard let header = try reader.nextEvent() else { return nil }
    let primary = try primary(of: header)
    let depthFactor = setting.depthsAreSlant ? 1 : 1 / cos(header.zenith)
    func xmax(_ end: CorsikaEventEnd) -> Double {
      end.fittedDepth.map { $0 * depthFactor } ?? .nan
    }
    let shower = try DethinnedShower(
      reading: reader, header: header, level: level, atmosphere: atmosphere,
      stationArea: setting.array.detector.stationArea, constants: setting.constants.photons,
      laws: simulator.laws, check: check)
    self.header = header
    return CorsikaResampler(
      shower: shower, primary: primary, simulator: simulator, muons: muons,
      constants: setting.constants, xmax: xmax(shower.end))
  }

  private func primary(of header: CorsikaEventHeader) throws(CorsikaError) -> Primary {
    func refusal(_ what: String, _ remedy: String) -> CorsikaError {
      CorsikaError(
        file: reader.path, block: reader.blockCount, .unsupported(what: what, remedy: remedy))
    }
    guard header.arrayRotation == 0 else {
      throw CorsikaError(
        file: reader.path, block: reader.blockCount,
        .rotatedArray(angle: header.arrayRotation))
    }
    guard header.words[79] == 0 else {
      throw refusal(
        "shower \(header.event) was made in a curved atmosphere",
        "Run CORSIKA without CURVED: zenith angles up to 60 degrees do not need it")
    }
    guard header.zenith <= Self.largestZenith else {
      throw refusal(
        "the zenith angle of shower \(header.event) is "
          + "\(Int(header.zenith / Units.degree)) degrees",
        "The detector is simulated up to 60 degrees")
    }
    let logEnergy =
      Units.logEnergyOfEeV + log10(header.energy / CorsikaUnits.gigaelectronvolt)
    guard Self.logEnergies.contains(logEnergy) else {
      throw refusal(
        "shower \(header.event) has an energy of \(header.energy) GeV",
        "The simulation is for 1e17 to 1e21 eV")
    }
    guard header.levels.indices.contains(level - 1),
      header.levels[level - 1] == reader.runHeader.levels[level - 1]
    else {
      throw refusal(
        "shower \(header.event) has other observation levels than its run",
        "Give files whose showers share their levels")
    }
    guard let primary = header.primary else {
      throw refusal(
        "primary \(header.primaryID) of shower \(header.event)",
        "Known are photons (1), protons (14), helium (402), nitrogen (1407) and iron (5626)")
    }
    return primary
  }
}
