internal import Glibc
internal import Performance
internal import ShowerModel

/// A table of a report, for a terminal and for a page.
package struct ResultTable: Sendable {
  /// The verdict on the number of a cell, shown as a colour.
  enum Tone: Sendable {
    case plain
    /// Better, and beyond its 95 % interval.
    case good
    /// Worse, and beyond its 95 % interval.
    case bad
    /// Compatible with zero.
    case unclear
  }

  struct Cell: Sendable, ExpressibleByStringLiteral {
    let text: String
    var tone = Tone.plain
    /// By which a page sorts; nil to sort by the text.
    var number: Double?

    init(_ text: String, tone: Tone = .plain, number: Double? = nil) {
      self.text = text
      self.tone = tone
      self.number = number
    }

    init(stringLiteral text: String) { self.init(text) }

    init(count: Int) { self.init(ShowerModel.text(count), number: Double(count)) }

    /// A dash where there is no number.
    init(_ value: Double, decimals: Int) {
      self.init(ShowerModel.text(value, decimals: decimals), number: value)
    }

    /// Value and 95 % interval.
    init(_ estimate: Estimate?) {
      self.init(estimate?.intervalText ?? "–", number: estimate?.value)
    }

    /// The value alone.
    init(valueOf estimate: Estimate?) {
      self.init(estimate?.valueText ?? "–", number: estimate?.value)
    }

    /// A gain in percent with its interval, and whether it is one.
    init(gain: Estimate?) {
      self.init(gain?.percentText ?? "", tone: Tone(gain), number: gain?.value)
    }

    /// A score, of which more is better, compared with zero.
    init(score: Estimate?) {
      self.init(score?.intervalText ?? "–", tone: Tone(score), number: score?.value)
    }
  }

  let title: String
  let header: [String]
  let rows: [[Cell]]
  /// Columns from the left that hold words.
  var textColumns = 1
  /// A remark below the table.
  var note = ""
}

extension ResultTable.Tone {
  /// Of a number of which more than zero is good.
  init(_ estimate: Estimate?) {
    guard let estimate, estimate.isDefined else {
      self = .plain
      return
    }
    self = estimate.low95 > 0 ? .good : (estimate.high95 < 0 ? .bad : .unclear)
  }
}

extension ResultTable {
  /// Title and columns as wide as their widest cell, words to the left.
  func text(isColoured: Bool) -> String {
    let cells = ([header.map { Cell($0) }] + rows).map { $0.map(\.forTerminal) }
    let (title, note) = (EscapedText.terminal(title), EscapedText.terminal(note))
    let widths = header.indices.map { column in
      cells.map { $0.indices.contains(column) ? $0[column].text.count : 0 }.max() ?? 0
    }
    let lines = cells.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let filling = String(repeating: " ", count: cell.1 - cell.0.text.count)
        let text = isColoured ? cell.0.coloured : cell.0.text
        return column < textColumns ? text + filling : filling + text
      }.joined(separator: "  ").trimmingEnd
    }
    let all = (title.isEmpty ? [] : [title]) + lines + (note.isEmpty ? [] : [note])
    return all.joined(separator: "\n") + "\n"
  }
}

extension ResultTable.Cell {
  fileprivate var forTerminal: Self { Self(EscapedText.terminal(text), tone: tone, number: number) }

  /// Green, red or grey by the codes of terminals.
  fileprivate var coloured: String {
    let code: String
    switch tone {
    case .plain: return text
    case .good: code = "32"
    case .bad: code = "31"
    case .unclear: code = "90"
    }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}

extension String {
  /// Without blanks at its end.
  fileprivate var trimmingEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension Estimate {
  /// Decimals at which the 95 % interval has two digits, in numbers multiplied by `factor`.
  func decimals(factor: Double = 1) -> Int {
    let half = (high95 - low95) / 2 * factor
    let size = half > 0 && half.isFinite ? half : abs(value * factor) / 100
    guard size > 0, size.isFinite else { return 2 }
    return min(max(1 - Int(log10(size).rounded(.down)), 0), 5)
  }

  /// The value with the digits that its interval allows: 1.394.
  var valueText: String { text(value, decimals: decimals()) }

  /// Value and 95 % interval: 1.394 (1.381 to 1.407).
  var intervalText: String {
    guard isDefined else { return "–" }
    let decimals = decimals()
    return "\(text(value, decimals: decimals)) (\(text(low95, decimals: decimals)) to "
      + "\(text(high95, decimals: decimals)))"
  }

  /// Value and 95 % interval in percent: 37.4 % (36.9 to 37.9).
  var percentText: String {
    guard isDefined else { return "–" }
    let decimals = min(decimals(factor: 100), 2)
    return
      "\(text(100 * value, decimals: decimals)) % (\(text(100 * low95, decimals: decimals)) to "
      + "\(text(100 * high95, decimals: decimals)))"
  }
}

/// Greek letters for their names, as in titles of observables.
func withSymbols(_ title: String) -> String {
  title.replacing("Delta ", with: "Δ").replacing("theta", with: "θ").replacing("phi", with: "φ")
}
