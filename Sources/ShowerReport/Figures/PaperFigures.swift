internal import Performance
internal import ShowerModel

extension FigureContext {
  /// The figures of a paper: distributions of errors, resolution, gain, bias and what is beyond a
  /// calibration, of the main group.
  func paperFigures(_ size: PaperSize) -> [Figure] {
    guard let main = comparison.main, !main.quantities.isEmpty else { return [] }
    let subsets = comparison.subsets(main.subset.group, along: .energy)
    let of = "of \(main.subset.group.rawValue)"
    var figures = [
      PaperFigure(
        name: "errors", title: "Errors \(of)", panels: histogramPanels(main),
        legend: legend(without: [])),
      curves(
        "resolution", "Resolution \(of)", subsets,
        [
          (Observable.spaceAngle.name, "space angle, 68 % [deg]"),
          (Observable.logEnergy.name, "ln E, 68 % half width"),
          (Observable.coreDistance.name, "core distance, 68 % [m]"),
        ], range: \.positiveRange
      ) { $0.summary.width68 },
      curves(
        "gain", "Errors over those of the standard fit, \(of)", subsets,
        [
          (Observable.spaceAngle.name, "space angle / standard"),
          (Observable.logEnergy.name, "width of ln E / standard"),
          (Observable.coreDistance.name, "core distance / standard"),
        ], line: 1, range: \.ratioRange, without: [.standard]
      ) { $0.gain.map { Estimate(ratioOf: $0.width68) } },
      curves(
        "bias", "Bias \(of)", subsets,
        [
          (Observable.zenith.name, "median of Δθ [deg]"),
          (Observable.logEnergy.name, "median of Δln E"),
          (Observable.cosZenith.name, "median of Δcos θ"),
        ], line: 0, range: \.signedRange
      ) { $0.summary.median },
    ]
    if comparison.controlSource != nil {
      let names = Array(
        zip(
          Comparison.netQuantities,
          ["EV_{net}, direction along θ", "EV_{net}, direction across", "EV_{net}, ln E"]))
      figures.append(
        curves(
          "explained", "What is explained beyond a calibration, \(of)", subsets, names, line: 0,
          range: \.signedRange, without: [.standard, .polynomial]
        ) { $0.score?.netExplainedVariance })
    }
    return figures.filter { !$0.panels.isEmpty }.map { $0.figure(size) }
  }

  private func legend(
    without kinds: [MethodIdentity.Kind]
  ) -> [(name: String, colour: String, dash: Int)] {
    drawnMethods.filter { !kinds.contains($0.method.kind) }
      .map { ($0.method.name, $0.colour, dashes[$0.method.name] ?? 1) }
  }

  private func curves(
    _ name: String, _ title: String, _ subsets: [SubsetComparison],
    _ quantities: [(name: String, label: String)], line: Double? = nil,
    range: (BinCurves) -> String, without kinds: [MethodIdentity.Kind] = [],
    _ choice: BinCurves.Choice
  ) -> PaperFigure {
    PaperFigure(
      name: name, title: title,
      panels: quantities.map { quantity, label in
        let curves = BinCurves(
          "\(name)_\(quantity)", self, subsets, quantity: quantity,
          withoutStandard: kinds.contains(.standard), choice)
        let line =
          line.map { "\(rounded($0)) with lines lc rgb \"#444444\" lw 0.8 notitle, " } ?? ""
        return PaperFigure.Panel(
          commands: """
            set xlabel '\(axisLabel(.energy))' offset 0,0.3
            set ylabel '\(label)' offset 1,0
            set xrange [\(BinCurves.range(subsets))]
            set yrange \(range(curves))
            plot \(line)\(curves.plot(titled: false))
            """, tables: [curves.table])
      }, legend: legend(without: kinds))
  }

  private func histogramPanels(_ main: SubsetComparison) -> [PaperFigure.Panel] {
    let events = events(main.subset.group)
    let weights = sample.weights.map { weights in events.map { weights[$0] } }
    return [
      (Observable.spaceAngle.name, "space angle to the truth [deg]"),
      (Observable.logEnergy.name, "ln(E / E_{true})"),
      (Observable.coreDistance.name, "core distance [m]"),
    ].compactMap { name, label in
      guard let quantity = main[name] else { return nil }
      let histogram = ErrorHistogram(
        drawnMethods.map { entry in
          errors(name, of: comparison.methods.firstIndex(of: entry.method) ?? 0, events)
        }, weights: weights, isDistance: quantity.isDistance, bins: 32)
      let table = histogram.table("errors_\(name)", methods: drawnMethods.map(\.method.name))
      let steps = drawnMethods.enumerated().map { number, entry in
        "DATA index \"\(table.name)\" using 1:\(number + 2) with steps lw 1.4 lc rgb "
          + "\(entry.colour) dt \(dashes[entry.method.name] ?? 1) notitle"
      }
      return PaperFigure.Panel(
        commands: """
          set xlabel '\(label)' offset 0,0.3
          set ylabel 'events' offset 1,0
          set xrange [\(rounded(histogram.low)):\(rounded(histogram.high))]
          set yrange [0:\(rounded(1.08 * max(histogram.peak, 1e-9)))]
          plot \(steps.joined(separator: ", "))
          """, tables: [table])
    }
  }
}
