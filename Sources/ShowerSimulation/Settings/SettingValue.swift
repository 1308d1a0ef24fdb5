/// A value in a file of settings, of any type that JSON has.
///
/// What a setting makes of it is judged by the setting, so that errors can name both.
public enum SettingValue: Sendable, Equatable {
  case number(Double)
  case flag(Bool)
  case text(String)
  case list([SettingValue])
  case table([String: SettingValue])
  case null
}

extension SettingValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([SettingValue].self) {
      self = .list(list)
    } else if let table = try? container.decode([String: SettingValue].self) {
      self = .table(table)
    } else {
      // Last, since only here the error says something.
      do { self = .number(try container.decode(Double.self)) } catch {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "the number is too large"))
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .flag(let flag): try container.encode(flag)
    case .text(let text): try container.encode(text)
    case .list(let list): try container.encode(list)
    case .table(let table): try container.encode(table)
    case .null: try container.encodeNil()
    }
  }
}

extension SettingValue: CustomStringConvertible {
  /// As it stands in a file, on one line.
  public var description: String {
    switch self {
    case .number(let number): SettingValue.text(of: number)
    case .flag(let flag): "\(flag)"
    case .text(let text): "\"\(text)\""
    case .list(let list): "[\(list.map(\.description).joined(separator: ", "))]"
    case .table(let table):
      "{"
        + table.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
        .joined(separator: ", ") + "}"
    case .null: "null"
    }
  }

  /// A number without the ".0" of whole ones.
  static func text(of number: Double) -> String {
    number == number.rounded() && abs(number) < 1e9 ? "\(Int(number))" : "\(number)"
  }
}
