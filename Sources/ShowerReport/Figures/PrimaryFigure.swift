internal import Performance
internal import ShowerModel

extension FigureContext {
  /// Energy bias, energy width and angular error of every primary.
  func primaryFigure() -> Figure? {
    let subsets = PrimaryGroup.allCases.flatMap { comparison.subsets($0, along: .primary) }
    guard subsets.contains(where: { !$0.quantities.isEmpty }) else { return nil }
    let panels: [(name: String, observable: String, label: String, statistic: Statistic)] = [
      ("bias", Observable.logEnergy.name, "median of ln(E_{rec}/E_{true})", .median),
      ("width", Observable.logEnergy.name, "ln E, 68 % half width", .width68),
      ("angle", Observable.spaceAngle.name, "space angle, 68 % [deg]", .width68),
    ]
    let events = subsets.map { "\($0.subset.label) \(text($0.eventCount))" }
    return categoryFigure(
      name: "primaries", title: "Energy and direction by primary",
      caption: """
        Median and half width of the central 68 % of ln(E_rec/E_true), and 68 % containment of the \
        angle, for every primary (events: \(events.joined(separator: ", "))). All methods have the \
        same events. \(bandText)
        """, categories: subsets.map(\.subset.label),
      panels: panels.map { panel in
        (
          panel.name, panel.label, panel.statistic == .median,
          subsets.map { subset in
            drawnMethods.map { subset[panel.observable]?[$0.method.name]?.summary[panel.statistic] }
          }
        )
      })
  }

  /// The gain of every method over the standard one.
  func ladderFigure() -> Figure? {
    guard let main = comparison.main, !main.quantities.isEmpty, comparison.methods.count > 2 else {
      return nil
    }
    let methods = comparison.methods.dropFirst()
    let panels: [(name: String, quantity: String, statistic: Statistic, label: String)] = [
      ("angle", Observable.spaceAngle.name, .width68, "angle, 68 %: gain [%]"),
      ("energy", Observable.logEnergy.name, .standardDeviation, "sd ln E: gain [%]"),
      ("core", Observable.coreDistance.name, .width68, "core, 68 %: gain [%]"),
    ]
    let tables = panels.map { panel in
      Figure.Table(
        name: panel.name, columns: "place, then gain, low95, high95 in percent",
        rows: methods.enumerated().map { place, method in
          let gain = main[panel.quantity]?[method.name]?.gain?[panel.statistic] ?? .undefined
          return [Double(methods.count - 1 - place)]
            + [gain.value, gain.low95, gain.high95].map { 100 * $0 }
        })
    }
    let places = methods.enumerated().map { ($1.name, methods.count - 1 - $0) }
    let named = places.map { "\(EscapedText.gnuplot($0.0)) \($0.1)" }.joined(separator: ", ")
    let nameless = places.map { "'' \($0.1)" }.joined(separator: ", ")
    let commands = zip(panels, tables).enumerated().map { number, entry in
      let (panel, table) = entry
      let ends = table.rows.flatMap { $0[1...3] }.filter(\.isFinite)
      let (low, high) = (min(ends.min() ?? 0, 0), max(ends.max() ?? 1, 0))
      let margin = 0.06 * max(high - low, 1e-9)
      return """
        set xlabel '\(panel.label)'
        set xrange [\(rounded(low - margin)):\(rounded(high + margin))]
        set ytics (\(number == 0 ? named : nameless))
        plot DATA index "\(table.name)" using 2:1:3:4 with xerrorbars lc rgb corrected pt 7 ps 1.1 \
        lw 2 notitle
        """
    }
    return Figure(
      name: "ladder", title: "Gain of each method",
      caption: """
        Gain of each method, 1 - width/(width of the standard reconstruction), from the least to \
        the largest: \(eventsText(main)). \
        \(methods.map { "\($0.name): \($0.explanation)" }.joined(separator: "; ")). \(bandText)
        """, width: 1080, height: 120 + 44 * methods.count,
      commands: """
        set multiplot layout 1,3 margins \
        0.13,0.985,\(rounded(70 / Double(120 + 44 * methods.count))),0.96 spacing 0.035,0
        set yrange [-0.6:\(Double(methods.count) - 0.4)]
        set errorbars small
        set arrow from 0,graph 0 to 0,graph 1 nohead lc rgb "#888888" lw 1
        \(commands.joined(separator: "\n"))
        unset multiplot
        """, tables: tables)
  }

  /// Points with bars of all drawn methods, side by side in every category.
  private func categoryFigure(
    name: String, title: String, caption: String, categories: [String],
    panels: [(name: String, label: String, isSigned: Bool, estimates: [[Estimate?]])]
  ) -> Figure {
    let methods = drawnMethods
    let tables = panels.map { panel in
      Figure.Table(
        name: panel.name,
        columns: "place, then value, low95, high95 of "
          + methods.map(\.method.name).joined(separator: ", "),
        rows: panel.estimates.enumerated().map { place, estimates in
          [Double(place)]
            + estimates.map { $0 ?? .undefined }.flatMap { [$0.value, $0.low95, $0.high95] }
        })
    }
    let tics = categories.enumerated().map { "\(EscapedText.gnuplot($1)) \($0)" }.joined(
      separator: ", ")
    let step = 0.7 / Double(max(methods.count, 2))
    let commands = zip(panels, tables).map { panel, table in
      let points = methods.enumerated().map { number, entry in
        let shift = step * (Double(number) - Double(methods.count - 1) / 2)
        let column = 2 + 3 * number
        return """
          DATA index "\(table.name)" using \
          ($1+(\(rounded(shift)))):\(column):\(column + 1):\(column + 2) \
          with yerrorbars lc rgb \(entry.colour) pt \(entry.method.kind == .standard ? 5 : 7) ps 1 \
          lw 1.8 \
          title \(EscapedText.gnuplot(entry.method.name))
          """
      }
      return """
        set ylabel '\(panel.label)'
        set yrange [\(panel.isSigned ? "*:*" : "0:*")]
        plot \(panel.isSigned ? "0 with lines lc rgb \"#444444\" lw 1 notitle, " : "")\\
          \(points.joined(separator: ", \\\n  "))
        \(Self.endOfLegend)
        """
    }
    return Figure(
      name: name, title: title, caption: caption, width: 1080, height: 420,
      commands: """
        set multiplot layout 1,3 margins 0.07,0.985,0.09,0.91 spacing 0.078,0
        set xrange [-0.5:\(Double(categories.count) - 0.5)]
        set xtics (\(tics))
        \(legend(width: 1080, height: 420))
        set errorbars small
        \(commands.joined(separator: "\n"))
        unset multiplot
        """, tables: tables)
  }
}
