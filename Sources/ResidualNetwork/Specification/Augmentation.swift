/// What training changes at random in every event it shows, so that a network does not rely on it.
///
/// Drawn anew for each event and epoch, from the seed alone.
public struct Augmentation: Sendable, Equatable, Codable {
  /// Probability that a working station is dead.
  public var deadStations = 0.0
  /// Probability that one layer of a station with a waveform is bad.
  public var badLayers = 0.0
  /// Standard deviation of the gain of each layer of a station.
  public var gain = 0.0
  /// Standard deviation of a station's clock [ns].
  public var time = 0.0

  public init() {}

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func read(_ value: inout Double, _ key: CodingKeys) throws {
      value = try container.decodeIfPresent(Double.self, forKey: key) ?? value
    }
    try read(&deadStations, .deadStations)
    try read(&badLayers, .badLayers)
    try read(&gain, .gain)
    try read(&time, .time)
  }

  static let keys = ["deadStations", "badLayers", "gain", "time"]

  /// What the detector does: 2 % dead stations, 1 % bad layers, 3 % gain, 15 ns.
  public static var detector: Augmentation {
    var result = Augmentation()
    result.deadStations = 0.02
    result.badLayers = 0.01
    result.gain = 0.03
    result.time = 15
    return result
  }

  public var isNone: Bool { self == Augmentation() }

  /// The key of a value that cannot be used, and the remedy.
  var problem: (key: String, remedy: String)? {
    if !(0...0.5).contains(deadStations) { return ("deadStations", "must be in 0 to 0.5") }
    if !(0...0.5).contains(badLayers) { return ("badLayers", "must be in 0 to 0.5") }
    if !(0...0.5).contains(gain) { return ("gain", "must be in 0 to 0.5") }
    if !(0...1000).contains(time) { return ("time", "must be in 0 to 1000 ns") }
    return nil
  }
}
