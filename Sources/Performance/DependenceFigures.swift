internal import ShowerModel

extension FigureContext {
  /// 68 % widths along an axis, with the ratio of both methods below.
  func resolutionFigure(_ group: EventSubset.Group, along axis: EventSubset.Axis) -> Figure? {
    let panels = [
      (Observable.spaceAngle.name, "space angle, 68 % [deg]"),
      (Observable.logEnergy.name, "ln E, 68 % half width"),
      (Observable.coreDistance.name, "core distance, 68 % [m]"),
    ]
    let subsets = comparison.subsets(group, along: axis)
    guard let whole = comparison.whole(group), subsets.contains(where: { !$0.observables.isEmpty })
    else { return nil }
    let tables = panels.map { name, _ in
      table(name, subsets) { comparison in
        [comparison.standard.width68, comparison.corrected.width68, comparison.gain.width68]
      }
    }
    let upper = zip(panels, tables).map { panel, table in
      """
      set ylabel '\(panel.1)'
      set yrange [0:\(rounded(1.3 * highest(table)))]
      plot \(bands(table.name))
      """
    }
    let lower = tables.map { table in
      """
      set ylabel 'corrected / standard'
      set yrange \(ratioRange(table))
      plot 1 with lines lc rgb standard lw 1.2 notitle, \\
        DATA index "\(table.name)" using 2:(1-$13):(1-$14) with filledcurves lc rgb corrected \
      fs transparent solid 0.22 notitle, \\
        DATA index "\(table.name)" using 2:(1-$12) with linespoints lc rgb corrected pt 7 ps 0.7 lw 1.6 \
      notitle
      """
    }
    return Figure(
      name: "resolution_\(axis.rawValue)_\(group.rawValue)",
      title: "Resolution of \(group.rawValue) against true \(axisName(axis))",
      caption: """
        Top: 68 % containment of angle and core distance and half width of the central 68 % of \
        ln(E_rec/E_true) in bins of true \(axisName(axis)), of both methods on the same events: \
        \(eventsText(whole)). Bottom: corrected over standard, below 1 is a gain. \(bandText)\
        \(edgeText(axis))
        """, width: 1180, height: 640,
      commands: """
        set multiplot layout 2,3 margins 0.06,0.99,0.105,0.97 spacing 0.068,0.045
        set xrange [\(range(subsets))]
        set format x ''
        set key top right
        \(upper.joined(separator: "\n"))
        set format x '%g'
        set xlabel \(axisLabel(axis))
        \(lower.joined(separator: "\n"))
        unset multiplot
        """, tables: tables)
  }

  /// Medians along an axis, with the numbers of events below.
  func biasFigure(_ group: EventSubset.Group, along axis: EventSubset.Axis) -> Figure? {
    let panels = [
      (Observable.zenith.name, "median of θ_{rec} - θ_{true} [deg]"),
      (Observable.logEnergy.name, "median of ln(E_{rec}/E_{true})"),
      (Observable.cosZenith.name, "median of cos θ_{rec} - cos θ_{true}"),
    ]
    let subsets = comparison.subsets(group, along: axis)
    guard let whole = comparison.whole(group), subsets.contains(where: { !$0.observables.isEmpty })
    else { return nil }
    let tables = panels.map { name, _ in
      table(name, subsets) { [$0.standard.median, $0.corrected.median, $0.medianShift] }
    }
    let counts = Figure.Table(
      name: "counts", columns: "low, high, events",
      rows: subsets.map {
        [$0.subset.low ?? .nan, $0.subset.high ?? .nan, Double($0.eventCount)]
      })
    let upper = zip(panels, tables).map { panel, table in
      """
      set ylabel '\(panel.1)'
      set yrange \(signedRange(table))
      plot 0 with lines lc rgb "#444444" lw 1 notitle, \\
        \(bands(table.name))
      """
    }
    let strip = """
      plot DATA index "counts" using (0.5*($1+$2)):3:(0.92*($2-$1)) with boxes lc rgb "#888888" \
      fs solid 0.5 notitle
      """
    return Figure(
      name: "bias_\(axis.rawValue)_\(group.rawValue)",
      title: "Bias of \(group.rawValue) against true \(axisName(axis))",
      caption: """
        Top: median error of zenith angle, ln E and cos θ in bins of true \(axisName(axis)), of both \
        methods on the same events: \(eventsText(whole)). Bottom: events in the bins. \(bandText)\
        \(edgeText(axis))
        """, width: 1180, height: 560,
      commands: """
        set multiplot
        set xrange [\(range(subsets))]
        set tmargin at screen 0.97
        set bmargin at screen 0.36
        set format x ''
        set key top right
        \(placed(upper))
        set tmargin at screen 0.30
        set bmargin at screen 0.115
        set format x '%g'
        set format y '%.0s%c'
        set yrange [0:*]
        set ytics 0,\(countStep(subsets))
        set ylabel 'events'
        set xlabel \(axisLabel(axis))
        \(placed([strip, strip, strip]))
        unset multiplot
        """, tables: tables + [counts])
  }

  /// The upper end of the bands.
  private func highest(_ table: Figure.Table) -> Double {
    table.rows.flatMap { [$0[5], $0[9]] }.filter(\.isFinite).max() ?? 1
  }

  /// About zero and all bands, with room for the legend above.
  private func signedRange(_ table: Figure.Table) -> String {
    let ends = table.rows.flatMap { [$0[4], $0[5], $0[8], $0[9]] }.filter(\.isFinite)
    let (low, high) = (min(ends.min() ?? 0, 0), max(ends.max() ?? 1, 0))
    let size = max(high - low, 1e-9)
    return "[\(rounded(low - 0.08 * size)):\(rounded(high + 0.32 * size))]"
  }

  /// About 1 and all ratios.
  private func ratioRange(_ table: Figure.Table) -> String {
    let ratios = table.rows.flatMap { [1 - $0[13], 1 - $0[14]] }.filter(\.isFinite)
    let low = max(min((ratios.min() ?? 0.5) - 0.08, 0.75), 0)
    let high = max((ratios.max() ?? 1) + 0.05, 1.08)
    return "[\(text(low, decimals: 1)):\(text(high, decimals: 2))]"
  }

  /// Three panels in a row, each with its own left and right margin.
  private func placed(_ panels: [String]) -> String {
    zip(panels, [(0.065, 0.325), (0.4, 0.66), (0.735, 0.99)]).map { panel, margins in
      "set lmargin at screen \(margins.0)\nset rmargin at screen \(margins.1)\n\(panel)"
    }.joined(separator: "\n")
  }

  /// A step for about three tics up to the largest count.
  private func countStep(_ subsets: [SubsetComparison]) -> Int {
    let largest = subsets.map(\.eventCount).max() ?? 1
    var step = 1
    while largest / step > 4 {
      step *= largest / step > 40 ? 10 : (largest / step > 8 ? 5 : 2)
    }
    return step
  }

  /// Bands, lines and points of both methods.
  private func bands(_ table: String) -> String {
    """
    DATA index "\(table)" using 2:5:6 with filledcurves lc rgb standard fs transparent solid 0.22 notitle, \\
      DATA index "\(table)" using 2:9:10 with filledcurves lc rgb corrected fs transparent solid 0.22 notitle, \\
      DATA index "\(table)" using 2:4 with linespoints lc rgb standard pt 5 ps 0.7 lw 1.6 \
    title 'standard', \\
      DATA index "\(table)" using 2:8 with linespoints lc rgb corrected pt 7 ps 0.7 lw 1.6 \
    title \(Figure.quoted(methodName))
    """
  }

  /// Bin and three estimates: low, centre, high, then value, low95, high95, low68 of each.
  private func table(
    _ observable: String, _ subsets: [SubsetComparison],
    _ estimates: (ErrorComparison) -> [Estimate]
  ) -> Figure.Table {
    Figure.Table(
      name: observable,
      columns: "low edge, centre, high edge, then value, low95, high95, low68 of each: "
        + "standard, corrected, gain or shift",
      rows: subsets.map { subset in
        let (low, high) = (subset.subset.low ?? .nan, subset.subset.high ?? .nan)
        let numbers =
          subset.observable(observable).map(estimates)
          ?? [Estimate](repeating: .undefined, count: 3)
        return [low, (low + high) / 2, high]
          + numbers.flatMap { [$0.value, $0.low95, $0.high95, $0.low68] }
      })
  }

  private func range(_ subsets: [SubsetComparison]) -> String {
    "\(subsets.first?.subset.low ?? 0):\(subsets.last?.subset.high ?? 1)"
  }

  private func axisName(_ axis: EventSubset.Axis) -> String {
    axis == .zenith ? "zenith" : "energy"
  }

  private func axisLabel(_ axis: EventSubset.Axis) -> String {
    axis == .zenith ? "'true zenith θ [deg]'" : "'log_{10}(E_{true} / EeV)'"
  }

  private func edgeText(_ axis: EventSubset.Axis) -> String {
    axis == .energy
      ? " The first and the last bin touch the ends of the simulated energies, where events can be "
        + "misplaced to one side only: do not quote them."
      : " The last bin is shaped by the cut on the fitted zenith."
  }
}
