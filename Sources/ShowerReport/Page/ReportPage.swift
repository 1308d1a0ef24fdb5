internal import Foundation
internal import Performance
internal import ShowerModel

extension Report {
  /// The whole page, with everything it shows inside.
  func page(drawings: [String]) -> String {
    let notes = content.headNotes.map { "<p class=\"note\">\(EscapedText.html($0))</p>" }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(ReportPage.policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(EscapedText.html(summary.title))</title>
      <style>
      \(ReportPage.style)
      </style>
      </head>
      <body>
      <main>
      <h1>\(EscapedText.html(summary.title))</h1>
      \(content.notice.map { "<p class=\"notice\">\(EscapedText.html($0))</p>" } ?? "")
      <p class="verdict">\(EscapedText.html(summary.verdict))</p>
      \(warningSection)
      <p>\(EscapedText.html(content.head))</p>
      \(content.headTables.map(\.html).joined(separator: "\n"))
      \(notes.joined(separator: "\n"))
      <nav>\(figures.isEmpty ? "" : "<a href=\"#figures\">Figures</a> ")\
      <a href="#tables">Tables</a> \
      <a href="#definitions">Definitions</a> <a href="#provenance">Provenance</a></nav>
      \(figuresSection(drawings))
      <h2 id="tables">Tables</h2>
      <p class="note">Click on a heading to sort by it. All numbers are in \
      <code>summary.json</code> and <code>summary.csv</code>.</p>
      \(content.sections.map(tableSection).joined())
      <h2 id="definitions">Definitions</h2>
      <ul>
      \(content.definitions.map { "<li>\(EscapedText.html($0))</li>" }.joined(separator: "\n"))
      </ul>
      \(provenanceSection)
      </main>
      <script>\(ReportPage.sorting)</script>
      </body>
      </html>

      """
  }

  private var warningSection: String {
    guard !summary.warnings.isEmpty else { return "" }
    let items = summary.warnings.map { "<li>\(EscapedText.html($0))</li>" }
    return "<ul class=\"warnings\">\n\(items.joined(separator: "\n"))\n</ul>"
  }

  private func figuresSection(_ drawings: [String]) -> String {
    guard !figures.isEmpty else { return "" }
    return """
      <h2 id="figures">Figures</h2>
      <p class="note">The folder <code>figures/</code> holds each figure as PNG, SVG and PDF, with \
      its gnuplot script and its numbers.</p>
      \(zip(figures, drawings).enumerated().map { figureSection($0 + 1, $1.0, $1.1) }.joined())
      """
  }

  private func figureSection(_ number: Int, _ figure: Figure, _ drawing: String) -> String {
    """
    <figure>
    <div class="drawing">\(drawing)</div>
    <figcaption><b>Figure \(number). \(EscapedText.html(figure.title)).</b> \
    \(EscapedText.html(figure.caption))</figcaption>
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
    return
      "<h2 id=\"provenance\">Provenance</h2>\n<ol "
      + "class=\"provenance\">\(steps.joined(separator: "\n"))</ol>"
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

enum ReportPage {
  static let style = """
    :root { color-scheme: light; }
    body { margin: 0; background: #fff; color: #222; font: 16px/1.5 system-ui, "DejaVu Sans", \
    sans-serif; }
    main { max-width: 1120px; margin: 0 auto; padding: 1rem; }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; overflow-wrap: anywhere; }
    h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #ddd; }
    h3 { font-size: 1.1rem; margin: 1.5rem 0 .4rem; }
    h4 { font-size: .95rem; margin: 1.2rem 0 .2rem; }
    nav { margin: 1rem 0; }
    nav a { color: #0072b2; margin-right: 1rem; }
    .verdict { font-size: 1.15rem; background: #eef4fa; border-left: 4px solid #0072b2; padding: \
    .7rem 1rem; \
    overflow-wrap: anywhere; }
    .notice { font-weight: 700; background: #fdf0e0; border: 2px solid #d55e00; padding: .6rem \
    1rem; }
    .warnings { background: #fdf6ec; border-left: 4px solid #e69f00; padding: .6rem 1rem .6rem \
    2rem; margin: 1rem 0; \
    font-size: .9rem; overflow-wrap: anywhere; }
    .note, figcaption { color: #444; font-size: .9rem; overflow-wrap: anywhere; }
    .scroll, .drawing { overflow-x: auto; }
    table { border-collapse: collapse; margin: .4rem 0 .6rem; font-size: .85rem; \
    font-variant-numeric: tabular-nums; }
    th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid #e4e4e4; \
    white-space: nowrap; }
    th { vertical-align: bottom; white-space: normal; font-weight: 600; border-bottom: 2px solid \
    #999; }
    .sortable th { cursor: pointer; }
    th[aria-sort]::after { content: " ▲"; font-size: .7em; }
    th[aria-sort="descending"]::after { content: " ▼"; }
    .text { text-align: left; }
    .good { color: #00694b; }
    .bad { color: #b3261e; }
    .unclear { color: #666; }
    tbody tr:hover { background: #f6f8fa; }
    figure { margin: 1.5rem 0 2rem; }
    .drawing svg { display: block; width: 100%; min-width: 680px; height: auto; }
    .drawing image { image-rendering: pixelated; }
    .provenance li { margin-bottom: .6rem; overflow-wrap: anywhere; }
    code { font-size: .85em; overflow-wrap: anywhere; }
    @media (max-width: 600px) { th, td { white-space: normal; padding: .2rem .35rem; } \
    table { font-size: .75rem; } td { min-width: 3.2rem; } }
    @page { size: A4; margin: 12mm; }
    @media print { main { max-width: none; padding: 0; } body { font-size: 10pt; } nav { display: \
    none; } \
    .scroll, .drawing { overflow: visible; } figure { break-inside: avoid; margin: .6rem 0; } \
    .drawing svg { min-width: 0; max-height: 225mm; } h2, h3, h4 { break-after: avoid; } tr { \
    break-inside: avoid; } \
    table { font-size: 6.5pt; width: 100%; } th, td { padding: .1rem .25rem; white-space: normal; \
    } }
    """

  /// The rights of the page in a browser: it shows what it holds and runs its own sorting script.
  ///
  /// The script is identified by its SHA-256. No other script and no attribute such as onclick
  /// runs, and nothing is loaded. Styles are those of page and drawings.
  static let policy =
    "default-src 'none'; script-src 'sha256-TrMtizaQT/RwbNT0LVEMn/O+ie0nR8I1QQV+euVHsm0='; "
    + "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

  /// Sorts the rows of a table by the column of a clicked heading, by `data-v` where cells have it.
  static let sorting = """
    for (const table of document.querySelectorAll("table")) {
      table.classList.add("sortable");
      const body = table.tBodies[0];
      table.tHead.rows[0].querySelectorAll("th").forEach((heading, column) => {
        heading.addEventListener("click", () => {
          const falling = heading.getAttribute("aria-sort") === "ascending";
          table.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
          heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
          const key = row => { const cell = row.cells[column];
            return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v); };
          const rows = Array.from(body.rows);
          rows.sort((a, b) => { const x = key(a), y = key(b);
            if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
            const order = typeof x === "number" ? x - y : x.localeCompare(y);
            return falling ? -order : order; });
          rows.forEach(row => body.appendChild(row));
        });
      });
    }
    """
}
