internal import ShowerModel

/// One knob of a `SimulationConfiguration`: what it is called in files, what it may be, what it
/// means.
///
/// The list `all` drives reading, writing, checking and the tables of settings. So a new setting is
/// a property with its default and one line of the list.
public struct SimulationSetting: Sendable {
  /// What a setting is about, in the order of the tables.
  public enum Group: String, Sendable, CaseIterable {
    case showers
    case showerModel = "shower model"
    case detector
    case readout
    case array
  }

  typealias Path<Value> = any WritableKeyPath<SimulationConfiguration, Value> & Sendable

  /// How the values of a setting are kept, with what is allowed in the unit of the file.
  enum Kind: Sendable {
    /// A number; one in the file's unit is `factor` in the native one.
    case number(Path<Double>, ClosedRange<Double>, factor: Double)
    /// A whole number, a multiple of `step`.
    case count(Path<Int>, ClosedRange<Int>, step: Int)
    case flag(Path<Bool>)
    /// One of some names.
    case choice(
      names: [String], get: @Sendable (SimulationConfiguration) -> String,
      set: @Sendable (inout SimulationConfiguration, String) -> Void)
    /// Numbers by the symbols of primaries.
    case weights(Path<[String: Double]>)
  }

  /// The key in files, which is also the name of the property.
  public let name: String
  /// Unit in files; "1" without one.
  public let unit: String
  public let meaning: String
  public let group: Group
  let kind: Kind

  /// The setting with a name.
  public static func named(_ name: String) -> SimulationSetting? { all.first { $0.name == name } }

  /// What is allowed, in words, in the unit of the file.
  public var allowed: String {
    switch kind {
    case .number(_, let range, _): SettingValue.text(of: range)
    case .count(_, let range, let step):
      (step == 1 ? "" : "multiples of \(step), ") + "\(range.lowerBound) to \(range.upperBound)"
    case .flag: "true or false"
    case .choice(let names, _, _): names.joined(separator: ", ")
    case .weights: "numbers of at least 0 by " + Primary.symbols
    }
  }

  /// Whether every shower may have a value of its own, drawn from a range.
  public var mayBeDrawn: Bool {
    guard case .number = kind else { return false }
    return group == .showerModel || group == .detector
  }

  // MARK: - Values

  /// The value of a configuration, as it stands in a file.
  public func value(in configuration: SimulationConfiguration) -> SettingValue {
    if let range = configuration.drawn[name] {
      return .list([.number(range.lowerBound), .number(range.upperBound)])
    }
    return switch kind {
    case .number(let path, _, let factor):
      .number(SimulationSetting.inFile(configuration[keyPath: path], factor))
    case .count(let path, _, _): .number(Double(configuration[keyPath: path]))
    case .flag(let path): .flag(configuration[keyPath: path])
    case .choice(_, let get, _): .text(get(configuration))
    case .weights(let path): .table(configuration[keyPath: path].mapValues { .number($0) })
    }
  }

  /// Sets the value of a configuration to one from a file.
  ///
  /// - Throws: `SimulationConfigurationError` with the key, the value and what is allowed.
  public func set(
    _ value: SettingValue, in configuration: inout SimulationConfiguration
  ) throws(SimulationConfigurationError) {
    configuration.drawn[name] = nil
    switch (kind, value) {
    case (.number(let path, let range, let factor), .number(let number)):
      guard range.contains(number) else { throw refusal(of: value) }
      configuration[keyPath: path] = number * factor
    case (.number, .list(let limits)) where mayBeDrawn:
      configuration.drawn[name] = try drawnRange(limits)
    case (.count(let path, let range, let step), .number(let number)):
      guard let count = Int(exactly: number), range.contains(count), count % step == 0 else {
        throw refusal(of: value)
      }
      configuration[keyPath: path] = count
    case (.flag(let path), .flag(let flag)): configuration[keyPath: path] = flag
    case (.choice(let names, _, let set), .text(let text)):
      guard names.contains(text) else { throw refusal(of: value) }
      set(&configuration, text)
    case (.weights(let path), .table(let table)):
      configuration[keyPath: path] = try weights(table)
    default: throw refusal(of: value)
    }
  }

  /// Throws where the value of a configuration is not allowed.
  func check(_ configuration: SimulationConfiguration) throws(SimulationConfigurationError) {
    var copy = configuration
    try set(value(in: configuration), in: &copy)
  }

  private func drawnRange(
    _ limits: [SettingValue]
  ) throws(SimulationConfigurationError) -> ClosedRange<Double> {
    guard case .number(_, let range, _) = kind, limits.count == 2,
      case .number(let low) = limits[0], case .number(let high) = limits[1],
      range.contains(low), range.contains(high), low <= high
    else { throw refusal(of: .list(limits)) }
    return low...high
  }

  private func weights(
    _ table: [String: SettingValue]
  ) throws(SimulationConfigurationError) -> [String: Double] {
    var weights: [String: Double] = [:]
    for (symbol, value) in table.sorted(by: { $0.key < $1.key }) {
      guard let primary = Primary(symbol: symbol) else {
        let remedy = Primary.named(symbol).map { ", write \($0.symbol)" } ?? ""
        throw SimulationConfigurationError(
          description:
            "\(name): unknown primary \"\(symbol)\"\(remedy). Known are \(Primary.symbols)")
      }
      guard case .number(let weight) = value, (0...1e9).contains(weight) else {
        throw SimulationConfigurationError(
          description: "\(name): \(value) of \(symbol) must be a number from 0 to 1e9")
      }
      guard weights.updateValue(weight, forKey: primary.symbol) == nil else {
        throw SimulationConfigurationError(description: "\(name): \(primary.symbol) occurs twice")
      }
    }
    guard weights.values.contains(where: { $0 > 0 }) else {
      throw SimulationConfigurationError(
        description: "\(name): no primary has a weight; give one of \(Primary.symbols) more than 0")
    }
    return weights
  }

  private func refusal(of value: SettingValue) -> SimulationConfigurationError {
    let unit = self.unit == "1" ? "" : " \(self.unit)"
    let demand =
      switch kind {
      case .number(_, let range, _):
        "a number from \(SettingValue.text(of: range))\(unit)"
          + (mayBeDrawn ? ", or two as [low, high] to draw one for every shower" : "")
      case .count(_, let range, let step):
        (step == 2 ? "an even" : "a whole")
          + " number from \(range.lowerBound) to \(range.upperBound)\(unit)"
      case .flag: allowed
      case .choice: "one of \(allowed)"
      case .weights: "an object of \(allowed)"
      }
    return SimulationConfigurationError(description: "\(name): must be \(demand), found \(value)")
  }

  /// A native value in the unit of the file, without the digits that the change of units leaves
  /// behind.
  private static func inFile(_ value: Double, _ factor: Double) -> Double {
    factor == 1 ? value : (value / factor * 1e9).rounded() / 1e9
  }
}

extension SettingValue {
  /// "0 to 60".
  fileprivate static func text(of range: ClosedRange<Double>) -> String {
    "\(text(of: range.lowerBound)) to \(text(of: range.upperBound))"
  }
}

extension Primary {
  fileprivate static var symbols: String { allCases.map(\.symbol).joined(separator: ", ") }
}
