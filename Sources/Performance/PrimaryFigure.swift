internal import ShowerModel

extension FigureContext {
  /// Energy bias, energy width and angular error of every primary.
  func primaryFigure() -> Figure? {
    let subsets = EventSubset.Group.allCases.flatMap { comparison.subsets($0, along: .primary) }
    guard subsets.contains(where: { !$0.observables.isEmpty }) else { return nil }
    let panels: [(name: String, observable: String, label: String, statistic: Statistic)] = [
      ("bias", Observable.logEnergy.name, "median of ln(E_{rec}/E_{true})", .median),
      ("width", Observable.logEnergy.name, "ln E, 68 % half width", .width68),
      ("angle", Observable.spaceAngle.name, "space angle, 68 % [deg]", .width68),
    ]
    let tables = panels.map { panel in
      Figure.Table(
        name: panel.name, columns: "place, then value, low95, high95 of standard and corrected",
        rows: subsets.enumerated().map { place, subset in
          let comparison = subset.observable(panel.observable)
          let numbers = [
            comparison?.standard[panel.statistic] ?? .undefined,
            comparison?.corrected[panel.statistic] ?? .undefined,
          ]
          return [Double(place)] + numbers.flatMap { [$0.value, $0.low95, $0.high95] }
        })
    }
    let tics = subsets.enumerated().map { "'\($1.subset.label)' \($0)" }.joined(separator: ", ")
    let commands = zip(panels, tables).map { panel, table in
      """
      set ylabel '\(panel.label)'
      set yrange [\(panel.statistic == .median ? "*:*" : "0:*")]
      plot \(panel.statistic == .median ? "0 with lines lc rgb \"#444444\" lw 1 notitle, " : "")\\
        DATA index "\(table.name)" using ($1-0.1):2:3:4 with yerrorbars lc rgb standard pt 5 ps 1.1 lw 2 \
      title 'standard', \\
        DATA index "\(table.name)" using ($1+0.1):5:6:7 with yerrorbars lc rgb corrected pt 7 ps 1.1 lw 2 \
      title \(Figure.quoted(methodName))
      """
    }
    let events = subsets.map { "\($0.subset.label) \(text($0.eventCount))" }
    return Figure(
      name: "primaries", title: "Energy and direction by primary",
      caption: """
        Median and half width of the central 68 % of ln(E_rec/E_true), and 68 % containment of the \
        angle, for every primary (events: \(events.joined(separator: ", "))), same events for both \
        methods, cuts: \(comparison.cuts.explanation). \(bandText)
        """, width: 1080, height: 400,
      commands: """
        set multiplot layout 1,3 margins 0.07,0.99,0.09,0.85 spacing 0.078,0
        set xrange [-0.5:\(Double(subsets.count) - 0.5)]
        set xtics (\(tics))
        set key outside top center horizontal
        set errorbars small
        \(commands.joined(separator: "\n"))
        unset multiplot
        """, tables: tables)
  }
}
