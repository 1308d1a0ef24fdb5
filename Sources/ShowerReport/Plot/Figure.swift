internal import ShowerModel

/// A figure: a gnuplot script, the numbers it plots, and a caption.
struct Figure: Sendable {
  /// Name of its files, as `isName` allows.
  let name: String
  let title: String
  /// What is plotted, which events, what bands and bars mean.
  let caption: String
  /// Size [pixels]; [mm] for paper.
  let width: Int
  let height: Int
  /// Commands after the common style; `DATA` is the name of the data file.
  ///
  /// Text from outside must go through `EscapedText.gnuplot`.
  let commands: String
  let tables: [Table]
  /// The width of a journal that the figure is made for; nil for a screen.
  var paper: PaperSize?

  /// Rows of numbers that a script finds by name: `plot DATA index "NAME"`.
  struct Table: Sendable {
    let name: String
    let columns: String
    /// A row without numbers ends a line.
    let rows: [[Double]]
  }

  static let style = """
    set encoding utf8
    \(MethodColours.script)
    set border 3 lw 1 lc rgb "#444444"
    set tics nomirror out scale 0.6 textcolor rgb "#222222"
    set grid lc rgb "#dddddd" lw 0.6 dt 1
    set key samplen 2 spacing 1.2 height 0.3 textcolor rgb "#222222"
    set style fill transparent solid 0.28 noborder
    set datafile missing "NaN"
    set palette defined (0 "#dbe9f6", 0.35 "#6baed6", 0.7 "#2171b5", 1 "#08204b")
    """

  /// The whole script.
  ///
  /// By hand: `gnuplot NAME.gp`; for SVG `gnuplot -e "format='svg'" NAME.gp`, and likewise for PDF.
  var script: String {
    """
    # \(EscapedText.gnuplot(title))
    # Draw again: gnuplot ./\(name).gp            makes \(name).png
    #             gnuplot -e "format='svg'" ./\(name).gp   makes \(name).svg, and so for pdf
    if (!exists("format")) format = "png"
    \(paper == nil ? screenTerminals : paperTerminals)
    set output "\(name)." . format
    DATA = "\(name).dat"
    \(Figure.style)
    \(commands)
    unset output

    """
  }

  private var screenTerminals: String {
    """
    if (format eq "svg") {
      set terminal svg size \(width),\(height) enhanced font "DejaVu Sans,10" fontscale 1.2 \
    background "#ffffff" name "\(name)" standalone
    } else { if (format eq "pdf") {
      set terminal pdfcairo size \(inches(width))in,\(inches(height))in enhanced \
    font "DejaVu Sans,10" fontscale 0.72 pointscale 0.8 linewidth 1.2 background "#ffffff"
    } else {
      set terminal pngcairo size \(width),\(height) enhanced font "DejaVu Sans,10" background \
    "#ffffff"
    } }
    """
  }

  /// Sizes in mm, letters in points at the final size; PNG with 300 points an inch.
  private var paperTerminals: String {
    let font = "enhanced font \"DejaVu Sans,\(rounded(PaperSize.letters))\""
    func pixels(_ length: Int, _ perInch: Double) -> Int {
      Int((Double(length) / 25.4 * perInch).rounded())
    }
    return """
      if (format eq "svg") {
        set terminal svg size \(pixels(width, 96)),\(pixels(height, 96)) \(font) fontscale 1.333 \
      linewidth 0.9 background "#ffffff" name "\(name)" standalone
      } else { if (format eq "pdf") {
        set terminal pdfcairo size \(width / 10).\(width % 10)cm,\(height / 10).\(height % 10)cm \
      \(font) fontscale 0.75 pointscale 0.6 linewidth 0.9 background "#ffffff"
      } else {
        set terminal pngcairo size \(pixels(width, 300)),\(pixels(height, 300)) \(font) fontscale \
      3.125 pointscale 1.8 linewidth 2.8 background "#ffffff"
      } }
      """
  }

  /// Length on paper, at 96 pixels an inch.
  private func inches(_ pixels: Int) -> Double { rounded(Double(pixels) / 96) }

  /// The data file: tables one after another, each with its name and columns.
  var data: String {
    tables.map { table in
      "# \(EscapedText.visible(table.name))\n# \(EscapedText.visible(table.columns))\n"
        + table.rows.map { row in
          row.map { $0.isFinite ? "\(rounded($0))" : "NaN" }.joined(separator: " ") + "\n"
        }.joined()
    }.joined(separator: "\n\n")
  }

  /// Whether files of a figure may be called so: ASCII letters, digits, `-`, `_` and `.`.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.unicodeScalars.allSatisfy {
        switch $0 {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
        default: false
        }
      }
  }
}
