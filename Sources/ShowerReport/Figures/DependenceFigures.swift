internal import Performance
internal import ShowerModel

extension FigureContext {
  /// 68 % widths along an axis, with the ratios to the standard method below.
  func resolutionFigure(_ group: PrimaryGroup, along axis: EventSubset.Axis) -> Figure? {
    let panels = [
      (Observable.spaceAngle.name, "space angle, 68 % [deg]"),
      (Observable.logEnergy.name, "ln E, 68 % half width"),
      (Observable.coreDistance.name, "core distance, 68 % [m]"),
    ]
    let subsets = comparison.subsets(group, along: axis)
    guard let whole = comparison.whole(group), subsets.contains(where: { !$0.quantities.isEmpty })
    else { return nil }
    let widths = panels.map { name, _ in
      BinCurves(name, self, subsets, quantity: name) { $0.summary.width68 }
    }
    let ratios = panels.map { name, _ in
      BinCurves("\(name)_ratio", self, subsets, quantity: name, withoutStandard: true) {
        $0.gain.map { Estimate(ratioOf: $0.width68) }
      }
    }
    let upper = zip(panels, widths).map { panel, curves in
      """
      set ylabel '\(panel.1)'
      set yrange \(curves.positiveRange)
      plot \(curves.plot(titled: true))
      \(Self.endOfLegend)
      """
    }
    let lower = ratios.map { curves in
      """
      set ylabel 'ratio to standard'
      set yrange \(curves.ratioRange)
      plot 1 with lines lc rgb standard lw 1.2 notitle, \\
        \(curves.plot(titled: false))
      """
    }
    return Figure(
      name: "resolution_\(axis.rawValue)_\(group.rawValue)",
      title: "Resolution of \(group.rawValue) against \(axisName(axis))",
      caption: """
        Top: 68 % containment of angle and core distance, and half width of the central 68 % of \
        ln(E_rec/E_true), in bins of \(axisName(axis)). All methods have the same events: \
        \(eventsText(whole)). Bottom: the ratio to the standard reconstruction. Below 1 is a gain. \
        \(bandText)\
        \(edgeText(axis))
        """, width: 1180, height: 660,
      commands: """
        set multiplot layout 2,3 margins 0.06,0.985,0.1,0.935 spacing 0.072,0.045
        set xrange [\(BinCurves.range(subsets))]
        set format x ''
        \(legend(width: 1180, height: 660, dashes: dashes))
        \(upper.joined(separator: "\n"))
        set format x '%g'
        set xlabel '\(axisLabel(axis))'
        \(lower.joined(separator: "\n"))
        unset multiplot
        """, tables: widths.map(\.table) + ratios.map(\.table))
  }

  /// Medians along an axis, with the numbers of events below.
  func biasFigure(_ group: PrimaryGroup, along axis: EventSubset.Axis) -> Figure? {
    let panels = [
      (Observable.zenith.name, "median of θ_{rec} - θ_{true} [deg]"),
      (Observable.logEnergy.name, "median of ln(E_{rec}/E_{true})"),
      (Observable.cosZenith.name, "median of cos θ_{rec} - cos θ_{true}"),
    ]
    let subsets = comparison.subsets(group, along: axis)
    guard let whole = comparison.whole(group), subsets.contains(where: { !$0.quantities.isEmpty })
    else { return nil }
    let curves = panels.map { name, _ in
      BinCurves(name, self, subsets, quantity: name) { $0.summary.median }
    }
    let upper = zip(panels, curves).map { panel, curves in
      """
      set ylabel '\(panel.1)'
      set yrange \(curves.signedRange)
      plot 0 with lines lc rgb "#444444" lw 1 notitle, \\
        \(curves.plot(titled: true))
      \(Self.endOfLegend)
      """
    }
    let strip = """
      plot DATA index "counts" using (0.5*($1+$2)):3:(0.92*($2-$1)) with boxes lc rgb "#888888" \
      fs solid 0.5 notitle
      """
    return Figure(
      name: "bias_\(axis.rawValue)_\(group.rawValue)",
      title: "Bias of \(group.rawValue) against \(axisName(axis))",
      caption: """
        Top: median error of zenith angle, ln E and cos θ in bins of \(axisName(axis)). All \
        methods have the same events: \(eventsText(whole)). Bottom: events in the bins. \(bandText)\
        \(edgeText(axis))
        """, width: 1180, height: 580,
      commands: """
        set multiplot
        set xrange [\(BinCurves.range(subsets))]
        set tmargin at screen 0.935
        set bmargin at screen 0.36
        set format x ''
        \(legend(width: 1180, height: 580, dashes: dashes))
        \(placed(upper))
        set tmargin at screen 0.30
        set bmargin at screen 0.115
        set format x '%g'
        \(countAxis(subsets.map(\.eventCount).max() ?? 1))
        set ylabel 'events'
        set xlabel '\(axisLabel(axis))'
        \(placed([strip, strip, strip]))
        unset multiplot
        """, tables: curves.map(\.table) + [countTable(subsets)])
  }

  /// Explained variances beyond calibration along the energy.
  func explainedFigure(_ group: PrimaryGroup) -> Figure? {
    let subsets = comparison.subsets(group, along: .energy)
    guard let whole = comparison.whole(group), comparison.controlSource != nil,
      subsets.contains(where: { !$0.quantities.isEmpty })
    else { return nil }
    let panels = zip(
      Comparison.netQuantities, ["direction along θ", "direction across", "ln E"])
    let curves = panels.map { name, _ in
      BinCurves(name, self, subsets, quantity: name, withoutStandard: true) {
        $0.score?.netExplainedVariance
      }
    }
    let commands = zip(panels, curves).map { panel, curves in
      """
      set title '\(panel.1)'
      set yrange [\(rounded(max(min(curves.ends.min() ?? 0, 0) - 0.05, -1))):1]
      plot 0 with lines lc rgb "#444444" lw 1 notitle, \\
        \(curves.plot(titled: true))
      set ylabel ''
      \(Self.endOfLegend)
      """
    }
    return Figure(
      name: "explained_\(group.rawValue)",
      title: "What \(group.rawValue) gain beyond calibration, against true energy",
      caption: """
        EV_net = 1 - Var(y - ŷ)/Var(y - ŷ_cal) of the direction components and of ln E, in bins \
        of true energy: \(eventsText(whole)). The polynomial calibration leaves a part of the \
        variance. EV_net is the fraction of that part which the method explains. At zero the \
        method is no better than the calibration. \(bandText)
        """, width: 1180, height: 400,
      commands: """
        set multiplot layout 1,3 margins 0.06,0.985,0.15,0.855 spacing 0.05,0
        set xrange [\(BinCurves.range(subsets))]
        \(legend(width: 1180, height: 400, without: [.standard, .polynomial], dashes: dashes))
        set ylabel 'EV_{net}'
        set xlabel '\(axisLabel(.energy))'
        \(commands.joined(separator: "\n"))
        unset multiplot
        """, tables: curves.map(\.table))
  }

  func countTable(_ subsets: [SubsetComparison]) -> Figure.Table {
    Figure.Table(
      name: "counts", columns: "low, high, events",
      rows: zip(subsets, BinCurves.ends(subsets.map(\.subset))).map {
        [$1.low, $1.high, Double($0.eventCount)]
      })
  }

  /// Three panels in a row, each with its own left and right margin.
  private func placed(_ panels: [String]) -> String {
    zip(panels, [(0.065, 0.325), (0.4, 0.66), (0.735, 0.985)]).map { panel, margins in
      "set lmargin at screen \(margins.0)\nset rmargin at screen \(margins.1)\n\(panel)"
    }.joined(separator: "\n")
  }

  /// An axis of counts with about three tics up to the largest.
  func countAxis(_ largest: Int) -> String {
    var step = 1
    while largest / step > 4 {
      step *= largest / step > 40 ? 10 : (largest / step > 8 ? 5 : 2)
    }
    // 15k, but 1500.
    let format = step.isMultiple(of: 1000) ? "%.0s%c" : "%g"
    return "set format y '\(format)'\nset yrange [0:*]\nset ytics 0,\(step)"
  }
}

extension Estimate {
  /// 1 - gain.
  init(ratioOf gain: Estimate) {
    self.init(
      value: 1 - gain.value, low68: 1 - gain.high68, high68: 1 - gain.low68,
      low95: 1 - gain.high95, high95: 1 - gain.low95)
  }
}
