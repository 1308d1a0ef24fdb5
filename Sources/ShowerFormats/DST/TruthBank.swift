internal import Glibc
internal import ShowerModel

/// The bank rusdmc: what was simulated.
enum TruthBank {
  /// Codes of particles of CORSIKA.
  static let particles: [(code: Int, primary: Primary)] = [
    (1, .photon), (14, .proton), (402, .helium), (1407, .nitrogen), (5626, .iron),
  ]
  /// Length of a count of the shower's time [ns].
  static let timeCount = 20.0

  /// The truth, with times on a clock that starts at `origin` within the second [ns].
  ///
  /// The bank has no depth of maximum, muon number or signal: these are NaN.
  static func truth(_ bank: Bank, path: String, origin: Double) throws(FormatError) -> Truth {
    var fields = BankFields(bank, path: path)
    let head = try fields.integers(4)
    var values: [Double] = []
    for _ in 0..<7 { values.append(try fields.float32()) }
    guard let primary = particles.first(where: { $0.code == head[1] })?.primary else {
      let known = particles.map { "\($0.code)" }.joined(separator: ", ")
      throw fields.error("the particle \(head[1]); known are \(known)")
    }
    let (energy, zenith) = (values[0], values[2])
    guard values.allSatisfy(\.isFinite), energy > 0, (0...(0.5 * Double.pi)).contains(zenith) else {
      throw fields.error("a simulated shower of \(energy) EeV and zenith angle \(zenith) rad")
    }
    // The bank has the direction of travel, lengths in cm, and a core at the height of the ground.
    let azimuth = wrappedAngle(values[3] + .pi)
    let core = SIMD3(values[4], values[5], values[6]) / 100
    let toPlane = core.z * tan(zenith)
    return Truth(
      shower: Shower(
        logEnergy: log10(energy) + Units.logEnergyOfEeV, zenith: zenith, azimuth: azimuth,
        coreX: core.x - toPlane * cos(azimuth), coreY: core.y - toPlane * sin(azimuth),
        time: head[3] == 0 ? .nan : Double(head[3]) * timeCount - origin),
      primary: primary, xmax: .nan, muonScale: .nan)
  }
}
