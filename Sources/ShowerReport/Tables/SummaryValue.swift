internal import Performance
internal import ShowerModel

/// A part of a summary: what JSON can hold.
package enum SummaryValue: Sendable, Equatable, Encodable {
  case object([String: SummaryValue])
  case list([SummaryValue])
  case number(Double)
  case count(Int)
  case text(String)
  case flag(Bool)

  /// A number with its intervals.
  init(_ estimate: Estimate) {
    self = .object(
      Dictionary(uniqueKeysWithValues: zip(Self.estimateKeys, estimate.numbers.map { .number($0) }))
    )
  }

  static let estimateKeys = ["value", "low68", "high68", "low95", "high95"]

  /// Null for a number that is not finite.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .object(let members): try container.encode(members)
    case .list(let values): try container.encode(values)
    case .number(let number):
      if number.isFinite { try container.encode(number) } else { try container.encodeNil() }
    case .count(let count): try container.encode(count)
    case .text(let text): try container.encode(text)
    case .flag(let flag): try container.encode(flag)
    }
  }

  /// The numbers of an estimate in the order of `estimateKeys`; nil for anything else.
  var estimateNumbers: [Double]? {
    guard case .object(let members) = self, members.count == Self.estimateKeys.count else {
      return nil
    }
    let numbers = Self.estimateKeys.compactMap { key -> Double? in
      if case .number(let number)? = members[key] { number } else { nil }
    }
    return numbers.count == Self.estimateKeys.count ? numbers : nil
  }

  /// The number to compare with a limit: the value itself, or that of an estimate.
  var numericValue: Double? {
    switch self {
    case .number(let number): number
    case .count(let count): Double(count)
    case .flag(let flag): flag ? 1 : 0
    case .object: estimateNumbers?[0]
    case .list, .text: nil
    }
  }
}

extension SummaryValue {
  /// All numbers as lines "key,unit,value,low68,high68,low95,high95", keys in order; an empty field
  /// is no number.
  var csv: String {
    var lines = ["key,unit,value,low68,high68,low95,high95"]
    appendLines(to: &lines, path: [], unit: "1")
    return lines.joined(separator: "\n") + "\n"
  }

  private func appendLines(to lines: inout [String], path: [String], unit: String) {
    func line(_ numbers: [Double]) {
      let fields = numbers.map { $0.isFinite ? "\($0)" : "" }
      let filling = [String](repeating: "", count: Self.estimateKeys.count - fields.count)
      lines.append(
        ([EscapedText.csv(path.joined(separator: "/")), EscapedText.csv(unit)] + fields + filling)
          .joined(separator: ","))
    }
    if let numbers = estimateNumbers { return line(numbers) }
    guard case .object(let members) = self else {
      if let number = numericValue { line([number]) }
      return
    }
    // A quantity names the unit of its statistics; ratios and fractions have none.
    var unit = unit
    if case .text(let own)? = members["unit"] { unit = own }
    for (key, member) in members.sorted(by: { $0.key < $1.key }) {
      member.appendLines(
        to: &lines, path: path + [key], unit: Self.unitlessKeys.contains(key) ? "1" : unit)
    }
  }

  private static let unitlessKeys: Set<String> = [
    "gain", "gain_against", "score", "coverage", "worsened_fraction", "much_worsened_fraction",
    "events",
  ]
}
