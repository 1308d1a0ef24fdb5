import Foundation
import ShowerModel

/// What standard output can show.
enum Terminal {
  /// Colours only on a terminal, and where the user does not forbid them (https://no-color.org).
  static var isColoured: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty
      && environment["TERM"] != "dumb"
  }
}

/// Rows as columns of equal width, the last one free.
func alignedColumns(_ rows: [[String]]) -> String {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<max(count - 1, 0)).map { column in
    rows.compactMap { column < $0.count - 1 ? $0[column].count : nil }.max() ?? 0
  }
  return rows.map { row in
    row.enumerated().map { column, text in
      column < row.count - 1
        ? text + String(repeating: " ", count: max(widths[column] - text.count, 0)) : text
    }.joined(separator: "  ")
  }.joined(separator: "\n")
}

extension EventFlow {
  /// Counts a result as kept, or as lost where it or its verdict says so.
  mutating func count(_ result: StandardResult) {
    if !countIfLost(result, result.verdict) { countKept() }
  }

  /// The events that each cut of a selection costs, as commands print it.
  func selectionTable(_ cuts: QualityCuts, note: String = "") -> String {
    "Selection \(EscapedText.terminal(cuts.name))\(note)\n\(cutTable)"
  }

  /// Events removed and left by the standard reconstruction and by every cut, one a line.
  package var cutTable: String {
    var left = total
    var rows: [(label: String, removed: String, left: String)] = [("", "removed", "left")]
    rows.append(("events", "", "\(left)"))
    left -= lost(.standard)
    rows.append(("reconstructed", "\(lost(.standard))", "\(left)"))
    for loss in losses where loss.stage == .cut {
      left -= loss.count
      rows.append((loss.explanation, "\(loss.count)", "\(left)"))
    }
    func blanks(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }
    let widths = (
      rows.map(\.label.count).max() ?? 0, rows.map(\.removed.count).max() ?? 0,
      rows.map(\.left.count).max() ?? 0
    )
    return rows.map {
      $0.label + blanks(widths.0 - $0.label.count + 2 + widths.1 - $0.removed.count) + $0.removed
        + blanks(2 + widths.2 - $0.left.count) + $0.left
    }.joined(separator: "\n")
  }
}
