internal import Glibc
internal import ShowerModel

/// Counts on a grid of equal cells over a square range.
struct DensityGrid: Sendable {
  let low: Double
  let high: Double
  let cells: Int
  private(set) var counts: [Int]
  private(set) var outside = 0

  init(low: Double, high: Double, cells: Int) {
    self.low = low
    self.high = high
    self.cells = cells
    counts = [Int](repeating: 0, count: cells * cells)
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
          Double(count),
        ]
      })
  }
}

extension FigureContext {
  /// What the correction predicts against what was to be predicted.
  func correctionFigure(_ group: EventSubset.Group) -> Figure? {
    guard let subset = comparison.whole(group), !subset.residuals.isEmpty else { return nil }
    let events = events(group)
    var tables: [Figure.Table] = []
    var commands: [String] = []
    var outside: [String] = []
    var peak = 2
    for residual in subset.residuals {
      guard let number = Quantity.index(ofResidual: residual.name) else { continue }
      let scale = Quantity.all[number].scale
      let sizes = events.map { abs(Double(sample.before[number][$0])) / scale }.sorted()
      let limit = ErrorHistogram.roundLimit(max(quantile(sizes, 0.99), 1e-9))
      var grid = DensityGrid(low: -limit, high: limit, cells: 60)
      for event in events {
        let y = Double(sample.before[number][event]) / scale
        grid.add(y, y - Double(sample.after[number][event]) / scale)
      }
      let table = grid.table(residual.name)
      peak = max(peak, grid.counts.max() ?? 0)
      tables.append(table)
      let share = 100 * Double(grid.outside) / Double(max(events.count, 1))
      outside.append("\(residual.title) \(text(share, decimals: 1)) %")
      let unit = residual.unit == "1" ? "" : " [\(residual.unit)]"
      let variance = residual.prediction?.explainedVariance ?? .undefined
      commands.append(
        """
        set title \(Figure.quoted("\(withSymbols(residual.title)), EV \(variance.valueText)"))
        set xlabel 'true - standard\(unit)'
        set ylabel 'correction\(unit)'
        set xtics \(limit / 2)
        set ytics \(limit / 2)
        set xrange [\(-limit):\(limit)]
        set yrange [\(-limit):\(limit)]
        plot DATA index "\(table.name)" using 1:2:($3 > 0 ? $3 : NaN) with image pixels notitle, \\
          x with lines lc rgb standard lw 1.5 notitle
        """)
    }
    return Figure(
      name: "correction_\(group.rawValue)",
      title: "Correction against the error of the standard fit",
      caption: """
        Number of events by the error of the standard reconstruction (true minus standard, across) and \
        by the correction that \(methodName) predicts (up), on a logarithmic scale of colour: \
        \(eventsText(subset)). On the line the correction is perfect; at zero correction nothing is \
        learnt. EV = 1 - Var(y - yhat)/Var(y). Outside the range: \(outside.joined(separator: ", ")).
        """, width: 1080, height: 740,
      commands: """
        set multiplot layout 2,3 margins 0.07,0.985,0.09,0.95 spacing 0.085,0.15
        set logscale cb
        set cbrange [1:\(peak)]
        set cblabel 'events in a cell'
        set style fill solid
        set datafile missing "none"
        unset grid
        set size square
        unset colorbox
        \(commands.dropLast().joined(separator: "\n"))
        set colorbox user origin 0.75,0.09 size 0.02,0.34
        \(commands.suffix(1).joined(separator: "\n"))
        unset multiplot
        """, tables: tables)
  }

  /// Reconstructed against true energy.
  func energyFigure() -> Figure? {
    guard let number = Quantity.index(ofObservable: Observable.logEnergy.name),
      let main = comparison.main
    else { return nil }
    let events = events(main.subset.group)
    let energies = events.map { Double(sample.logEnergy[$0]) }
    guard let low = energies.min(), let high = energies.max() else { return nil }
    let (first, last) = (rounded(low - 0.15), rounded(high + 0.15))
    var standard = DensityGrid(low: first, high: last, cells: 80)
    var corrected = standard
    for (event, energy) in zip(events, energies) {
      standard.add(energy, energy + Double(sample.before[number][event]) / log(10))
      corrected.add(energy, energy + Double(sample.after[number][event]) / log(10))
    }
    let tables = [standard.table("standard"), corrected.table("corrected")]
    let peak = max(standard.counts.max() ?? 1, corrected.counts.max() ?? 1)
    let commands = zip(tables, ["standard", methodName]).map { table, title in
      """
      set title \(Figure.quoted(title))
      plot DATA index "\(table.name)" using 1:2:($3 > 0 ? $3 : NaN) with image pixels notitle, \\
        x with lines lc rgb standard lw 1.5 notitle
      """
    }
    return Figure(
      name: "energy", title: "Reconstructed against true energy",
      caption: """
        Number of events by true and by reconstructed log10(E/EeV), on a logarithmic scale of colour, \
        with the diagonal: \(eventsText(main)). Outside the range: \(text(standard.outside)) events of \
        the standard and \(text(corrected.outside)) of the corrected reconstruction.
        """, width: 1080, height: 500,
      commands: """
        set multiplot layout 1,2 margins 0.065,0.9,0.14,0.925 spacing 0.06,0
        set logscale cb
        set style fill solid
        set datafile missing "none"
        set cblabel 'events in a cell'
        unset colorbox
        set cbrange [1:\(max(peak, 2))]
        unset grid
        set size square
        set xlabel 'log_{10}(E_{true} / EeV)'
        set ylabel 'log_{10}(E_{rec} / EeV)'
        set xrange [\(first):\(last)]
        set yrange [\(first):\(last)]
        \(commands.joined(separator: "\nset colorbox\n"))
        unset multiplot
        """, tables: tables)
  }
}
