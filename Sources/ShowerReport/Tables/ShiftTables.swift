internal import Performance
internal import ShowerModel

extension ShiftComparison {
  static let notice =
    "DATA: no truth. The numbers are shifts between methods, not errors. They do not tell which "
    + "method is right."

  package var verdict: String {
    guard let main = comparison.main, !main.quantities.isEmpty else {
      return "Too few events: \(flow.sentence)."
    }
    let shifts = comparison.methods.dropFirst().compactMap { method -> String? in
      guard let angle = main[Observable.spaceAngle.name]?[method.name]?.summary.width68,
        let energy = main[Observable.logEnergy.name]?[method.name]?.summary
      else { return nil }
      return
        "\(method.name) moves 68 % of the directions by less than "
        + "\(text(angle.value, decimals: significantDecimals(angle.value))) deg and energies by "
        + "\(text(100 * energy.median.value, decimals: 1)) ± "
        + "\(text(100 * energy.width68.value, decimals: 1)) %"
    }
    return
      "Data without truth, \(text(main.eventCount)) events: \(shifts.joined(separator: "; ")). "
      + "These are differences between methods, not errors."
  }

  package var warnings: [String] {
    var warnings: [String] = []
    for intensity in intensities
    where intensity.chi2 > Double(intensity.degreesOfFreedom) + 3.1
      * (2 * Double(intensity.degreesOfFreedom)).squareRoot()
    {
      warnings.append(
        "\(intensity.method): the intensity above \(shortText(intensity.energy)) EeV changes with "
          + "the zenith angle, chi2/ndf "
          + "\(text(intensity.chi2, decimals: 1))/\(intensity.degreesOfFreedom)")
    }
    for consistency in consistency where consistency.coverage < 0.68 {
      warnings.append(
        "\(consistency.method): only \(text(100 * consistency.coverage, decimals: 1)) % of the "
          + "shifts of \(consistency.name) "
          + "are within the predicted errors of both methods")
    }
    return warnings
  }

  /// Shifts of every method from the standard result.
  var shiftTable: ResultTable {
    let rows = (comparison.main?.quantities ?? []).filter { !$0.isPull }.flatMap { quantity in
      quantity.methods.dropFirst().map { errors in
        [
          ResultTable.Cell(
            withSymbols(quantity.title) + (quantity.unit == "1" ? "" : " [\(quantity.unit)]")),
          ResultTable.Cell(errors.method), ResultTable.Cell(errors.summary.median),
          ResultTable.Cell(errors.summary.width68), ResultTable.Cell(errors.summary.width95),
        ]
      }
    }
    return ResultTable(
      title: "Shifts from the standard result",
      header: ["method minus standard", "method", "median (95 %)", "68 % width", "95 % width"],
      rows: rows, textColumns: 2)
  }

  var consistencyTable: ResultTable {
    ResultTable(
      title: "Shifts against predicted errors",
      header: ["value", "method", "rms shift", "expected", "inside errors of both"],
      rows: consistency.map {
        [
          ResultTable.Cell("\(withSymbols($0.name))\($0.unit == "1" ? "" : " [\($0.unit)]")"),
          ResultTable.Cell($0.method),
          ResultTable.Cell($0.rootMeanSquare, decimals: significantDecimals($0.rootMeanSquare)),
          ResultTable.Cell($0.expected, decimals: significantDecimals($0.expected)),
          ResultTable.Cell(
            "\(text(100 * $0.coverage, decimals: 1)) %", tone: $0.coverage < 0.68 ? .bad : .plain,
            number: $0.coverage),
        ]
      }, textColumns: 2,
      note:
        "expected: sqrt(mean(sigma_std^2 - sigma^2)), the rms shift of a correction that reduces "
        + "the variance from sigma_std^2 to sigma^2. –: the method predicts larger errors than the "
        + "standard reconstruction.")
  }

  var intensityTable: ResultTable {
    let first = intensities.first
    return ResultTable(
      title: "Events above \(shortText(first?.energy ?? .nan)) EeV in bins of equal sin²θ up to "
        + "\(text(first?.maximumSine2 ?? .nan, decimals: 3))",
      header: ["method"] + (1...ConstantIntensity.binCount).map { "bin \($0)" }
        + ["chi2/\(ConstantIntensity.binCount - 1)"]
        + (1...ConstantIntensity.binCount).map { "E, bin \($0) [EeV]" },
      rows: intensities.map { intensity in
        [ResultTable.Cell(intensity.method)] + intensity.counts.map { ResultTable.Cell(count: $0) }
          + [ResultTable.Cell(intensity.chi2, decimals: 1)]
          + intensity.energies.map { ResultTable.Cell($0, decimals: 2) }
      },
      note:
        "E: energy above which a bin has as many events as the mean bin. It is the same in all "
        + "bins if the energy has no zenith bias."
    )
  }

  var tables: [ResultTable] {
    [shiftTable, consistencyTable, intensityTable] + [comparison.fallbackTable].compactMap(\.self)
  }

  /// What a terminal shows.
  package func terminalText(isColoured: Bool) -> String {
    guard let main = comparison.main, !main.quantities.isEmpty else {
      return EscapedText.terminal(flow.sentence) + "\n"
    }
    let cuts = EscapedText.terminal(comparison.cuts.explanation)
    return "\(Self.notice)\n\(text(main.eventCount)) events; \(cuts)\n\n"
      + tables.map { $0.text(isColoured: isColoured) }.joined(separator: "\n")
      + "\n\(EscapedText.terminal(verdict))\n"
      + warningText(warnings, isColoured: isColoured)
  }
}

extension ShiftComparison {
  /// All numbers by their keys.
  var results: SummaryValue {
    var shifts: [String: SummaryValue] = [:]
    for subset in comparison.subsets where subset.subset.axis != .primary {
      var quantities: [String: SummaryValue] = ["events": .count(subset.eventCount)]
      for quantity in subset.quantities where !quantity.isPull {
        var methods: [String: SummaryValue] = ["unit": .text(quantity.unit)]
        for errors in quantity.methods where errors.method != MethodIdentity.standard.name {
          methods[errors.method] = .object(
            Dictionary(
              uniqueKeysWithValues: Statistic.shown(of: .observable).map {
                ($0.rawValue, SummaryValue(errors.summary[$0]))
              }))
        }
        quantities[quantity.name] = .object(methods)
      }
      let axis = subset.subset.axis.rawValue
      if subset.subset.axis == .whole {
        shifts[axis] = .object(quantities)
      } else {
        var members: [String: SummaryValue] = [:]
        if case .object(let known)? = shifts[axis] { members = known }
        members[subset.subset.label] = .object(quantities)
        shifts[axis] = .object(members)
      }
    }
    return .object([
      "events": flow.results, "shifts": .object(shifts),
      "consistency": .object(
        Dictionary(grouping: consistency, by: \.method).mapValues { entries in
          .object(
            Dictionary(
              uniqueKeysWithValues: entries.map { ($0.name.replacing(" ", with: "_"), $0.results) })
          )
        }),
      "constant_intensity": .object(
        Dictionary(uniqueKeysWithValues: intensities.map { ($0.method, $0.results) })),
    ])
  }

  var summaryContext: [String: SummaryValue] {
    [
      "kind": .text("data"), "notice": .text(Self.notice),
      "methods": .list(comparison.methods.map(\.summary)), "cuts": comparison.cuts.summary,
      "settings": .object([
        "replicas": .count(comparison.settings.replicas),
        "interval_scatter": .number(comparison.settings.intervalScatter),
        "seed": .count(Int(clamping: comparison.settings.seed)),
      ]),
    ]
  }
}

extension ShiftConsistency {
  fileprivate var results: SummaryValue {
    .object([
      "root_mean_square": .number(rootMeanSquare), "expected": .number(expected),
      "coverage": .number(coverage), "unit": .text(unit),
    ])
  }
}

extension ConstantIntensity {
  fileprivate var results: SummaryValue {
    .object([
      "energy": .number(energy), "maximum_sine2": .number(maximumSine2), "chi2": .number(chi2),
      "degrees_of_freedom": .count(degreesOfFreedom),
      "counts": .object(numbered(counts.map { .count($0) })),
      "energies": .object(numbered(energies.map { .number($0) })),
    ])
  }

  private func numbered(_ values: [SummaryValue]) -> [String: SummaryValue] {
    Dictionary(uniqueKeysWithValues: values.enumerated().map { ("\($0.offset + 1)", $0.element) })
  }
}
