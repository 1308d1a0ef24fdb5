internal import Performance
internal import ShowerModel

extension Comparison {
  /// Where the gain comes from: one row a method, from the standard fit to the last network.
  func ladderTable(_ subset: SubsetComparison) -> ResultTable {
    let columns: [(quantity: String, statistic: Statistic, title: String)] = [
      (Observable.spaceAngle.name, .width68, "angle 68 % [deg]"),
      (Observable.logEnergy.name, .standardDeviation, "sd ln E"),
      (Observable.coreDistance.name, .width68, "core 68 % [m]"),
    ]
    let against = [settings.against].compactMap(\.self)
    let rows = methods.map { method in
      [ResultTable.Cell(method.name)]
        + columns.flatMap { column -> [ResultTable.Cell] in
          let errors = subset[column.quantity]?[method.name]
          return [
            ResultTable.Cell(valueOf: errors?.summary[column.statistic]),
            ResultTable.Cell(gain: errors?.gain?[column.statistic]),
          ]
            + (settings.against == nil
              ? [] : [ResultTable.Cell(gain: errors?.gainAgainst?[column.statistic])])
        }
    }
    return ResultTable(
      title:
        "Where the gain comes from: \(Self.title(subset.subset)), \(text(subset.eventCount)) "
        + "events",
      header: ["method"]
        + columns.flatMap {
          [$0.title, "gain (95 %)"] + against.map { ["against \($0)"] }.joined()
        },
      rows: rows)
  }

  /// The ladder with explained variances, for a page.
  func scoreLadderTable(_ subset: SubsetComparison) -> ResultTable {
    let names = Self.scoredNames
    let rows = methods.dropFirst().map { method in
      [ResultTable.Cell(method.name)]
        + names.flatMap { name -> [ResultTable.Cell] in
          let score = subset[name]?[method.name]?.score
          return [
            ResultTable.Cell(score: score?.explainedVariance),
            method.kind == .polynomial
              ? ResultTable.Cell("–") : ResultTable.Cell(score: score?.netExplainedVariance),
          ]
        }
    }
    return ResultTable(
      title: "Explained variance: \(Self.title(subset.subset))",
      header: ["method"]
        + names.flatMap { name in
          let title = withSymbols(subset[name]?.title ?? name)
          return ["EV \(title)", "EV_net \(title)"]
        }, rows: Array(rows),
      note: "EV of the polynomial is EV_calib. EV_net is what a method explains beyond it.")
  }

  static var scoredNames: [String] {
    [
      Residual.directionZenith.name, Residual.directionAzimuth.name, Observable.logEnergy.name,
      Residual.coreAlong.name, Residual.coreAcross.name,
    ]
  }

  /// The numbers that a reader wants first: the best baseline against the headline method.
  var headlineTable: ResultTable? {
    guard let main, !main.quantities.isEmpty else { return nil }
    let ranges = subsets(main.subset.group, along: .fittedEnergy)
    let name = headline.name
    let rows: [[ResultTable.Cell]] =
      [
        row(main, Observable.spaceAngle.name, .width68, "68 % containment"),
        row(main, Observable.spaceAngle.name, .width95, "95 % containment"),
        row(main, Observable.coreDistance.name, .width68, "68 % containment"),
        row(main, Observable.logEnergy.name, .width68, "68 % half width"),
        row(main, Observable.logEnergy.name, .standardDeviation, "standard deviation"),
        row(main, Observable.relativeEnergy.name, .width68, "68 % half width"),
        row(main, Observable.cosZenith.name, .width68, "68 % half width"),
        row(main, Observable.logEnergy.name, .median, "bias (median)"),
        row(main, Observable.relativeEnergy.name, .mean, "bias (mean)"),
        row(main, Observable.zenith.name, .median, "bias (median)"),
        massBiasRow,
      ].compactMap(\.self)
      + ranges.flatMap { range in
        [
          row(range, Observable.spaceAngle.name, .width68, "68 %, \(Self.words(range.subset))"),
          row(
            range, Observable.logEnergy.name, .standardDeviation,
            "st. dev., \(Self.words(range.subset))"),
        ].compactMap(\.self)
      }
    return ResultTable(
      title: "", header: ["quantity", baseline.name, name, "gain (95 % interval)"], rows: rows)
  }

  private func row(
    _ subset: SubsetComparison, _ quantity: String, _ statistic: Statistic, _ meaning: String
  ) -> [ResultTable.Cell]? {
    guard let comparison = subset[quantity], let reference = comparison[baseline.name],
      let errors = comparison[headline.name]
    else { return nil }
    let unit = comparison.unit == "1" ? "" : " [\(comparison.unit)]"
    return [ResultTable.Cell("\(withSymbols(comparison.title)), \(meaning)\(unit)")]
      + Self.pair(reference.summary[statistic], errors.summary[statistic])
      + [ResultTable.Cell(gain: gains(of: errors)?[statistic])]
  }

  private var massBiasRow: [ResultTable.Cell]? {
    guard let reference = massBias.first(where: { $0.method == baseline.name }),
      let own = massBias.first(where: { $0.method == headline.name })
    else { return nil }
    return [ResultTable.Cell("Δln E, bias of H minus Fe")] + Self.pair(reference.value, own.value)
      + [ResultTable.Cell(gain: baseline.kind == .standard ? own.gain : nil)]
  }

  /// Two values with the same decimals.
  private static func pair(_ a: Estimate, _ b: Estimate) -> [ResultTable.Cell] {
    let decimals = min(a.decimals(), b.decimals())
    return [a, b].map { ResultTable.Cell($0.value, decimals: decimals) }
  }

  /// Explained variances of a method, by quantity.
  func scoreTable(_ subset: SubsetComparison, _ method: Method) -> ResultTable? {
    let rows = subset.quantities.compactMap { quantity -> [ResultTable.Cell]? in
      guard let errors = quantity[method.name], let score = errors.score else { return nil }
      let calibration = quantity[MethodIdentity.polynomial.name]?.score?.explainedVariance
      return [
        ResultTable.Cell(withSymbols(quantity.title)),
        ResultTable.Cell(score: score.explainedVariance),
        ResultTable.Cell(valueOf: calibration), ResultTable.Cell(score: score.netExplainedVariance),
        ResultTable.Cell(valueOf: score.trimmedExplainedVariance),
        ResultTable.Cell(valueOf: score.determination),
        ResultTable.Cell(
          "\(text(100 * (errors.muchWorsenedFraction ?? .nan), decimals: 2)) %",
          number: errors.muchWorsenedFraction),
      ]
    }
    guard !rows.isEmpty else { return nil }
    return ResultTable(
      title: "Explained variance of \(method.name)",
      header: [
        "error", "EV_total (95 %)", "EV_calib", "EV_net (95 %)", "trimmed EV", "R2", "much worse",
      ], rows: rows)
  }

  /// Width and coverage of the pulls, by quantity and method. Without names, of all methods.
  func pullTable(_ subset: SubsetComparison, of names: [String]? = nil) -> ResultTable? {
    let rows = subset.quantities.filter(\.isPull).flatMap { quantity in
      quantity.methods.filter { names?.contains($0.method) ?? true }.map { errors in
        [
          ResultTable.Cell(withSymbols(quantity.title)), ResultTable.Cell(errors.method),
          ResultTable.Cell(errors.summary.median),
          ResultTable.Cell(errors.summary.standardDeviation),
          ResultTable.Cell(errors.summary.width68),
          ResultTable.Cell(
            errors.summary[.coverage].percentText, number: errors.summary[.coverage].value),
        ]
      }
    }
    guard !rows.isEmpty else { return nil }
    return ResultTable(
      title: "Predicted errors: \(Self.title(subset.subset))",
      header: ["pull", "method", "median", "st. dev.", "68 % half width", "inside ±σ"],
      rows: rows,
      textColumns: 2, note: "Correct errors give a width of 1 and 68.3 % inside ±σ.")
  }

  /// All statistics of all observables and methods.
  func observableTable(_ subset: SubsetComparison) -> ResultTable? {
    let statistics = Statistic.shown(of: .observable)
    let rows = subset.quantities.filter { !$0.isPull }.flatMap { quantity in
      quantity.methods.map { errors in
        [
          ResultTable.Cell(
            withSymbols(quantity.title) + (quantity.unit == "1" ? "" : " [\(quantity.unit)]")),
          ResultTable.Cell(errors.method),
        ] + statistics.map { ResultTable.Cell(errors.summary[$0]) }
      }
    }
    guard !rows.isEmpty else { return nil }
    return ResultTable(
      title: "All errors: \(Self.title(subset.subset))",
      header: ["error", "method", "median", "mean", "st. dev.", "rms", "68 % width", "95 % width"],
      rows: rows, textColumns: 2)
  }

  /// Direction and energy of the headline method in the bins of an axis.
  func binTables(_ group: PrimaryGroup, _ axis: EventSubset.Axis) -> [ResultTable] {
    let subsets = subsets(group, along: axis)
    guard !subsets.isEmpty else { return [] }
    let name = headline.name
    let direction = subsets.map { subset in
      binHead(subset) + binCells(subset[Observable.spaceAngle.name], bias: false)
        + binCells(subset[Observable.cosZenith.name], bias: true)
        + [subset[Observable.zenith.name]?.standard, subset[Observable.zenith.name]?[name]].map {
          ResultTable.Cell(valueOf: $0?.summary.median)
        }
    }
    let energy = subsets.map { subset in
      binHead(subset) + binCells(subset[Observable.logEnergy.name], bias: true)
        + binCells(subset[Observable.coreDistance.name], bias: false)
        + Self.netQuantities.map {
          ResultTable.Cell(score: subset[$0]?[name]?.score?.netExplainedVariance)
        }
    }
    let title = Self.axisTitle(axis)
    let note =
      subsets.contains(where: \.subset.isAtEdge)
      ? "* distorted by the end of the simulated or selected range." : ""
    return [
      ResultTable(
        title: "Direction of \(group.rawValue) by \(title)",
        header: [
          title, "events", "angle 68 % standard [deg]", name, "gain (95 %)",
          "Δcos θ bias standard", name, "Δcos θ width standard", name, "gain (95 %)",
          "θ bias standard [deg]", name,
        ], rows: direction, note: note),
      ResultTable(
        title: "Energy, core and EV_net of \(group.rawValue) by \(title)",
        header: [
          title, "events", "ln E bias standard", name, "ln E width standard", name, "gain (95 %)",
          "core 68 % standard [m]", name, "gain (95 %)", "EV_net along θ", "EV_net across",
          "EV_net ln E",
        ], rows: energy, note: note),
    ]
  }

  private func binHead(_ subset: SubsetComparison) -> [ResultTable.Cell] {
    [
      ResultTable.Cell(
        Self.words(subset.subset) + (subset.subset.isAtEdge ? " *" : ""),
        // A bin without a lower end comes first.
        number: subset.subset.low ?? subset.subset.high.map { $0 - 1e9 }),
      ResultTable.Cell(count: subset.eventCount),
    ]
  }

  private func binCells(_ quantity: QuantityComparison?, bias: Bool) -> [ResultTable.Cell] {
    let (standard, own) = (quantity?.standard, quantity?[headline.name])
    let biases =
      bias ? [standard, own].map { ResultTable.Cell(valueOf: $0?.summary.median) } : []
    return biases + [standard, own].map { ResultTable.Cell(valueOf: $0?.summary.width68) }
      + [ResultTable.Cell(gain: own?.gain?.width68)]
  }

  /// Events lost by reason.
  var flowTable: ResultTable {
    let rows =
      [["all", "events read", ResultTable.Cell(count: flow.total)]]
      + flow.losses.filter { $0.count > 0 || $0.stage == .cut }.map {
        [
          ResultTable.Cell($0.stage == .corrected ? "method" : $0.stage.rawValue),
          ResultTable.Cell($0.explanation), ResultTable.Cell(count: $0.count),
        ]
      } + [["compared", "all methods, same events", ResultTable.Cell(count: flow.kept)]]
    return ResultTable(
      title: "Events lost, by reason", header: ["stage", "reason", "events"], rows: rows,
      textColumns: 2)
  }

  /// Events in which a method kept the standard value; nil where none did.
  var fallbackTable: ResultTable? {
    let rows = zip(methods, fallbacks).flatMap { method, counts in
      CorrectionFallback.reasons.compactMap { reason in
        counts[reason].map {
          [
            ResultTable.Cell(method.name), ResultTable.Cell(reason.reportText),
            ResultTable.Cell(count: $0),
          ]
        }
      }
    }
    guard !rows.isEmpty else { return nil }
    return ResultTable(
      title: "Events in which the standard value was kept",
      header: ["method", "reason", "events"], rows: rows, textColumns: 2)
  }
}

extension CorrectionFallback {
  /// The reason in the words of a report.
  fileprivate var reportText: String {
    switch self {
    case .none: "corrected"
    case .beyondTraining: "inputs beyond the range of the training"
    case .ensembleSpread: "the networks of the ensemble disagree"
    case .notFinite: "the prediction is not a finite number"
    }
  }
}

extension Comparison {
  /// A whole group or a range of its energy, as a title names it.
  static func title(_ subset: EventSubset) -> String {
    subset.axis == .whole ? words(subset) : "\(subset.group.rawValue), \(words(subset))"
  }

  /// A subset in words.
  static func words(_ subset: EventSubset) -> String {
    func range(_ unit: String) -> String {
      let unit = unit.isEmpty ? "" : " \(unit)"
      return switch (subset.low, subset.high) {
      case (let low?, let high?): "\(shortText(low))–\(shortText(high))\(unit)"
      case (let low?, nil): "> \(shortText(low))\(unit)"
      case (nil, let high?): "< \(shortText(high))\(unit)"
      case (nil, nil): "all"
      }
    }
    return switch subset.axis {
    case .whole: subset.group.rawValue
    case .primary: subset.label
    case .fittedEnergy: "E_std \(range("EeV"))"
    case .energy: range("")
    case .zenith: range("deg")
    case .stations: range("")
    case .border: range("m")
    case .shower: subset.label.replacing("_", with: " ")
    }
  }

  static func axisTitle(_ axis: EventSubset.Axis) -> String {
    switch axis {
    case .whole: "group"
    case .fittedEnergy: "energy of the standard fit"
    case .energy: "true log10(E/EeV)"
    case .zenith: "true zenith"
    case .primary: "primary"
    case .stations: "number of stations"
    case .border: "distance of the fitted core to the border"
    case .shower: "shower"
    }
  }
}
