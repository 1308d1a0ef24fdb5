internal import ShowerModel

/// One line of the table of improvements.
struct ImprovementRow {
  let label: String
  let unit: String
  let standard: Estimate
  let corrected: Estimate
  /// nil where smaller in size is not what counts.
  let gain: Estimate?

  /// Both values with the same decimals.
  var valueTexts: [String] {
    let decimals = min(standard.decimals(), corrected.decimals())
    return [text(standard.value, decimals: decimals), text(corrected.value, decimals: decimals)]
  }
}

extension Comparison {
  /// The numbers that a reader wants first, of the main group.
  var improvementRows: [ImprovementRow] {
    guard let main else { return [] }
    let ranges = subsets(main.subset.group, along: .fittedEnergy)
    return [
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
      massBias.map {
        ImprovementRow(
          label: "Δln E, bias of H minus Fe", unit: "1", standard: $0.standard,
          corrected: $0.corrected, gain: $0.gain)
      },
    ].compactMap { $0 }
      + ranges.flatMap { range in
        [
          row(range, Observable.spaceAngle.name, .width68, "68 %, \(rangeText(range.subset))"),
          row(
            range, Observable.logEnergy.name, .standardDeviation,
            "st. dev., \(rangeText(range.subset))"),
        ].compactMap { $0 }
      }
  }

  private func row(
    _ subset: SubsetComparison, _ observable: String, _ statistic: Statistic, _ meaning: String
  ) -> ImprovementRow? {
    guard let comparison = subset.observable(observable) else { return nil }
    let gain: Estimate? =
      switch statistic {
      case .median, .mean: nil
      case .standardDeviation: comparison.gain.standardDeviation
      case .rootMeanSquare: comparison.gain.rootMeanSquare
      case .width68: comparison.gain.width68
      case .width95: comparison.gain.width95
      }
    return ImprovementRow(
      label: "\(withSymbols(comparison.title)), \(meaning)", unit: comparison.unit,
      standard: comparison.standard[statistic], corrected: comparison.corrected[statistic],
      gain: gain)
  }

  private func rangeText(_ subset: EventSubset) -> String {
    guard let low = subset.low else { return subset.label }
    return subset.high.map { "E_std \(text(low, decimals: 0))–\(text($0, decimals: 0)) EeV" }
      ?? "E_std > \(text(low, decimals: 0)) EeV"
  }

  /// The outcome in one sentence.
  func verdict(methodName: String) -> String {
    guard let main, let angle = main.observable(Observable.spaceAngle.name) else {
      return "Too few events for a verdict: \(flow.sentence)."
    }
    func change(_ name: String, _ words: String) -> String? {
      guard let comparison = main.observable(name), comparison.gain.width68.isDefined else {
        return nil
      }
      let gain = comparison.gain.width68
      let decimals = min(gain.decimals(factor: 100), 1)
      let size = "\(text(100 * abs(gain.value), decimals: decimals)) %"
      if gain.low95 > 0 { return "\(words) shrinks by \(size)" }
      if gain.high95 < 0 { return "\(words) grows by \(size)" }
      return "\(words) does not change significantly"
    }
    let changes = [
      change(angle.name, "the 68 % angular error"),
      change(Observable.logEnergy.name, "the energy spread"),
      change(Observable.coreDistance.name, "the core error"),
    ].compactMap { $0 }
    return "With \(methodName), " + changes.joined(separator: ", ")
      + ", on the same \(text(main.eventCount)) events (\(main.subset.group.rawValue))."
  }

  /// The improvements as a table for a terminal: quantity, standard, corrected, gain with its 95 % interval.
  public var improvementTable: String {
    guard let main else { return flow.sentence + "\n" }
    let header = ["quantity", "unit", "standard", "corrected", "gain (95 % interval)"]
    let rows = improvementRows.map {
      [$0.label, $0.unit] + $0.valueTexts + [$0.gain?.percentText ?? ""]
    }
    let scoreHeader = ["residual", "EV (95 % interval)", "EV without outer 1 %", "R2"]
    let scores = main.residuals.compactMap { residual in
      residual.prediction.map {
        [
          residual.title, $0.explainedVariance.intervalText,
          $0.trimmedExplainedVariance.intervalText, $0.determination.intervalText,
        ]
      }
    }
    return """
      \(main.subset.group.rawValue): \(text(main.eventCount)) events of \
      \(text(main.showerCount)) showers; \(cuts.explanation)

      \(aligned([header] + rows))
      \(aligned([scoreHeader] + scores))
      """
  }

  /// Columns as wide as their widest cell, the first to the left.
  private func aligned(_ rows: [[String]]) -> String {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      let cells = zip(row, widths).enumerated().map { column, cell in
        let filling = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + filling : filling + cell.0
      }
      return cells.joined(separator: "  ") + "\n"
    }.joined()
  }
}
