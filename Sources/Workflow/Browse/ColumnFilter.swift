import Foundation
import ShowerModel

/// A filter under a heading of the table, as browse.js reads it.
///
/// `>50`, `<=3`, `=17`, `!=0`, `10..20`, several between spaces. Other text is searched for.
struct ColumnFilter {
  private enum Test {
    case range(Double, Double)
    case comparison(String, Double)
    case text(String)
  }

  private let tests: [Test]
  private let column: EventQuantity

  init(_ text: String, _ column: EventQuantity) {
    self.column = column
    tests = text.split(whereSeparator: \.isWhitespace).map { part in
      if let range = part.wholeMatch(of: #/(-?[0-9.]+)\.\.(-?[0-9.]+)/#),
        let low = Double(range.output.1), let high = Double(range.output.2)
      {
        return .range(low, high)
      }
      if let single = part.wholeMatch(of: #/(>=|<=|!=|>|<|==?)(-?[0-9.]+(?:[eE]-?[0-9]+)?)/#),
        let limit = Double(single.output.2)
      {
        return .comparison(String(single.output.1), limit)
      }
      return .text(part.lowercased())
    }
  }

  func holds(_ value: Double) -> Bool {
    tests.allSatisfy { test in
      switch test {
      case .range(let low, let high): value >= low && value <= high
      case .comparison(">", let limit): value > limit
      case .comparison("<", let limit): value < limit
      case .comparison(">=", let limit): value >= limit
      case .comparison("<=", let limit): value <= limit
      case .comparison("!=", let limit): value != limit
      case .comparison(_, let limit): value == limit
      case .text(let wanted):
        (column.word(value) ?? shortText(value)).lowercased().contains(wanted)
      }
    }
  }
}
