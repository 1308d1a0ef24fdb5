public import Foundation
internal import ShowerModel

extension NetworkSpec {
  /// Reads a specification.
  ///
  /// - Throws: `missingFile`, or `invalidSpecification` naming line, key and remedy.
  public init(contentsOf path: String) throws(NetworkError) {
    let text: String
    do throws(TextFileError) { text = try TextFile.read(path) } catch {
      guard FileManager.default.fileExists(atPath: path) else { throw .missingFile(path: path) }
      throw .invalidSpecification(source: path, key: "file", remedy: error.description)
    }
    try self.init(json: Data(text.utf8), source: path)
  }

  /// Reads a specification from JSON; `source` names it in errors.
  public init(json data: Data, source: String) throws(NetworkError) {
    do throws(NetworkError) {
      self = try Self.read(data)
    } catch {
      guard case .invalidSpecification(_, let key, let remedy) = error else { throw error }
      let lines = JSONLines(String(decoding: data, as: UTF8.self))
      let line = lines.line(of: key).map { ":\($0)" } ?? ""
      throw .invalidSpecification(source: source + line, key: key, remedy: remedy)
    }
  }

  private static func read(_ data: Data) throws(NetworkError) -> NetworkSpec {
    let object: Any
    do { object = try JSONSerialization.jsonObject(with: data) } catch {
      let reason = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
      throw .invalidSpecification(
        source: "", key: "JSON", remedy: "is not valid JSON" + (reason.map { " (\($0))" } ?? ""))
    }
    // JSONDecoder passes over unknown keys in silence; a misspelt one must not.
    try checkKeys(of: object, path: "")
    let spec: NetworkSpec
    do { spec = try JSONDecoder().decode(NetworkSpec.self, from: data) } catch {
      throw .invalidSpecification(source: "", key: key(of: error), remedy: remedy(of: error))
    }
    try spec.validate(source: "")
    return spec
  }

  /// Keys by the path of the object that holds them; the layers know their own.
  private static let keys: [String: [String]] = [
    "": [
      "name", "description", "gridSize", "samples", "activation", "encoder", "stations", "grid",
      "event", "inputs", "targets", "loss", "density", "training",
    ],
    "inputs": ["cell", "station", "event"], "density": ["of", "components"],
    "training": TrainingSettings.specKeys, "training.augmentation": Augmentation.keys,
  ]

  private static func checkKeys(of value: Any, path: String) throws(NetworkError) {
    guard let object = value as? [String: Any], let known = keys[path] else { return }
    for (key, element) in object.sorted(by: { $0.key < $1.key }) {
      let inner = path.isEmpty ? key : "\(path).\(key)"
      guard known.contains(key) else {
        throw .invalidSpecification(
          source: "", key: inner,
          remedy: "unknown key, did you mean \"\(nearestName(to: key, in: known))\"?")
      }
      try checkKeys(of: element, path: inner)
    }
  }

  private static func key(of error: any Error) -> String {
    func name(_ path: [any CodingKey]) -> String {
      path.reduce("") { text, key in
        key.intValue.map { "\(text)[\($0)]" }
          ?? (text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)")
      }
    }
    return switch error as? DecodingError {
    case .keyNotFound(let key, let context): name(context.codingPath + [key])
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      name(context.codingPath)
    default: "JSON"
    }
  }

  private static func remedy(of error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound: "is missing, add it"
    case .typeMismatch(let type, _), .valueNotFound(let type, _): "must be of type \(type)"
    case .dataCorrupted(let context): context.debugDescription
    default: "cannot be read"
    }
  }
}
