internal import ShowerModel

/// A table of a report, for a terminal and for a page.
public struct ResultTable: Sendable {
  /// What a cell says to a reader in a hurry.
  enum Tone: Sendable {
    case plain
    /// Better, and beyond its 95 % interval.
    case good
    /// Worse, and beyond its 95 % interval.
    case bad
    /// Not told apart from nothing.
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

    init(count: Int) { self.init(Performance.text(count), number: Double(count)) }

    /// A dash where there is no number.
    init(_ value: Double, decimals: Int) {
      self.init(Performance.text(value, decimals: decimals), number: value)
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

    /// A number of which more is better, told apart from zero.
    init(score: Estimate?) {
      self.init(score?.intervalText ?? "–", tone: Tone(score), number: score?.value)
    }
  }

  let title: String
  let header: [String]
  let rows: [[Cell]]
  /// Columns from the left that hold words.
  var textColumns = 1
  /// What a reader must know of it.
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
