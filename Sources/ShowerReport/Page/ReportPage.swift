internal import Foundation
internal import Performance
internal import ShowerModel

extension Report {
  /// The whole page, with everything it shows inside: what answers first, all else folded.
  func page(drawings: [String]) -> String {
    let notes = content.headNotes.map { "<p class=\"note\">\(EscapedText.html($0))</p>" }
    return """
      \(assets.opening(title: summary.title))
      <main>
      <h1>\(EscapedText.html(summary.title))</h1>
      \(content.notice.map { "<p class=\"notice\">\(EscapedText.html($0))</p>" } ?? "")
      <p class="verdict">\(EscapedText.html(summary.verdict))</p>
      <p>\(EscapedText.html(content.head))</p>
      \(warningSection)
      \(content.headTables.map(\.html).joined(separator: "\n"))
      \(plotSection)
      \(figureSections(drawings, isAnswer: true))
      \(figuresSection(drawings))
      \(folded("tables", "All tables", tablesSection + notes.joined(separator: "\n")))
      \(folded("definitions", "Definitions", definitionList))
      \(provenanceSection)
      </main>
      \(plots.map { "<script type=\"application/json\" id=\"plots\">\($0)</script>" } ?? "")
      \(assets.scripts)
      </body>
      </html>

      """
  }

  private func folded(_ id: String, _ title: String, _ content: String) -> String {
    """
    <details id="\(id)">
    <summary><h2>\(title)</h2></summary>
    \(content)
    </details>
    """
  }

  private var warningSection: String {
    guard !summary.warnings.isEmpty else { return "" }
    let items = summary.warnings.map { "<li>\(EscapedText.html($0))</li>" }
    return "<ul class=\"warnings\">\n\(items.joined(separator: "\n"))\n</ul>"
  }

  private var tablesSection: String {
    """
    <p class="note">Click on a heading to sort by it. All numbers are in \
    <code>summary.json</code> and <code>summary.csv</code>.</p>
    \(content.sections.map(tableSection).joined())
    """
  }

  private var definitionList: String {
    let items = content.definitions.map { "<li>\(EscapedText.html($0))</li>" }
    return "<ul>\n\(items.joined(separator: "\n"))\n</ul>"
  }

  /// Plots that the script draws; a page without scripts and a print have the figures instead.
  private var plotSection: String {
    guard plots != nil else { return "" }
    func plot(_ id: String) -> String {
      """
      <div class="bar" id="\(id)-methods" role="group" aria-label="Methods that are drawn"></div>
      <div class="plot" id="\(id)" role="slider" tabindex="0" aria-valuenow="1"></div>
      <p class="readout" id="\(id)-readout" aria-live="polite"></p>
      """
    }
    return """
      <section class="explore">
      <h2>Results bin by bin</h2>
      <div class="bar"><label>Show <select id="curve"></select></label>
      <label>against <select id="axis"></select></label></div>
      \(plot("curves"))
      <h2>Distributions</h2>
      <div class="bar"><label>Events by <select id="quantity"></select></label>
      <label>click lists events by <select id="of"></select></label></div>
      \(plot("histogram"))
      <h2>Events of a bin</h2>
      <p id="bin-title" role="status">Click into a plot: the events of the bin are listed here.</p>
      <p class="note" id="bin-note"></p>
      <textarea id="bin" rows="2" readonly aria-label="Commands that open these events"></textarea>
      </section>
      """
  }

  /// Figures that are shown where the plots are not.
  private static func isAnswer(_ figure: Figure) -> Bool {
    ["improvement", "shifts"].contains(figure.name) || figure.name.hasPrefix("resolution_energy_")
  }

  private func figureSections(_ drawings: [String], isAnswer: Bool) -> String {
    zip(figures, drawings).enumerated().filter { Self.isAnswer($0.element.0) == isAnswer }
      .map { number, entry in
        figureSection(number + 1, entry.0, entry.1, isAnswer ? " class=\"answer\"" : "")
      }.joined()
  }

  private func figuresSection(_ drawings: [String]) -> String {
    guard !figures.isEmpty else { return "" }
    return folded(
      "figures", "All figures",
      """
      <p class="note">The folder <code>figures/</code> holds each figure as PNG, SVG and PDF, with \
      its gnuplot script and its numbers.</p>
      \(figureSections(drawings, isAnswer: false))
      """)
  }

  private func figureSection(
    _ number: Int, _ figure: Figure, _ drawing: String, _ attributes: String
  ) -> String {
    """
    <figure\(attributes)>
    <div class="drawing">\(drawing)</div>
    <figcaption><b>Figure \(number). \(EscapedText.html(figure.title)).</b> \
    \(EscapedText.html(figure.caption)) \
    <a class="screen" href="figures/\(figure.name).pdf">PDF</a></figcaption>
    </figure>

    """
  }

  private func tableSection(_ section: (title: String, tables: [ResultTable])) -> String {
    "<h3>\(EscapedText.html(section.title))</h3>\n"
      + section.tables.map(\.html).joined(separator: "\n") + "\n"
  }

  private var provenanceSection: String {
    guard !summary.provenance.isEmpty else { return "" }
    let steps = summary.provenance.map { step in
      let inputs = step.inputs.map { "\($0.path)\($0.sha256.map { " (sha256 \($0))" } ?? "")" }
      let lines = [
        ("version", step.version), ("command", step.commandLine.joined(separator: " ")),
        ("inputs", inputs.joined(separator: ", ")), ("seed", step.seed.map { "\($0)" } ?? ""),
        (
          "settings",
          step.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(
            separator: ", ")
        ),
        ("host", step.host), ("time", "\(step.started) to \(step.finished)"),
      ].filter { !$0.1.isEmpty }
      return "<li><b>\(EscapedText.html(step.activity))</b><br>"
        + lines.map { "\($0.0): <code>\(EscapedText.html($0.1))</code>" }.joined(separator: "<br>")
        + "</li>"
    }
    return folded(
      "provenance", "Provenance",
      "<ol class=\"provenance\">\(steps.joined(separator: "\n"))</ol>")
  }
}

extension ResultTable {
  /// A table that a click on a heading sorts; without scripts it stands as it is.
  var html: String {
    func cell(_ cell: Cell, _ column: Int, _ tag: String) -> String {
      var attributes = ""
      var classes = column < textColumns ? ["text"] : []
      switch cell.tone {
      case .plain: break
      case .good: classes.append("good")
      case .bad: classes.append("bad")
      case .unclear: classes.append("unclear")
      }
      if !classes.isEmpty { attributes += " class=\"\(classes.joined(separator: " "))\"" }
      if tag == "td", let number = cell.number, number.isFinite {
        attributes += " data-v=\"\(rounded(number))\""
      }
      return "<\(tag)\(attributes)>\(EscapedText.html(cell.text))</\(tag)>"
    }
    func line(_ row: [Cell], _ tag: String) -> String {
      row.enumerated().map { cell($1, $0, tag) }.joined()
    }
    return """
      \(title.isEmpty ? "" : "<h4>\(EscapedText.html(title))</h4>\n")<div class="scroll"><table>
      <thead><tr>\(line(header.map { Cell($0) }, "th"))</tr></thead>
      <tbody>
      \(rows.map { "<tr>\(line($0, "td"))</tr>" }.joined(separator: "\n"))
      </tbody>
      </table></div>
      \(note.isEmpty ? "" : "<p class=\"note\">\(EscapedText.html(note))</p>")
      """
  }
}
