import ShowerModel

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
        case .corrected: "\(methodName): "
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
        set label \(place + 1) \(Figure.quoted(numbers)) at \(bar.left),\(count - 1 - place) \
        \(isLong ? "right offset -0.8,0" : "left offset 0.8,0") front
        """
    }
    let tics = bars.enumerated().map { place, bar in
      "\(Figure.quoted(bar.label)) \(count - 1 - place)"
    }
    return Figure(
      name: "events", title: "Events lost, by reason",
      caption: """
        Events that remain after each reason to lose some, in the order in which they are asked: \
        failures of the standard reconstruction, quality cuts (on quantities of the standard \
        reconstruction alone), failures of \(methodName). What remains is compared: the same events \
        for both methods.
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
}
