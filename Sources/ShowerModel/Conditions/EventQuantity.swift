/// A quantity of an event that a condition may name.
package struct EventQuantity: Sendable, Equatable {
  /// As a condition writes it: `energy`, `published.zenith`.
  package let name: String
  /// Unit of the numbers in a condition; "1" for a pure number.
  package let unit: String
  package let meaning: String
  /// Values that have a name, such as those of `status`.
  package let words: [String: Double]

  package init(_ name: String, unit: String, _ meaning: String, words: [String: Double] = [:]) {
    self.name = name
    self.unit = unit
    self.meaning = meaning
    self.words = words
  }

  /// The name of a value that has one; the shortest where it has several.
  package func word(_ value: Double) -> String? {
    words.filter { $0.value == value }.map(\.key).min { ($0.count, $0) < ($1.count, $1) }
  }
}
