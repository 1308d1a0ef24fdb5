internal import Foundation
internal import ShowerModel

extension Report {
  /// The whole page, with everything it shows inside.
  func page(drawings: [String]) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(escaped(summary.title))</title>
    <style>
    \(ReportPage.style)
    </style>
    </head>
    <body>
    <main>
    <h1>\(escaped(summary.title))</h1>
    <p class="verdict">\(escaped(comparison.verdict(methodName: summary.method)))</p>
    \(improvementSection)
    \(photonNote)
    <h2>Figures</h2>
    <p class="note">Scripts and numbers of all figures are in the folder <code>figures/</code>.</p>
    \(zip(figures, drawings).enumerated().map { figureSection($0 + 1, $1.0, $1.1) }.joined())
    <h2>Tables</h2>
    \(EventSubset.Group.allCases.map(groupSection).joined())
    \(flowSection)
    \(definitionsSection)
    \(provenanceSection)
    </main>
    </body>
    </html>

    """
  }

  private var improvementSection: String {
    let rows = comparison.improvementRows.map { row in
      [row.label + (row.unit == "1" ? "" : " [\(row.unit)]")] + row.valueTexts
        + [row.gain?.percentText ?? ""]
    }
    guard let main = comparison.main, !rows.isEmpty else { return "" }
    return """
      <p>\(escaped(main.subset.group.rawValue.capitalized)): \(text(main.eventCount)) events of \
      \(text(main.showerCount)) showers (\(escaped(comparison.cuts.explanation))).</p>
      \(table(["quantity", "standard", summary.method, "gain (95 % interval)"], rows))
      \(scoreTable(main))
      """
  }

  private func scoreTable(_ subset: SubsetComparison) -> String {
    let rows = subset.residuals.compactMap { residual in
      residual.prediction.map {
        [
          withSymbols(residual.title), $0.explainedVariance.intervalText,
          $0.trimmedExplainedVariance.intervalText, $0.determination.intervalText,
          text(100 * residual.muchWorsenedFraction, decimals: 2) + " %",
        ]
      }
    }
    guard !rows.isEmpty else { return "" }
    return table(
      [
        "residual", "explained variance (95 %)", "without outer 1 %", "R2", "much worse",
      ], rows)
  }

  /// Photons are never part of the verdict on nuclei.
  private var photonNote: String {
    guard comparison.whole(.nuclei) != nil, let photons = comparison.whole(.photons) else {
      return ""
    }
    return """
      <p class="note">\(text(photons.eventCount)) photon events are shown apart: the standard energy \
      assumes nuclei, so that much of the photons’ energy error is trivial to correct.</p>
      """
  }

  private func figureSection(_ number: Int, _ figure: Figure, _ drawing: String) -> String {
    """
    <figure>
    <div class="drawing">\(drawing)</div>
    <figcaption><b>Figure \(number). \(escaped(figure.title)).</b> \(escaped(figure.caption))</figcaption>
    </figure>

    """
  }

  private func groupSection(_ group: EventSubset.Group) -> String {
    guard let whole = comparison.whole(group) else { return "" }
    let axes: [(EventSubset.Axis, String, String)] = [
      (.energy, "True energy", "log10(E/EeV)"), (.zenith, "True zenith", "zenith [deg]"),
      (.primary, "Primary", "primary"),
      (.fittedEnergy, "Energy of the standard reconstruction", "range"),
    ]
    return """
      <h3>\(group.rawValue.capitalized): all observables</h3>
      \(observableTable(whole))
      \(group == comparison.main?.subset.group ? "" : scoreTable(whole))
      \(axes.map { subsetTable(group, $0.0, title: $0.1, column: $0.2) }.joined())
      """
  }

  private func observableTable(_ subset: SubsetComparison) -> String {
    table(
      ["observable", "method", "median", "mean", "st. dev.", "rms", "68 % width", "95 % width"],
      subset.observables.flatMap { observable in
        [("standard", observable.standard), (summary.method, observable.corrected)].map {
          method, errors in
          [
            withSymbols(observable.title) + (observable.unit == "1" ? "" : " [\(observable.unit)]"),
            method,
          ]
            + Statistic.allCases.map { errors[$0].intervalText }
        }
      })
  }

  private func subsetTable(
    _ group: EventSubset.Group, _ axis: EventSubset.Axis, title: String, column: String
  ) -> String {
    let subsets = comparison.subsets(group, along: axis)
    guard !subsets.isEmpty else { return "" }
    let rows = subsets.map { subset in
      let angle = subset.observable(Observable.spaceAngle.name)
      let energy = subset.observable(Observable.logEnergy.name)
      let cosine = subset.observable(Observable.cosZenith.name)
      return [label(subset.subset), text(subset.eventCount)]
        + [angle?.standard.width68, angle?.corrected.width68].map { $0?.valueText ?? "–" }
        + [angle?.gain.width68.percentText ?? "–"]
        + [
          energy?.standard.median, energy?.corrected.median, energy?.standard.width68,
          energy?.corrected.width68,
        ].map { $0?.valueText ?? "–" } + [energy?.gain.width68.percentText ?? "–"]
        + [
          cosine?.standard.median, cosine?.corrected.median, cosine?.standard.width68,
          cosine?.corrected.width68,
        ].map { $0?.valueText ?? "–" }
        + Residual.all.map { residual in
          subset.residual(residual.name)?.prediction?.explainedVariance.valueText ?? "–"
        }
    }
    let header =
      [
        column, "events", "angle 68 % std [deg]", "corr.", "gain (95 %)", "ln E bias std", "corr.",
        "ln E width std", "corr.", "gain (95 %)", "Δcosθ bias std", "corr.", "Δcosθ width std",
        "corr.",
      ] + Residual.all.map { "EV \(withSymbols($0.title))" }
    let note =
      axis == .energy || axis == .zenith
      ? "<p class=\"note\">* distorted by the end of the simulated or selected range.</p>" : ""
    return
      "<h3>\(group.rawValue.capitalized): \(escaped(title))</h3>\n\(table(header, rows))\n\(note)\n"
  }

  private func label(_ subset: EventSubset) -> String {
    switch subset.axis {
    case .energy, .zenith:
      "\(subset.low ?? .nan) – \(subset.high ?? .nan)\(subset.isAtEdge ? " *" : "")"
    case .whole, .primary: subset.label
    case .fittedEnergy:
      subset.high.map { "\(subset.low ?? .nan) – \($0) EeV" } ?? "> \(subset.low ?? .nan) EeV"
    }
  }

  private var flowSection: String {
    let flow = comparison.flow
    let rows =
      [["all", "events read", text(flow.total)]]
      + flow.losses.filter { $0.count > 0 || $0.stage == .cut }.map {
        [$0.stage.rawValue, $0.explanation, text($0.count)]
      } + [["compared", "both methods, same events", text(flow.kept)]]
    return "<h3>Events</h3>\n\(table(["stage", "reason", "events"], rows, textColumns: 2))\n"
  }

  private var definitionsSection: String {
    let settings = comparison.settings
    return """
      <h2>Definitions</h2>
      <ul>
      <li>Both methods are compared on the same events. Cuts use the standard reconstruction alone.</li>
      <li>68 % width: half width of the central 68 %, (q84 − q16)/2; of space angle and core distance \
      the 68 % containment. 95 % width likewise.</li>
      <li>gain = 1 − corrected/standard.</li>
      <li>Explained variance EV = 1 − Var(y − ŷ)/Var(y), y = true − standard, ŷ = correction. \
      R2 = 1 − mean (y − ŷ)²/Var(y). Without outer 1 %: events with the largest |y − median y| left out.</li>
      <li>Much worse: the error grew by more than twice the standard 68 % width.</li>
      <li>Intervals: 95 % percentile intervals of \(settings.replicas) bootstrap replicas over parent \
      showers, seed \(settings.seed), both methods in the same replicas. \
      \(comparison.flow.kept == comparison.showerCount ? "Every event is its own shower." : "")</li>
      <li>A subset with fewer than \(settings.minimumEvents) events shows its count and no numbers (–).</li>
      </ul>
      """
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
      return "<li><b>\(escaped(step.activity))</b><br>"
        + lines.map { "\($0.0): <code>\(escaped($0.1))</code>" }.joined(separator: "<br>") + "</li>"
    }
    return "<h2>Provenance</h2>\n<ol class=\"provenance\">\(steps.joined(separator: "\n"))</ol>"
  }

  private func table(_ header: [String], _ rows: [[String]], textColumns: Int = 1) -> String {
    func cells(_ row: [String], _ tag: String) -> String {
      row.enumerated().map { column, cell in
        "<\(tag)\(column < textColumns ? " class=\"text\"" : "")>\(escaped(cell))</\(tag)>"
      }.joined()
    }
    return """
      <div class="scroll"><table>
      <thead><tr>\(cells(header, "th"))</tr></thead>
      <tbody>
      \(rows.map { "<tr>\(cells($0, "td"))</tr>" }.joined(separator: "\n"))
      </tbody>
      </table></div>
      """
  }
}

enum ReportPage {
  static let style = """
    :root { color-scheme: light; }
    body { margin: 0; background: #fff; color: #222; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
    main { max-width: 1120px; margin: 0 auto; padding: 1rem; }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; }
    h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; border-bottom: 1px solid #ddd; }
    h3 { font-size: 1.05rem; margin: 1.5rem 0 .4rem; }
    .verdict { font-size: 1.15rem; background: #eef4fa; border-left: 4px solid #0072b2; padding: .7rem 1rem; }
    .note, figcaption { color: #444; font-size: .9rem; }
    .scroll, .drawing { overflow-x: auto; }
    table { border-collapse: collapse; margin: .6rem 0 1rem; font-size: .85rem; font-variant-numeric: tabular-nums; }
    th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid #e4e4e4; white-space: nowrap; }
    th { vertical-align: bottom; white-space: normal; font-weight: 600; border-bottom: 2px solid #999; }
    .text { text-align: left; }
    tbody tr:hover { background: #f6f8fa; }
    figure { margin: 1.5rem 0 2rem; }
    .drawing svg { display: block; width: 100%; min-width: 680px; height: auto; }
    .drawing image { image-rendering: pixelated; }
    .provenance li { margin-bottom: .6rem; overflow-wrap: anywhere; }
    code { font-size: .85em; }
    @media (max-width: 600px) { th, td { white-space: normal; padding: .2rem .35rem; } \
    table { font-size: .75rem; } td { min-width: 3.2rem; } }
    @media print { .scroll, .drawing { overflow: visible; } figure { break-inside: avoid; } \
    .drawing svg { min-width: 0; } table { font-size: .6rem; } }
    """
}

/// Text of a user as HTML shows it.
func escaped(_ text: String) -> String {
  text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    .replacing("\"", with: "&quot;")
}

/// A drawing of gnuplot as a part of a page: without XML head, with names of its own.
func inlineDrawing(_ svg: String, name: String, title: String) -> String {
  guard let start = svg.range(of: "<svg") else { return "" }
  return String(svg[start.lowerBound...])
    .replacing(" xmlns=\"http://www.w3.org/2000/svg\"", with: "")
    .replacing(" xmlns:xlink=\"http://www.w3.org/1999/xlink\"", with: "")
    .replacing("xlink:href", with: "href")
    .replacing("id='gp", with: "id='\(name)-gp").replacing("href='#gp", with: "href='#\(name)-gp")
    .replacing("id=\"gp", with: "id=\"\(name)-gp").replacing("url(#gp", with: "url(#\(name)-gp")
    .replacing(
      "<svg", with: "<svg role=\"img\" aria-label=\"\(escaped(title))\"", maxReplacements: 1)
}
