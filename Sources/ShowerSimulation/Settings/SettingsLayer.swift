internal import FoundationEssentials
public import ShowerModel

/// Some settings from one source: a file, a variation, or options of the command line.
///
/// A file is one JSON object (JSON5: comments are allowed). Its keys are settings, each of which
/// may be left out, and optionally a `description`.
public struct SettingsLayer: Sendable, Equatable {
  /// Where the settings come from, as errors and provenance name it.
  public let source: String
  public let description: String
  /// Values as they stand in a file, by the name of the setting.
  public let values: [String: SettingValue]

  public init(source: String, description: String = "", values: [String: SettingValue]) {
    self.source = source
    self.description = description
    self.values = values
  }

  /// Reads a file. Every key and value is checked, each by itself.
  ///
  /// - Throws: `TableError` with the file and the key at fault, and what is allowed there.
  public init(parsing text: String, file: String) throws(TableError) {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true
    var values: [String: SettingValue]
    do {
      values = try decoder.decode([String: SettingValue].self, from: Data(text.utf8))
    } catch {
      throw TableError(table: file, reason: SettingsLayer.reason(error))
    }
    var description = ""
    switch values.removeValue(forKey: "description") {
    case .text(let text): description = text
    case nil: break
    case .some(let other):
      throw TableError(table: file, reason: "description: \(other) is not a text")
    }
    self.init(source: file, description: description, values: values)
    var configuration = SimulationConfiguration()
    do { try configuration.set(values) } catch {
      throw TableError(table: file, reason: error.description)
    }
  }

  /// The first setting by name that another layer sets to something else.
  public func conflict(with other: SettingsLayer) -> String? {
    values.filter { name, value in other.values[name].map { $0 != value } ?? false }.keys.min()
  }

  /// The key and what is wrong with it.
  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "cannot be read" }
    switch error {
    case .dataCorrupted(let context):
      guard let key = context.codingPath.first else {
        return "is not valid JSON" + (context.underlyingError.map { " (\($0))" } ?? "")
      }
      return "\(key.stringValue): \(context.debugDescription)"
    default: return "must be one JSON object with settings as keys"
    }
  }
}
