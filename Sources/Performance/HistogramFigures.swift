internal import ShowerModel

/// A histogram of the errors of both methods, on the same bins.
struct ErrorHistogram: Sendable {
  let low: Double
  let width: Double
  private(set) var standard: [Int]
  private(set) var corrected: [Int]
  /// Events beyond the range.
  private(set) var standardOutside = 0
  private(set) var correctedOutside = 0

  /// Bins over the range that holds 99 % of the errors of the standard method.
  ///
  /// A signed error gets a range about zero, so that a bias is seen.
  init(_ before: [Double], _ after: [Double], isDistance: Bool, bins: Int = 50) {
    let sizes = before.map { abs($0) }.sorted()
    let limit = ErrorHistogram.roundLimit(max(quantile(sizes, 0.99), 1e-9))
    low = isDistance ? 0 : -limit
    width = (limit - low) / Double(bins)
    standard = [Int](repeating: 0, count: bins)
    corrected = standard
    standardOutside = Self.fill(&standard, before, low, width)
    correctedOutside = Self.fill(&corrected, after, low, width)
  }

  private static func fill(
    _ counts: inout [Int], _ values: [Double], _ low: Double, _ width: Double
  )
    -> Int
  {
    var outside = 0
    for value in values {
      let bin = ((value - low) / width).rounded(.down)
      if bin >= 0 && bin < Double(counts.count) { counts[Int(bin)] += 1 } else { outside += 1 }
    }
    return outside
  }

  /// The next number of the form 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten.
  static func roundLimit(_ value: Double) -> Double {
    var power = 1.0
    while power > value { power /= 10 }
    while power * 10 <= value { power *= 10 }
    return power * ([1, 1.5, 2, 3, 4, 5, 6, 8].first { $0 * power >= value } ?? 10)
  }

  /// Left edge, standard, corrected; closed by the last edge [bin].
  func table(_ name: String) -> Figure.Table {
    var rows = standard.indices.map { bin in
      [low + Double(bin) * width, Double(standard[bin]), Double(corrected[bin])]
    }
    rows.append([low + Double(standard.count) * width, 0, 0])
    return Figure.Table(name: name, columns: "low edge, events standard, corrected", rows: rows)
  }
}

extension FigureContext {
  /// Errors of both methods of one observable, in its unit.
  private func errors(_ observable: String, _ events: [Int]) -> ([Double], [Double])? {
    guard let number = Quantity.index(ofObservable: observable) else { return nil }
    let scale = Quantity.all[number].scale
    return (
      events.map { Double(sample.before[number][$0]) / scale },
      events.map { Double(sample.after[number][$0]) / scale }
    )
  }

  /// Commands and numbers of one panel.
  private func panel(
    _ observable: String, _ subset: SubsetComparison, _ events: [Int], axis: String
  )
    -> (commands: String, table: Figure.Table, outside: String)?
  {
    guard let comparison = subset.observable(observable),
      let (before, after) = errors(observable, events)
    else { return nil }
    let histogram = ErrorHistogram(before, after, isDistance: comparison.isDistance)
    let high = histogram.low + histogram.width * Double(histogram.standard.count)
    let peak = Double(max(histogram.standard.max() ?? 0, histogram.corrected.max() ?? 0))
    func legend(_ name: String, _ summary: ErrorSummary) -> String {
      let unit = comparison.unit == "1" ? "" : " \(comparison.unit)"
      let decimals = significantDecimals(comparison.corrected.width68.value)
      let width = text(summary.width68.value, decimals: decimals)
      if comparison.isDistance { return "\(name): 68 % within \(width)\(unit)" }
      return "\(name): \(text(summary.median.value, decimals: decimals)) ± \(width)\(unit)"
    }
    let table = histogram.table(observable)
    let unit = comparison.unit == "1" ? "" : " \(comparison.unit)"
    let commands = """
      set xlabel '\(axis)'
      set ylabel 'events per \(shortText(histogram.width))\(unit)'
      set xrange [\(rounded(histogram.low)):\(rounded(high))]
      set yrange [0:\(rounded(1.32 * max(peak, 1)))]
      plot DATA index "\(table.name)" using 1:2 with fillsteps lc rgb standard notitle, \\
        DATA index "\(table.name)" using 1:3 with fillsteps lc rgb corrected notitle, \\
        DATA index "\(table.name)" using 1:2 with steps lc rgb standard lw 2 \
      title \(Figure.quoted(legend("standard", comparison.standard))), \\
        DATA index "\(table.name)" using 1:3 with steps lc rgb corrected lw 2 \
      title \(Figure.quoted(legend(methodName, comparison.corrected)))
      """
    let share = Double(max(events.count, 1)) / 100
    let outside =
      "\(withSymbols(comparison.title)): "
      + "\(text(Double(histogram.standardOutside) / share, decimals: 1)) % of the standard and "
      + "\(text(Double(histogram.correctedOutside) / share, decimals: 1)) % of the corrected events"
    return (commands, table, outside)
  }

  /// Angular and energy error side by side.
  func improvementFigure() -> Figure? {
    guard let main = comparison.main else { return nil }
    let events = events(main.subset.group)
    guard
      let angle = panel(
        Observable.spaceAngle.name, main, events,
        axis: "angle between reconstructed and true direction [deg]"),
      let energy = panel(
        Observable.relativeEnergy.name, main, events, axis: "(E_{rec} - E_{true}) / E_{true}")
    else { return nil }
    return Figure(
      name: "improvement", title: "Direction and energy, standard against \(methodName)",
      caption: """
        Distributions of the angle between reconstructed and true direction, and of the relative error \
        of the energy, for the same events by both methods: \(eventsText(main)). In the legend the 68 % \
        containment of the angle, and median ± half width of the central 68 % of the energy error. \
        Outside the range: \(angle.outside); \(energy.outside).
        """, width: 1080, height: 430,
      commands: """
        set multiplot layout 1,2 margins 0.08,0.985,0.15,0.97 spacing 0.09,0
        \(angle.commands)
        \(energy.commands)
        unset multiplot
        """, tables: [angle.table, energy.table])
  }

  /// Angle, ln E, core and cos theta.
  func errorsFigure(_ group: EventSubset.Group) -> Figure? {
    guard let subset = comparison.whole(group) else { return nil }
    let events = events(group)
    let panels = [
      (Observable.spaceAngle.name, "space angle [deg]"),
      (Observable.logEnergy.name, "ln(E_{rec} / E_{true})"),
      (Observable.coreDistance.name, "core distance in the shower plane [m]"),
      (Observable.cosZenith.name, "cos θ_{rec} - cos θ_{true}"),
    ].compactMap { panel($0.0, subset, events, axis: $0.1) }
    guard panels.count == 4 else { return nil }
    return Figure(
      name: "errors_\(group.rawValue)", title: "Errors of \(group.rawValue)",
      caption: """
        Errors of both methods on the same events: \(eventsText(subset)). In the legends the 68 % \
        containment of distances, and median ± half width of the central 68 % of signed errors. \
        Outside the range: \(panels.map(\.outside).joined(separator: "; ")).
        """, width: 1080, height: 800,
      commands: """
        set multiplot layout 2,2 margins 0.08,0.985,0.085,0.985 spacing 0.09,0.11
        \(panels.map(\.commands).joined(separator: "\n"))
        unset multiplot
        """, tables: panels.map(\.table))
  }
}
