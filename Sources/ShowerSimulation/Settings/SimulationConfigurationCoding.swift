internal import ShowerModel

/// One JSON object with the names of settings as keys, angles in degrees; every key may be left
/// out.
extension SimulationConfiguration: Codable {
  /// - Throws: `SimulationConfigurationError` with the key and the value at fault.
  public init(from decoder: any Decoder) throws {
    self.init()
    try set(decoder.singleValueContainer().decode([String: SettingValue].self))
    try validate()
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(
      Dictionary(
        uniqueKeysWithValues: SimulationSetting.all.map { ($0.name, $0.value(in: self)) }))
  }
}

extension SimulationConfiguration {
  /// Keys of earlier versions, and what to write instead.
  private static let replaced = [
    "timeScale": "is called electromagneticDelayFactor now",
    "frontScatter": "is called delayScatter now",
  ]

  /// Sets values as they stand in a file, by the names of settings.
  ///
  /// What belongs together (ranges in order) is not judged: `validate` does.
  /// - Throws: `SimulationConfigurationError` with the key, the value and what is allowed, or the
  ///   nearest key where there is no such setting.
  public mutating func set(
    _ values: [String: SettingValue]
  ) throws(SimulationConfigurationError) {
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let setting = SimulationSetting.named(name) else {
        let nearest = nearestName(to: name, in: SimulationSetting.all.map(\.name))
        throw SimulationConfigurationError(
          description: SimulationConfiguration.replaced[name].map { "\(name): \($0)" }
            ?? "\(name): unknown key, did you mean \"\(nearest)\"?")
      }
      try setting.set(value, in: &self)
    }
  }

  /// Throws for values without meaning, and for a pair of limits out of order.
  public func validate() throws(SimulationConfigurationError) {
    for setting in SimulationSetting.all { try setting.check(self) }
    for name in drawn.keys.sorted() where SimulationSetting.named(name) == nil {
      throw SimulationConfigurationError(description: "\(name): unknown key")
    }
    try checkOrder("minimumLogEnergy", "maximumLogEnergy")
    try checkOrder("minimumZenith", "maximumZenith")
    try checkOrder("minimumAzimuth", "maximumAzimuth")
    guard maximumAzimuth - minimumAzimuth < 360.000_001 * Units.degree else {
      throw SimulationConfigurationError(
        description: "minimumAzimuth and maximumAzimuth must be at most a full turn apart")
    }
  }

  private func checkOrder(
    _ low: String, _ high: String
  ) throws(SimulationConfigurationError) {
    guard let lowSetting = SimulationSetting.named(low),
      let highSetting = SimulationSetting.named(high),
      case .number(let lowest) = lowSetting.value(in: self),
      case .number(let highest) = highSetting.value(in: self), lowest > highest
    else { return }
    throw SimulationConfigurationError(
      description: "\(low) (\(SettingValue.number(lowest))) must not exceed "
        + "\(high) (\(SettingValue.number(highest)))")
  }
}
