internal import Performance
internal import ShowerModel

extension FigureContext {
  /// Δcos θ or ΔE/E against true energy, of the standard and the headline method.
  ///
  /// Median and central 68 % above, half width of the central 68 % below. These are the three
  /// figures of O. Kalashev, lecture 5, 16th Baksan School (2019).
  func lectureFigure(_ group: PrimaryGroup, _ observable: Observable) -> Figure? {
    let subsets = comparison.subsets(group, along: .energy)
    guard let whole = comparison.whole(group), subsets.contains(where: { !$0.quantities.isEmpty }),
      let place = comparison.methods.firstIndex(of: headline)
    else { return nil }
    let isZenith = observable.name == Observable.cosZenith.name
    let symbol = isZenith ? "Δcos θ" : "ΔE / E"
    let formula = isZenith ? "cos θ_rec - cos θ_true" : "(E_rec - E_true)/E_true"
    let spread = Figure.Table(
      name: "spread",
      columns: "centre, then median, q16, q84 of standard and \(headline.name), events",
      rows: subsets.map { subset in
        let (low, high) = (subset.subset.low ?? .nan, subset.subset.high ?? .nan)
        let quantiles = [0, place].flatMap { method -> [Double] in
          guard !subset.quantities.isEmpty else { return [.nan, .nan, .nan] }
          return centralRange(observable, method, subset)
        }
        return [(low + high) / 2] + quantiles + [Double(subset.eventCount)]
      })
    let widths = BinCurves("width", onlyHeadline, subsets, quantity: observable.name) {
      $0.summary.width68
    }
    let name = "lecture_\(observable.name)_\(group.rawValue)"
    return Figure(
      name: name,
      title: "\(symbol) against energy for \(group.rawValue), before and after",
      caption: """
        Top: median and central 68 % of \(symbol) = \(formula) in bins of true energy, by the \
        standard reconstruction and by \(methodName), on the same events: \(eventsText(whole)). \
        Bars go from the quantile 0.16 to 0.84 of the events. They are not errors of the median. \
        Points are shifted so that both can be seen. Bottom: half width of the central 68 %. \
        \(bandText)
        """, width: 760, height: 640,
      commands: """
        set multiplot
        set lmargin at screen 0.13
        set rmargin at screen 0.98
        set xrange [\(BinCurves.range(subsets))]
        set tmargin at screen 0.97
        set bmargin at screen 0.42
        set format x ''
        set key top right horizontal
        set ylabel '\(symbol)'
        set yrange \(Self.range(spread))
        set errorbars small
        plot 0 with lines lc rgb "#444444" lw 1 notitle, \\
          DATA index "spread" using ($1-0.02):2:3:4 with yerrorbars lc rgb standard pt 5 ps 0.9 lw \
        1.8 \
        title 'standard', \\
          DATA index "spread" using ($1+0.02):5:6:7 with yerrorbars lc rgb corrected pt 7 ps 0.9 \
        lw 1.8 \
        title \(EscapedText.gnuplot(methodName))
        set tmargin at screen 0.39
        set bmargin at screen 0.11
        set format x '%g'
        set xlabel '\(axisLabel(.energy))'
        set ylabel '68 % half width'
        set yrange \(widths.positiveRange)
        plot \(widths.plot(titled: false))
        unset multiplot
        """, tables: [spread, widths.table])
  }

  /// About all bars, with room for a legend.
  private static func range(_ spread: Figure.Table) -> String {
    let ends = spread.rows.flatMap { $0[1...6] }.filter(\.isFinite)
    let (low, high) = (min(ends.min() ?? 0, 0), max(ends.max() ?? 1e-9, 0))
    let size = max(high - low, 1e-9)
    return "[\(rounded(low - 0.06 * size)):\(rounded(high + 0.18 * size))]"
  }

  /// Median, q16 and q84 of the errors of a method in a bin of true energy.
  private func centralRange(_ observable: Observable, _ method: Int, _ subset: SubsetComparison)
    -> [Double]
  {
    let low = subset.subset.low ?? -.infinity
    let high = subset.subset.high ?? .infinity
    let events = sample.truths.indices.filter { event in
      let energy = sample.truths[event].logEnergy - Units.logEnergyOfEeV
      return PrimaryGroup(rawPrimary: sample.primary[event]) == subset.subset.group
        && energy >= low && energy < high
    }
    let errors = errors(observable.name, of: method, events)
    let sorted = SortedErrors(
      sorting: errors, weights: sample.weights.map { weights in events.map { weights[$0] } })
    return [sorted.quantile(0.5), sorted.quantile(0.16), sorted.quantile(0.84)]
  }

  /// The same figures with two methods only.
  private var onlyHeadline: FigureContext {
    FigureContext(sample: sample, comparison: comparison, drawsOthers: false)
  }
}
