public import Foundation
import ShowerModel

extension NetworkSpec {
  /// Reads a specification.
  ///
  /// - Throws: `missingFile`, or `invalidSpecification` naming the key and the remedy.
  public init(contentsOf path: String) throws(NetworkError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .missingFile(path: path)
    }
    try self.init(json: data, source: path)
  }

  /// Reads a specification from JSON; `source` names it in errors.
  public init(json data: Data, source: String) throws(NetworkError) {
    let object: Any
    do { object = try JSONSerialization.jsonObject(with: data) } catch {
      throw .invalidSpecification(source: source, key: "JSON", remedy: "is not valid JSON")
    }
    // JSONDecoder passes over unknown keys in silence; a misspelt one must not.
    try Self.checkKeys(of: object, against: Self.keys, path: "", source: source)
    do { self = try JSONDecoder().decode(NetworkSpec.self, from: data) } catch {
      throw .invalidSpecification(
        source: source, key: Self.key(of: error), remedy: Self.remedy(of: error))
    }
    try validate(source: source)
  }

  /// Keys by the path of the object that holds them.
  private static let keys: [String: [String]] = [
    "": [
      "name", "description", "gridSize", "samples", "encoder", "cellChannels", "grid",
      "joinedChannels", "dense", "activation", "dropout", "inputs", "targets",
    ],
    "encoder": ["layers", "features"],
    "encoder.layers": ["kernel", "stride", "channels"],
    "grid": ["channels", "separable", "residual"],
    "inputs": ["cell", "station", "event"],
  ]

  private static func checkKeys(
    of value: Any, against keys: [String: [String]], path: String, source: String
  ) throws(NetworkError) {
    if let list = value as? [Any] {
      for element in list {
        try checkKeys(of: element, against: keys, path: path, source: source)
      }
      return
    }
    guard let object = value as? [String: Any], let known = keys[path] else { return }
    for (key, element) in object.sorted(by: { $0.key < $1.key }) {
      let inner = path.isEmpty ? key : "\(path).\(key)"
      guard known.contains(key) else {
        throw .invalidSpecification(
          source: source, key: inner,
          remedy: "unknown key, did you mean \"\(nearestName(to: key, in: known))\"?")
      }
      try checkKeys(of: element, against: keys, path: inner, source: source)
    }
  }

  private static func key(of error: any Error) -> String {
    func name(_ path: [any CodingKey]) -> String {
      path.filter { $0.intValue == nil }.map(\.stringValue).joined(separator: ".")
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
