internal import ShowerModel

/// Width of a figure in a journal.
package enum PaperSize: String, Sendable, CaseIterable {
  /// One column, 88 mm.
  case single
  /// Both columns, 180 mm.
  case double

  /// [mm]
  var width: Double { self == .single ? 88 : 180 }
  /// Panels in a row.
  var columns: Int { self == .single ? 1 : 3 }

  /// Size of all letters at the final size [pt].
  static let letters = 8.0
}

/// A figure for a journal: panels with letters, side by side or one below the other.
///
/// Letters have 8 pt at the final size, lines 0.5 pt or more. Fonts are embedded in the PDF.
struct PaperFigure: Sendable {
  struct Panel: Sendable {
    /// Axes, and the plot command.
    let commands: String
    let tables: [Figure.Table]
  }

  let name: String
  let title: String
  let panels: [Panel]
  /// Legend: names with their colours and dashes.
  let legend: [(name: String, colour: String, dash: Int)]

  private static let panelHeight = 44.0
  private static let (left, right, bottom, top) = (14.0, 4.5, 10.0, 5.5)
  private static let legendLine = 4.0

  /// The figure in one or two columns.
  func figure(_ size: PaperSize) -> Figure {
    let columns = min(size.columns, panels.count)
    let rows = (panels.count + columns - 1) / columns
    // A letter is about 1.75 mm wide.
    let longest = 11 + 1.75 * Double(legend.map(\.name.count).max() ?? 0)
    let entriesInLine = max(Int((size.width - Self.left) / longest), 1)
    let legendHeight =
      Self.legendLine * Double((legend.count + entriesInLine - 1) / entriesInLine) + 1
    let cellHeight = Self.top + Self.panelHeight + Self.bottom
    let height = (legendHeight + cellHeight * Double(rows)).rounded(.up)
    let cellWidth = size.width / Double(columns)
    let commands = panels.enumerated().map { number, panel in
      let (row, column) = number.quotientAndRemainder(dividingBy: columns)
      let frameLeft = cellWidth * Double(column) + Self.left
      let frameTop = legendHeight + cellHeight * Double(row) + Self.top
      let letter = Character(UnicodeScalar(UInt8(97 + number)))
      return """
        set lmargin at screen \(rounded(frameLeft / size.width))
        set rmargin at screen \(rounded((cellWidth * Double(column + 1) - Self.right) / size.width))
        set tmargin at screen \(rounded(1 - frameTop / height))
        set bmargin at screen \(rounded(1 - (frameTop + Self.panelHeight) / height))
        set label 99 '{/:Bold (\(letter))}' at graph 0,graph 1 left offset 0,0.6
        \(panel.commands)
        unset label
        unset arrow
        """
    }
    return Figure(
      name: "\(name)_\(size.rawValue)", title: title, caption: "", width: Int(size.width),
      height: Int(height),
      commands: """
        set multiplot
        set key off
        set border 15 lw 0.8
        set xtics in mirror scale 0.5
        set ytics in mirror scale 0.5
        unset grid
        \(legendCommands(size, height: height, entriesInLine))
        \(commands.joined(separator: "\n"))
        unset multiplot
        """, tables: panels.flatMap(\.tables), paper: size)
  }

  private func legendCommands(_ size: PaperSize, height: Double, _ inLine: Int) -> String {
    legend.enumerated().flatMap { number, entry -> [String] in
      let (line, place) = number.quotientAndRemainder(dividingBy: inLine)
      let x = Self.left + Double(place) * (size.width - Self.left) / Double(inLine)
      let y = rounded(1 - (2.5 + Self.legendLine * Double(line)) / height)
      return [
        "set arrow from screen \(rounded(x / size.width)),\(y) to screen "
          + "\(rounded((x + 6) / size.width)),\(y) nohead lw 1.6 lc rgb \(entry.colour) dt "
          + "\(entry.dash)",
        "set label \(EscapedText.gnuplot(entry.name)) at screen "
          + "\(rounded((x + 7) / size.width)),\(y) left",
      ]
    }.joined(separator: "\n")
  }
}
