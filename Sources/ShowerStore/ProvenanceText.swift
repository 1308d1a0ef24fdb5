internal import Foundation
internal import ShowerModel

/// The attribute PROVENANCE: a JSON list, newest step last.
enum ProvenanceText {
  static func encode(_ steps: [ProvenanceStep]) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings and integers alone: encoding has no way to fail.
    guard let data = try? encoder.encode(steps) else { return "[]" }
    return String(decoding: data, as: UTF8.self)
  }

  /// The steps, nil where the text is none of ours.
  static func decode(_ text: String) -> [ProvenanceStep]? {
    try? JSONDecoder().decode([ProvenanceStep].self, from: Data(text.utf8))
  }
}
