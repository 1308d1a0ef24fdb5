internal import Glibc
internal import Performance
internal import ShowerModel

/// A histogram of the errors of several methods, on the same bins.
struct ErrorHistogram: Sendable {
  let low: Double
  let width: Double
  let binCount: Int
  /// [method][bin]
  private(set) var counts: [[Double]] = []
  /// Weight of the events below and above the range [method].
  private(set) var below: [Double] = []
  private(set) var above: [Double] = []

  /// Bins over the range that holds 99 % of the errors of the first method.
  ///
  /// A signed error gets a range about zero, so that a bias is seen.
  init(_ columns: [[Double]], weights: [Double]?, isDistance: Bool, bins: Int = 50) {
    let sizes = (columns.first ?? []).filter(\.isFinite).map { abs($0) }
    let limit = ErrorHistogram.roundLimit(max(SortedErrors(sorting: sizes).quantile(0.99), 1e-9))
    self.init(
      columns, weights: weights, low: isDistance ? 0 : -limit, high: limit, bins: bins)
  }

  init(_ columns: [[Double]], weights: [Double]?, low: Double, high: Double, bins: Int) {
    self.low = low
    binCount = bins
    width = (high - low) / Double(bins)
    for values in columns {
      var counts = [Double](repeating: 0, count: bins)
      var (below, above) = (0.0, 0.0)
      for (event, value) in values.enumerated() where !value.isNaN {
        let weight = weights?[event] ?? 1
        let bin = ((value - low) / width).rounded(.down)
        if bin < 0 {
          below += weight
        } else if bin >= Double(bins) {
          above += weight
        } else {
          counts[Int(bin)] += weight
        }
      }
      self.counts.append(counts)
      self.below.append(below)
      self.above.append(above)
    }
  }

  var high: Double { low + width * Double(binCount) }
  var peak: Double { counts.flatMap(\.self).max() ?? 0 }

  /// The next number of the form 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten.
  static func roundLimit(_ value: Double) -> Double {
    var power = 1.0
    while power > value { power /= 10 }
    while power * 10 <= value { power *= 10 }
    return power * ([1, 1.5, 2, 3, 4, 5, 6, 8].first { $0 * power >= value } ?? 10)
  }

  /// Left edge, then the events of every method; closed by the last edge [bin].
  func table(_ name: String, methods: [String]) -> Figure.Table {
    var rows = (0..<binCount).map { bin in
      [low + Double(bin) * width] + counts.map { $0[bin] }
    }
    rows.append([high] + counts.map { _ in 0 })
    return Figure.Table(
      name: name, columns: "low edge, events of \(methods.joined(separator: ", "))", rows: rows)
  }
}

extension FigureContext {
  /// One panel of histograms.
  private struct HistogramPanel {
    let commands: String
    let table: Figure.Table
    let outside: String
  }

  /// The standard method, the headline, and the method asked for with `against`.
  private var histogramMethods: [(place: Int, method: Method, colour: String)] {
    drawnMethods.compactMap { method, colour in
      guard
        method.kind == .standard || method == headline
          || method.name == comparison.settings.against,
        let place = comparison.methods.firstIndex(of: method)
      else { return nil }
      return (place, method, colour)
    }
  }

  private func panel(
    _ name: String, _ subset: SubsetComparison, _ events: [Int], axis: String
  ) -> HistogramPanel? {
    guard let quantity = subset[name] else { return nil }
    let methods = histogramMethods
    let weights = sample.weights.map { weights in events.map { weights[$0] } }
    let histogram = ErrorHistogram(
      methods.map { errors(name, of: $0.place, events) }, weights: weights,
      isDistance: quantity.isDistance)
    let table = histogram.table(name, methods: methods.map(\.method.name))
    let unit = quantity.unit == "1" ? "" : " \(quantity.unit)"
    let fills = methods.indices.map { number in
      "DATA index \"\(table.name)\" using 1:\(number + 2) with fillsteps lc rgb "
        + "\(methods[number].colour) notitle"
    }
    let steps = methods.indices.map { number in
      """
      DATA index "\(table.name)" using 1:\(number + 2) with steps lc rgb \(methods[number].colour) \
      lw 2 \
      title \(EscapedText.gnuplot(legend(methods[number].method, quantity)))
      """
    }
    let total = weights?.reduce(0, +) ?? Double(events.count)
    func share(_ weight: Double) -> String { text(100 * weight / max(total, 1e-300), decimals: 1) }
    let outside = methods.enumerated().map { number, entry in
      "\(entry.method.name) \(share(histogram.below[number])) and "
        + "\(share(histogram.above[number])) %"
    }
    return HistogramPanel(
      commands: """
        set xlabel '\(axis)'
        set ylabel 'events per \(shortText(histogram.width))\(unit)'
        set xrange [\(rounded(histogram.low)):\(rounded(histogram.high))]
        set yrange [0:\(rounded((1.08 + 0.14 * Double(methods.count)) * max(histogram.peak, 1e-9)))]
        plot \((fills + steps).joined(separator: ", \\\n  "))
        """, table: table,
      outside: "\(withSymbols(quantity.title)): \(outside.joined(separator: ", "))")
  }

  /// Containments of a distance; mean, standard deviation, median and half width of a signed error.
  private func legend(_ method: Method, _ quantity: QuantityComparison) -> String {
    guard let summary = quantity[method.name]?.summary else { return method.name }
    // Three digits of a containment; four numbers of a signed error have room for two.
    let decimals = max(
      significantDecimals(summary.width68.value) - (quantity.isDistance ? 0 : 1), 0)
    func number(_ estimate: Estimate) -> String { text(estimate.value, decimals: decimals) }
    let unit = quantity.unit == "1" ? "" : " \(quantity.unit)"
    if quantity.isDistance {
      return
        "\(method.name): 68 % < \(number(summary.width68))\(unit), 95 % < "
        + "\(number(summary.width95))\(unit)"
    }
    return "\(method.name): \(number(summary.median)) ± \(number(summary.width68)), mean "
      + "\(number(summary.mean)), sd \(number(summary.standardDeviation))"
  }

  private static let legendText = """
    In the legends 68 and 95 % containment of distances; median ± half width of the central 68 %, \
    mean and standard deviation (of all events, those outside the range included) of signed errors.
    """

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
        Distributions of the angle between reconstructed and true direction, and of the relative \
        error of the energy. All methods have the same events: \(eventsText(main)). \
        \(Self.legendText) Below and above the range: \(angle.outside); \(energy.outside).
        """, width: 1080, height: 430,
      commands: """
        set multiplot layout 1,2 margins 0.08,0.985,0.15,0.97 spacing 0.09,0
        set key font ',9'
        \(angle.commands)
        \(energy.commands)
        unset multiplot
        """, tables: [angle.table, energy.table])
  }

  /// All errors of a group.
  func errorsFigure(_ group: PrimaryGroup) -> Figure? {
    guard let subset = comparison.whole(group) else { return nil }
    let events = events(group)
    let panels = [
      (Observable.spaceAngle.name, "space angle [deg]"),
      (Observable.zenith.name, "θ_{rec} - θ_{true} [deg]"),
      (Observable.cosZenith.name, "cos θ_{rec} - cos θ_{true}"),
      (Observable.azimuth.name, "sin θ (φ_{rec} - φ_{true}) [deg]"),
      (Observable.logEnergy.name, "ln(E_{rec} / E_{true})"),
      (Observable.coreDistance.name, "core distance in the shower plane [m]"),
    ].compactMap { panel($0.0, subset, events, axis: $0.1) }
    guard panels.count == 6 else { return nil }
    return Figure(
      name: "errors_\(group.rawValue)", title: "Errors of \(group.rawValue)",
      caption: """
        Errors of the methods on the same events: \(eventsText(subset)). \(Self.legendText) Below \
        and above the range: \(panels.map(\.outside).joined(separator: "; ")).
        """, width: 1080, height: 1150,
      commands: """
        set multiplot layout 3,2 margins 0.08,0.985,0.06,0.985 spacing 0.09,0.075
        set key font ',9'
        \(panels.map(\.commands).joined(separator: "\n"))
        unset multiplot
        """, tables: panels.map(\.table))
  }

  /// Errors over their predicted standard deviations, with the normal distribution that they should
  /// have.
  func pullFigure(_ group: PrimaryGroup) -> Figure? {
    guard let subset = comparison.whole(group) else { return nil }
    let events = events(group)
    let names = subset.quantities.filter(\.isPull)
    let panels = names.compactMap { quantity -> (commands: String, table: Figure.Table)? in
      let methods = histogramMethods.filter { quantity[$0.method.name] != nil }
      guard !methods.isEmpty else { return nil }
      let histogram = ErrorHistogram(
        methods.map { errors(quantity.name, of: $0.place, events) }, weights: nil, low: -5, high: 5,
        bins: 50)
      let table = histogram.table(quantity.name, methods: methods.map(\.method.name))
      let lines = methods.enumerated().map { number, entry in
        let summary = quantity[entry.method.name]?.summary
        let title =
          "\(entry.method.name): σ \(text(summary?.width68.value ?? .nan, decimals: 2)), "
          + "\(text(100 * (summary?[.coverage].value ?? .nan), decimals: 0)) % inside"
        // Fractions, so that methods with fewer defined pulls can be compared.
        let events = Double(max(quantity[entry.method.name]?.eventCount ?? 1, 1))
        return """
          DATA index "\(table.name)" using 1:($\(number + 2)/\(events * histogram.width)) with \
          steps lc rgb \
          \(entry.colour) lw 2 title \(EscapedText.gnuplot(title))
          """
      }
      let commands = """
        set xlabel '\(withSymbols(quantity.title).replacing("pull of", with: "error / σ,"))'
        plot \(lines.joined(separator: ", \\\n  ")), \\
          exp(-0.5*x*x)/sqrt(2*pi) with lines lc rgb "#222222" lw 1.2 dt 2 notitle
        """
      return (commands, table)
    }
    guard !panels.isEmpty else { return nil }
    return Figure(
      name: "pulls_\(group.rawValue)", title: "Errors over predicted errors of \(group.rawValue)",
      caption: """
        Density of (reconstructed - true)/σ: \(eventsText(subset)). σ is the standard deviation \
        that the method predicts for the event. Dashed: the normal distribution of width 1, which \
        correct errors give. The legends have the half width of the central 68 % and the fraction \
        inside ±σ (68 % if errors are correct). Values beyond ±5 are not drawn, but are included \
        in the numbers.
        """, width: 1080, height: 660,
      commands: """
        set multiplot layout 2,3 margins 0.06,0.985,0.09,0.985 spacing 0.06,0.13
        set xrange [-5:5]
        set yrange [0:0.75]
        set samples 200
        set key font ',8' samplen 1.2
        set ylabel 'density'
        \(panels.map(\.commands).joined(separator: "\n"))
        unset multiplot
        """, tables: panels.map(\.table))
  }
}
