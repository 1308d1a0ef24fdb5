internal import Foundation
internal import ShowerModel

/// JSON for a script element of a page: short numbers, and no letter that HTML could take for a
/// tag.
struct CompactJSON: Sendable {
  private(set) var text = ""

  /// A number with at most so many decimals; null where it is not finite.
  mutating func number(_ value: Double, decimals: Int) {
    guard value.isFinite else {
      text += "null"
      return
    }
    let scale = Self.scales[decimals]
    let rounded = (value * scale).rounded() / scale
    // Powers of ten overflow for the largest numbers.
    let short = rounded.isFinite ? rounded : value
    if short == short.rounded(), abs(short) < 1e15 {
      text += String(Int(short))
    } else {
      text += "\(short)"
    }
  }

  private static let scales = (0...9).map { pow(10.0, Double($0)) }

  mutating func numbers(_ values: [(Double, decimals: Int)]) {
    list(values) { json, value in json.number(value.0, decimals: value.decimals) }
  }

  /// Values of the table of events.
  mutating func row(_ values: [Double]) {
    list(values) { $0.number($1, decimals: 5) }
  }

  mutating func list<Element>(
    _ elements: some Sequence<Element>, _ write: (inout CompactJSON, Element) -> Void
  ) {
    text += "["
    var isFirst = true
    for element in elements {
      if !isFirst { text += "," }
      isFirst = false
      write(&self, element)
    }
    text += "]"
  }

  /// A key and its value.
  mutating func member(_ name: String, _ write: (inout CompactJSON) -> Void) {
    text += text.hasSuffix("{") ? "\"\(name)\":" : ",\"\(name)\":"
    write(&self)
  }

  mutating func object(_ write: (inout CompactJSON) -> Void) {
    text += "{"
    write(&self)
    text += "}"
  }

  /// A text from outside.
  mutating func string(_ value: String) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    // A text alone: encoding has no way to fail.
    let encoded = (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    text += EscapedText.json(encoded)
      .replacing("<", with: "\\u003c").replacing(">", with: "\\u003e")
  }

  /// A text of ours that needs no escape, such as base 64.
  mutating func plain(_ value: String) { text += "\"\(value)\"" }

  mutating func null() { text += "null" }

  mutating func integer(_ value: Int) { text += String(value) }
}
