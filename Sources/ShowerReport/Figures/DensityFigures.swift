internal import Glibc
internal import Performance
internal import ShowerModel

/// Counts on a grid of equal cells over a square range.
struct DensityGrid: Sendable {
  let low: Double
  let high: Double
  let cells: Int
  private(set) var counts: [Double]
  private(set) var outside = 0.0

  init(low: Double, high: Double, cells: Int) {
    self.low = low
    self.high = high
    self.cells = cells
    counts = [Double](repeating: 0, count: cells * cells)
  }

  mutating func add(_ x: Double, _ y: Double) {
    let column = ((x - low) / (high - low) * Double(cells)).rounded(.down)
    let row = ((y - low) / (high - low) * Double(cells)).rounded(.down)
    guard column >= 0, row >= 0, column < Double(cells), row < Double(cells) else {
      outside += 1
      return
    }
    counts[Int(row) * cells + Int(column)] += 1
  }

  /// Centre x, centre y, count [row, column].
  func table(_ name: String) -> Figure.Table {
    let width = (high - low) / Double(cells)
    return Figure.Table(
      name: name, columns: "x, y, events",
      rows: counts.indices.map { cell in
        let (row, column) = cell.quotientAndRemainder(dividingBy: cells)
        let count = counts[cell]
        return [
          low + (Double(column) + 0.5) * width, low + (Double(row) + 0.5) * width,
          count,
        ]
      })
  }
}

extension FigureContext {
  /// Predicted corrections against the errors of the standard result.
  func correctionFigure(_ group: PrimaryGroup) -> Figure? {
    guard let subset = comparison.whole(group), !subset.quantities.isEmpty else { return nil }
    let events = events(group)
    var tables: [Figure.Table] = []
    var panels: [(title: String, unit: String, limit: Double, table: String)] = []
    var outside: [String] = []
    var peak = 2.0
    for name in Comparison.scoredNames {
      guard let quantity = subset[name] else { continue }
      // The error of the standard method is -y, that of the other yhat - y.
      let targets = errors(name, of: 0, events).map { -$0 }
      let predictions = zip(errors(name, of: headlinePlace, events), targets).map { $0 + $1 }
      let limit = ErrorHistogram.roundLimit(
        max(SortedErrors(sorting: targets.map { abs($0) }).quantile(0.99), 1e-9))
      var grid = DensityGrid(low: -limit, high: limit, cells: 60)
      for (target, prediction) in zip(targets, predictions) { grid.add(target, prediction) }
      peak = max(peak, grid.counts.max() ?? 0)
      tables.append(grid.table(name))
      let share = 100 * grid.outside / Double(max(events.count, 1))
      outside.append("\(withSymbols(quantity.title)) \(text(share, decimals: 1)) %")
      let score = quantity[methodName]?.score?.explainedVariance ?? .undefined
      panels.append(
        (
          "\(withSymbols(quantity.title)), EV \(score.valueText)",
          quantity.unit == "1" ? "" : " [\(quantity.unit)]", limit, name
        ))
    }
    let commands = panels.map { panel in
      """
      set title \(EscapedText.gnuplot(panel.title))
      set xlabel 'true - standard\(panel.unit)'
      set ylabel 'correction\(panel.unit)'
      set xtics \(panel.limit / 2)
      set ytics \(panel.limit / 2)
      set xrange [\(-panel.limit):\(panel.limit)]
      set yrange [\(-panel.limit):\(panel.limit)]
      plot DATA index "\(panel.table)" using 1:2:($3 > 0 ? $3 : NaN) with image pixels notitle, \\
        x with lines lc rgb standard lw 1.5 notitle
      """
    }
    return Figure(
      name: "correction_\(group.rawValue)",
      title: "Correction against the error of the standard fit, \(group.rawValue)",
      caption: """
        Number of events, in colour on a logarithmic scale: \(eventsText(subset)). Horizontal: the \
        error of the standard reconstruction (true minus standard). Vertical: the correction that \
        \(methodName) predicts. On the line the correction is perfect. A correction of zero means \
        that nothing was learned. EV = 1 - Var(y - ŷ)/Var(y). Outside the range: \
        \(outside.joined(separator: ", ")).\(countText)
        """, width: 1080, height: 740,
      commands: """
        set multiplot layout 2,3 margins 0.07,0.985,0.09,0.95 spacing 0.085,0.15
        \(Self.densityStyle(peak: peak))
        \(commands.dropLast().joined(separator: "\n"))
        set colorbox user origin 0.75,0.09 size 0.02,0.34
        \(commands.suffix(1).joined(separator: "\n"))
        unset multiplot
        """, tables: tables)
  }

  /// Reconstructed against true energy and zenith, by the standard and the headline method.
  func reconstructedFigure() -> Figure? {
    guard let main = comparison.main, !main.quantities.isEmpty else { return nil }
    let events = events(main.subset.group)
    let methods = [(0, MethodIdentity.standard.name), (headlinePlace, methodName)]
    let quantities: [(name: String, symbol: String, beyond: Double, value: (Shower) -> Double)] = [
      ("energy", "log_{10}(E_{%} / EeV)", 0.5, { $0.logEnergy - Units.logEnergyOfEeV }),
      ("zenith", "θ_{%} [deg]", 10, { $0.zenith / Units.degree }),
    ]
    var (tables, commands, outside) = ([Figure.Table](), [String](), [String]())
    for quantity in quantities {
      let truths = events.map { quantity.value(sample.truths[$0]) }
      let values = methods.map { place, _ in
        events.map { quantity.value(sample.estimates[place][$0]) }
      }
      guard let range = Self.range(truths, values, beyond: quantity.beyond) else { return nil }
      let grids = methods.indices.map { place in
        var grid = DensityGrid(low: range.low, high: range.high, cells: 80)
        for (truth, value) in zip(truths, values[place]) { grid.add(truth, value) }
        return grid
      }
      let peak = grids.flatMap(\.counts).max() ?? 1
      for ((_, name), (number, grid)) in zip(methods, grids.enumerated()) {
        let table = grid.table("\(quantity.name)_\(number)")
        tables.append(table)
        outside.append("\(name) \(quantity.name) \(text(grid.outside, decimals: 0))")
        commands.append(
          """
          set title \(EscapedText.gnuplot(name))
          \(number == 0 ? "unset colorbox" : "set colorbox")
          set cbrange [1:\(max(peak, 2))]
          set xlabel '\(quantity.symbol.replacing("%", with: "true"))'
          set ylabel '\(quantity.symbol.replacing("%", with: "rec"))'
          set xrange [\(range.low):\(range.high)]
          set yrange [\(range.low):\(range.high)]
          plot DATA index "\(table.name)" using 1:2:($3 > 0 ? $3 : NaN) with image pixels notitle, \
          \\
            x with lines lc rgb standard lw 1.5 notitle
          """)
      }
    }
    return Figure(
      name: "reconstructed", title: "Reconstructed against true energy and zenith",
      caption: """
        Reconstructed against true log10(E/EeV) and zenith angle. The number of events is in \
        colour on a logarithmic scale: \(eventsText(main)). The line is the diagonal. Events \
        outside the range: \(outside.joined(separator: ", ")).\(countText)
        """, width: 1080, height: 960,
      commands: """
        set multiplot layout 2,2 margins 0.065,0.9,0.07,0.96 spacing 0.06,0.11
        \(Self.densityStyle(peak: 2))
        \(commands.joined(separator: "\n"))
        unset multiplot
        """, tables: tables)
  }

  /// From the least to the largest value of truths and estimates, without estimates that are
  /// further than `beyond` from all truths; nil without events.
  private static func range(
    _ truths: [Double], _ estimates: [[Double]], beyond: Double
  ) -> (low: Double, high: Double)? {
    guard let low = truths.min(), let high = truths.max() else { return nil }
    let near = estimates.joined().filter { (low - beyond...high + beyond).contains($0) }
    let (first, last) = (min(low, near.min() ?? low), max(high, near.max() ?? high))
    let margin = 0.02 * max(last - first, 1)
    return (rounded(first - margin), rounded(last + margin))
  }

  /// A note that the densities count events without their weights to a spectrum.
  private var countText: String {
    comparison.spectrum == nil ? "" : " Events are counted here without their weights."
  }

  private static func densityStyle(peak: Double) -> String {
    """
    set logscale cb
    set cbrange [1:\(peak)]
    set cblabel 'events in a cell' offset 1.2,0
    set style fill solid
    set datafile missing "none"
    unset grid
    set size square
    unset colorbox
    """
  }
}
