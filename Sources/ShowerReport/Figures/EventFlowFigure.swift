internal import Performance
internal import ShowerModel

extension FigureContext {
  /// How many events are left after every reason to lose some.
  func eventFlowFigure() -> Figure? {
    let flow = comparison.flow
    guard flow.total > 0 else { return nil }
    var left = flow.total
    var bars: [(label: String, left: Int, lost: Int)] = [("all events", left, 0)]
    for loss in flow.losses where loss.count > 0 || loss.stage == .cut {
      left -= loss.count
      let stage =
        switch loss.stage {
        case .standard: "standard: "
        case .cut: "cut: "
        case .corrected: ""
        case .undefined: ""
        }
      bars.append((stage + loss.explanation, left, loss.count))
    }
    let count = bars.count
    let longest = bars.map(\.label.count).max() ?? 0
    // A letter takes about 6.8 pixels.
    let margin = min((6.8 * Double(longest) + 25) / 1080, 0.65)
    let labels = bars.enumerated().map { place, bar in
      let numbers =
        place == 0 ? text(bar.left) : "\(text(bar.left)) left, \(text(bar.lost)) lost"
      // A bar that leaves no room beside it holds its number.
      let isLong = Double(bar.left) > 0.7 * Double(flow.total)
      return """
        set label \(place + 1) \(EscapedText.gnuplot(numbers)) at \(bar.left),\(count - 1 - place) \
        \(isLong ? "right offset -0.8,0" : "left offset 0.8,0") front
        """
    }
    let tics = bars.enumerated().map { place, bar in
      "\(EscapedText.gnuplot(bar.label)) \(count - 1 - place)"
    }
    return Figure(
      name: "events", title: "Events left after each step",
      caption: """
        Events that remain after each step. The steps are, in this order: failures of the standard \
        reconstruction, quality cuts (on quantities of the standard reconstruction only), failures \
        of other methods. The comparison uses the events that remain, the same for all methods.
        """, width: 1080, height: 90 + 34 * count,
      commands: """
        set lmargin at screen \(rounded(margin))
        set rmargin at screen 0.97
        set xlabel 'events'
        set xrange [0:\(flow.total)]
        set yrange [-0.6:\(Double(count) - 0.4)]
        set ytics (\(tics.joined(separator: ", ")))
        set format x '%.0s%c'
        unset key
        set boxwidth 0.7
        \(labels.joined(separator: "\n"))
        plot DATA index "flow" using (0.5*$2):1:(0.5*$2):(0.36) with boxxyerror lc rgb corrected \
        fs solid 0.35 noborder
        """,
      tables: [
        Figure.Table(
          name: "flow", columns: "place, events left, events lost",
          rows: bars.enumerated().map { place, bar in
            [Double(count - 1 - place), Double(bar.left), Double(bar.lost)]
          })
      ])
  }

  /// Parts of the events that are reconstructed, selected and compared, against true energy.
  func efficiencyFigure() -> Figure? {
    let rows = sample.efficiency.rows
    guard let first = rows.first?[0], let last = rows.last?[0] else { return nil }
    let curves = [
      ("reconstructed", "standard"), ("selected by the cuts", "other1"), ("compared", "corrected"),
    ]
    let lines = curves.enumerated().map { number, curve in
      let column = 2 + 2 * number
      return """
        DATA index "efficiency" using 1:\(column):\(column + 1) with yerrorbars lc rgb \(curve.1) \
        pt \(5 + number) ps \(number == 1 ? 1.5 : 0.7) \
        lw 1.4 title '\(curve.0)', DATA index "efficiency" using 1:\(column) with lines lc rgb \
        \(curve.1) lw 1 notitle
        """
    }
    let half = EventEfficiency.width / 2
    return Figure(
      name: "efficiency", title: "Efficiency against true energy",
      caption: """
        Fraction of the events in the file, in bins of true energy. The three curves are events \
        with a standard reconstruction, events that pass the cuts, and events with a result of all \
        methods. The file holds \
        \(text(comparison.flow.total)) triggered events, photons included. Bars are binomial \
        standard errors. Below: events of the file.
        """, width: 760, height: 520,
      commands: """
        set multiplot
        set lmargin at screen 0.1
        set rmargin at screen 0.98
        set xrange [\(rounded(first - half)):\(rounded(last + half))]
        set tmargin at screen 0.97
        set bmargin at screen 0.34
        set format x ''
        set yrange [0:1.05]
        set ylabel 'part of the events'
        set key bottom right
        set errorbars small
        plot \(lines.joined(separator: ", \\\n  "))
        set tmargin at screen 0.3
        set bmargin at screen 0.12
        set format x '%g'
        \(countAxis(sample.efficiency.seen.max() ?? 1))
        set xlabel '\(axisLabel(.energy))'
        set ylabel 'events'
        plot DATA index "efficiency" using 1:8:(\(0.92 * EventEfficiency.width)) with boxes lc rgb \
        "#888888" fs solid 0.5 notitle
        unset multiplot
        """,
      tables: [
        Figure.Table(
          name: "efficiency",
          columns: "centre, then fraction and error of reconstructed, selected, compared; events",
          rows: rows)
      ])
  }
}
