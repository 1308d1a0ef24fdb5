internal import ShowerModel

/// One line of a layer list: the name of the layer and what the line says of it.
///
/// In a specification `{ "layer": "convolution", "kernel": 8, "stride": 4, "maps": 16 }`.
public struct LayerSpec: Sendable, Equatable {
  public var layer: String
  public var values: [String: SpecValue]

  public init(_ layer: String, _ values: [String: SpecValue] = [:]) {
    self.layer = layer
    self.values = values
  }
}

extension LayerSpec: Codable {
  public init(from decoder: any Decoder) throws {
    var values = try [String: SpecValue](from: decoder)
    guard case .text(let layer)? = values.removeValue(forKey: "layer") else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "needs the name of a layer: \"layer\": \"dense\""))
    }
    self.init(layer, values)
  }

  public func encode(to encoder: any Encoder) throws {
    try values.merging(["layer": .text(layer)]) { $1 }.encode(to: encoder)
  }
}

/// A value in a line of a layer list.
public enum SpecValue: Sendable, Equatable {
  case number(Double)
  case flag(Bool)
  case text(String)
  case list([SpecValue])
}

extension SpecValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .list(try container.decode([SpecValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number):
      if let integer = Int(exactly: number) {
        try container.encode(integer)
      } else {
        try container.encode(number)
      }
    case .flag(let flag): try container.encode(flag)
    case .text(let text): try container.encode(text)
    case .list(let list): try container.encode(list)
    }
  }
}

extension SpecValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(booleanLiteral value: Bool) { self = .flag(value) }
  public init(stringLiteral value: String) { self = .text(value) }
  public init(arrayLiteral elements: SpecValue...) { self = .list(elements) }
}

/// Reads the values of one line, and knows in the end which of them nobody asked for.
struct LayerValues {
  /// Where the line stands, as `grid[2]`.
  let place: String
  private let spec: LayerSpec
  private var asked: [String] = []

  init(_ spec: LayerSpec, place: String) {
    self.spec = spec
    self.place = place
  }

  /// The error that a value of this line cannot be used.
  func refuse(_ key: String, _ remedy: String) -> NetworkError {
    .invalidSpecification(source: "", key: "\(place).\(key)", remedy: remedy)
  }

  /// A whole number.
  mutating func integer(
    _ key: String, in range: ClosedRange<Int>, default value: Int? = nil
  ) throws(NetworkError) -> Int {
    let text = "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let given = try find(key, or: value == nil ? text : nil) else { return value ?? 0 }
    guard case .number(let number) = given, let integer = Int(exactly: number),
      range.contains(integer)
    else { throw refuse(key, text) }
    return integer
  }

  /// Any number.
  mutating func number(
    _ key: String, in range: ClosedRange<Double>, default value: Double? = nil
  ) throws(NetworkError) -> Double {
    let text = "must be a number from \(range.lowerBound) to \(range.upperBound)"
    guard let given = try find(key, or: value == nil ? text : nil) else { return value ?? 0 }
    guard case .number(let number) = given, range.contains(number) else { throw refuse(key, text) }
    return number
  }

  /// true or false.
  mutating func flag(_ key: String, default value: Bool) throws(NetworkError) -> Bool {
    guard let given = try find(key, or: nil) else { return value }
    guard case .flag(let flag) = given else { throw refuse(key, "must be true or false") }
    return flag
  }

  /// One of some names.
  mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, default value: Choice
  ) throws(NetworkError) -> Choice {
    guard let given = try find(key, or: nil) else { return value }
    guard case .text(let text) = given else {
      throw refuse(key, "must be one of \(Self.names(Choice.self))")
    }
    return try choice(text, key)
  }

  /// Some of some names, at least one.
  mutating func choices<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String
  ) throws(NetworkError) -> [Choice] {
    let text = "must be a list out of \(Self.names(Choice.self))"
    guard case .list(let list)? = try find(key, or: text), !list.isEmpty else {
      throw refuse(key, text)
    }
    var result: [Choice] = []
    for element in list {
      guard case .text(let name) = element else { throw refuse(key, text) }
      result.append(try choice(name, key))
    }
    guard Set(result.map(\.rawValue)).count == result.count else {
      throw refuse(key, "a name is given twice")
    }
    return result
  }

  /// - Throws: where the line says something that the layer does not understand.
  func checkAllRead() throws(NetworkError) {
    for key in spec.values.keys.sorted() where !asked.contains(key) {
      throw refuse(
        key,
        "unknown key of the layer \(spec.layer), did you mean "
          + "\"\(nearestName(to: key, in: asked))\"?")
    }
  }

  private mutating func find(_ key: String, or remedy: String?) throws(NetworkError) -> SpecValue? {
    asked.append(key)
    if let value = spec.values[key] { return value }
    if let remedy { throw refuse(key, "is missing, \(remedy)") }
    return nil
  }

  private func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ key: String
  ) throws(NetworkError) -> Choice {
    guard let choice = Choice(rawValue: name) else {
      throw refuse(key, "\"\(name)\" is not one of \(Self.names(Choice.self))")
    }
    return choice
  }

  private static func names<Choice: RawRepresentable<String> & CaseIterable>(
    _: Choice.Type
  ) -> String {
    Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
  }
}
