import Foundation
import ShowerModel

/// What a simulation from CORSIKA showers recorded of them: the same in all shards, but for how many throws of each
/// triggered.
struct CorsikaTriggers {
  private static let key = "triggered"
  private let showers: [[String: Any]]

  /// Nil for a step that made its showers itself.
  init?(_ step: ProvenanceStep) {
    guard let text = step.settings[ProvenanceStep.corsikaKey],
      let showers = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]]
    else { return nil }
    self.showers = showers
  }

  /// All but how many triggered.
  var others: String? { Self.text(showers.map { $0.filter { $0.key != Self.key } }) }

  /// The record of one run from those of its parts; nil where they have none.
  static func sum(_ steps: [ProvenanceStep]) -> String? {
    let parts = steps.compactMap { CorsikaTriggers($0)?.showers }
    guard var joined = parts.first, parts.count == steps.count,
      parts.allSatisfy({ $0.count == joined.count })
    else { return nil }
    for index in joined.indices {
      joined[index][key] = parts.reduce(0) { $0 + ($1[index][key] as? Int ?? 0) }
    }
    return text(joined)
  }

  private static func text(_ showers: [[String: Any]]) -> String? {
    try? String(
      decoding: JSONSerialization.data(
        withJSONObject: showers, options: [.prettyPrinted, .sortedKeys]), as: UTF8.self)
  }
}
