internal import Performance
internal import ShowerModel

extension ShiftComparison {
  /// Distributions of the shifts, shifts against the energy, and the constant-intensity check.
  var figures: [Figure] {
    [shiftFigure, dependenceFigure, intensityFigure].compactMap(\.self)
  }

  private var context: FigureContext { FigureContext(sample: sample, comparison: comparison) }

  /// Methods with a colour, without the standard one.
  private var drawn: [(place: Int, method: Method, colour: String)] {
    context.drawnMethods.filter { $0.method.kind != .standard }.compactMap { method, colour in
      comparison.methods.firstIndex(of: method).map { ($0, method, colour) }
    }
  }

  private var shiftFigure: Figure? {
    guard let main = comparison.main, !main.quantities.isEmpty else { return nil }
    let context = context
    let events = Array(sample.truths.indices)
    let panels = [
      (Observable.spaceAngle.name, "angle between method and standard [deg]"),
      (Observable.cosZenith.name, "cos θ - cos θ_{standard}"),
      (Observable.logEnergy.name, "ln(E / E_{standard})"),
      (Observable.coreDistance.name, "distance of the cores in the shower plane [m]"),
    ].compactMap { name, axis -> (commands: String, table: Figure.Table)? in
      guard let quantity = main[name] else { return nil }
      let histogram = ErrorHistogram(
        drawn.map { context.errors(name, of: $0.place, events) }, weights: nil,
        isDistance: quantity.isDistance)
      let table = histogram.table(name, methods: drawn.map(\.method.name))
      let lines = drawn.enumerated().map { number, entry in
        let summary = quantity[entry.method.name]?.summary
        let size = text(
          summary?.width68.value ?? .nan,
          decimals: significantDecimals(summary?.width68.value ?? .nan))
        let median = text(
          summary?.median.value ?? .nan,
          decimals: significantDecimals(summary?.width68.value ?? .nan))
        let legend =
          quantity.isDistance
          ? "\(entry.method.name): 68 % < \(size)" : "\(entry.method.name): \(median) ± \(size)"
        return """
          DATA index "\(table.name)" using 1:\(number + 2) with steps lc rgb \(entry.colour) lw 2 \
          title \(EscapedText.gnuplot(legend))
          """
      }
      let commands = """
        set xlabel '\(axis)'
        set xrange [\(rounded(histogram.low)):\(rounded(histogram.high))]
        set yrange [0:\(rounded((1.08 + 0.13 * Double(drawn.count)) * max(histogram.peak, 1)))]
        plot \(lines.joined(separator: ", \\\n  "))
        """
      return (commands, table)
    }
    return Figure(
      name: "shifts", title: "Shifts from the standard result (data, no truth)",
      caption: """
        Distributions of method minus standard on the same \(text(main.eventCount)) events of \
        data. The legends have the 68 % containment of \
        distances, and median ± half width of the central 68 % of signed shifts. These are \
        differences between methods, not errors.
        """, width: 1080, height: 800,
      commands: """
        set multiplot layout 2,2 margins 0.08,0.985,0.085,0.985 spacing 0.09,0.11
        set ylabel 'events'
        \(panels.map(\.commands).joined(separator: "\n"))
        unset multiplot
        """, tables: panels.map(\.table))
  }

  private var dependenceFigure: Figure? {
    let axes: [(EventSubset.Axis, String)] = [
      (.energy, "log_{10}(E_{standard} / EeV)"), (.zenith, "zenith of the standard result [deg]"),
    ]
    let quantities = [
      (Observable.logEnergy.name, "median of ln(E / E_{standard})"),
      (Observable.zenith.name, "median of θ - θ_{standard} [deg]"),
    ]
    guard let main = comparison.main, !main.quantities.isEmpty else { return nil }
    var (commands, tables) = ([String](), [Figure.Table]())
    for (name, label) in quantities {
      for (axis, axisLabel) in axes {
        let subsets = comparison.subsets(.nuclei, along: axis)
        let curves = BinCurves(
          "\(name)_\(axis.rawValue)", context, subsets, quantity: name, withoutStandard: true
        ) { $0.summary.median }
        tables.append(curves.table)
        commands.append(
          """
          set xlabel '\(axisLabel)'
          set ylabel '\(label)'
          set xrange [\(BinCurves.range(subsets))]
          set yrange \(curves.signedRange)
          plot 0 with lines lc rgb "#444444" lw 1 notitle, \\
            \(curves.plot(titled: true))
          \(FigureContext.endOfLegend)
          """)
      }
    }
    return Figure(
      name: "shift_dependence", title: "Shifts against energy and zenith (data, no truth)",
      caption: """
        Median of method minus standard in bins of energy and zenith of the standard result, on \
        the same \(text(main.eventCount)) events of data. Bands are 95 % intervals of a bootstrap \
        over events (\(comparison.settings.replicas) replicas).
        """, width: 1080, height: 720,
      commands: """
        set multiplot layout 2,2 margins 0.085,0.985,0.09,0.94 spacing 0.095,0.12
        \(context.legend(width: 1080, height: 720, without: [.standard], dashes: context.dashes))
        \(commands.joined(separator: "\n"))
        unset multiplot
        """, tables: tables)
  }

  private var intensityFigure: Figure? {
    guard let first = intensities.first, first.counts.contains(where: { $0 > 0 }) else {
      return nil
    }
    let colours = Dictionary(
      uniqueKeysWithValues: context.drawnMethods.map { ($0.method.name, $0.colour) })
    let shown = intensities.filter { colours[$0.method] != nil }
    let step = 0.12 / Double(max(shown.count, 1))
    let counts = shown.flatMap(\.counts).map(Double.init)
    let (least, most) = (counts.min() ?? 0, counts.max() ?? 1)
    let table = Figure.Table(
      name: "intensity",
      columns: "bin, then events of \(shown.map(\.method).joined(separator: ", "))",
      rows: (0..<ConstantIntensity.binCount).map { bin in
        [(Double(bin) + 0.5) * first.maximumSine2 / Double(ConstantIntensity.binCount)]
          + shown.map { Double($0.counts[bin]) }
      })
    let points = shown.enumerated().map { number, intensity in
      let shift = step * first.maximumSine2 * (Double(number) - Double(shown.count - 1) / 2)
      let title =
        "\(intensity.method): χ²/ndf "
        + "\(text(intensity.chi2, decimals: 1))/\(intensity.degreesOfFreedom)"
      return """
        DATA index "intensity" using ($1+(\(rounded(shift)))):\(number + 2):(sqrt($\(number + 2))) \
        with yerrorbars \
        lc rgb \(colours[intensity.method] ?? "standard") pt 7 ps 1 lw 1.8 title \
        \(EscapedText.gnuplot(title))
        """
    }
    return Figure(
      name: "constant_intensity", title: "Events above a fixed energy against zenith (data)",
      caption: """
        Events with a reconstructed energy above \(shortText(first.energy)) EeV in \
        \(ConstantIntensity.binCount) bins of equal width in sin²θ, which have equal exposure. \
        Energy and zenith are those of each method. Bars are square roots of the counts. The axis \
        does not begin at zero. A flat line means an energy without a zenith bias.
        """, width: 760, height: 440,
      commands: """
        set xlabel 'sin^2 θ'
        set ylabel 'events above \(shortText(first.energy)) EeV'
        set xrange [0:\(rounded(first.maximumSine2))]
        set yrange [\(rounded(0.9 * least)):\(rounded(1.08 * most))]
        set key outside top center horizontal maxcols 2
        set errorbars small
        plot \(points.joined(separator: ", \\\n  "))
        """, tables: [table])
  }
}
