import Foundation
import ShowerModel

/// A value as JSON to be read by people and compared by programs: indented, keys in order, all characters visible.
func prettyJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  return EscapedText.json(String(decoding: try encoder.encode(value), as: UTF8.self))
}
