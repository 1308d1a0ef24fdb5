internal import Performance
internal import ShowerModel

extension Comparison {
  /// All numbers by their keys (Documentation/summary-keys.md).
  var results: SummaryValue {
    var results: [String: SummaryValue] = [
      "events": flow.results,
      "mass_bias": .object(
        Dictionary(uniqueKeysWithValues: massBias.map { ($0.method, $0.results) })),
      "fallbacks": fallbackResults,
    ]
    results["composition"] = composition?.results
    for group in PrimaryGroup.allCases where whole(group) != nil {
      results[group.rawValue] = groupResults(group)
    }
    return .object(results)
  }

  private func groupResults(_ group: PrimaryGroup) -> SummaryValue {
    var axes: [String: SummaryValue] = [:]
    for axis in EventSubset.Axis.allCases {
      let subsets = subsets(group, along: axis)
      guard !subsets.isEmpty else { continue }
      axes[axis.rawValue] =
        axis == .whole
        ? subsets[0].results
        : .object(
          Dictionary(uniqueKeysWithValues: subsets.map { ($0.subset.label, $0.results) }))
    }
    return .object(axes)
  }

  private var fallbackResults: SummaryValue {
    .object(
      Dictionary(
        uniqueKeysWithValues: zip(methods, fallbacks).dropFirst().map { method, counts in
          (
            method.name,
            .object(
              Dictionary(
                uniqueKeysWithValues: CorrectionFallback.reasons.map {
                  ($0.summaryKey, .count(counts[$0] ?? 0))
                }))
          )
        }))
  }
}

extension CorrectionFallback {
  /// All reasons to keep the standard value.
  static let reasons = allCases.filter { $0 != .none }

  /// The key in summaries.
  fileprivate var summaryKey: String {
    switch self {
    case .none: "none"
    case .beyondTraining: "beyond_training"
    case .ensembleSpread: "ensemble_spread"
    case .notFinite: "not_finite"
    }
  }
}

extension Comparison.MassBias {
  fileprivate var results: SummaryValue {
    guard case .object(var members) = SummaryValue(value) else { return SummaryValue(value) }
    guard let gain else { return .object(["bias": .object(members)]) }
    members = ["bias": .object(members), "gain": SummaryValue(gain)]
    return .object(members)
  }
}

extension EventFlow {
  /// Total, compared, and lost by stage and reason.
  var results: SummaryValue {
    var lost: [String: [String: SummaryValue]] = [:]
    for loss in losses { lost[loss.stage.rawValue, default: [:]][loss.reason] = .count(loss.count) }
    return .object([
      "total": .count(total), "compared": .count(kept),
      "lost": .object(lost.mapValues { .object($0) }),
    ])
  }
}

extension SubsetComparison {
  fileprivate var results: SummaryValue {
    var members: [String: SummaryValue] = [
      "events": .count(eventCount), "showers": .count(showerCount),
      "effective_events": .number(effectiveEventCount),
    ]
    if let low = subset.low { members["low"] = .number(low) }
    if let high = subset.high { members["high"] = .number(high) }
    if subset.axis != .whole { members["is_at_edge"] = .flag(subset.isAtEdge) }
    for quantity in quantities { members[quantity.name] = quantity.results }
    return .object(members)
  }
}

extension QuantityComparison {
  fileprivate var results: SummaryValue {
    var members: [String: SummaryValue] = ["unit": .text(unit)]
    for errors in methods { members[errors.method] = errors.results(isPull: isPull) }
    return .object(members)
  }
}

extension MethodErrors {
  fileprivate func results(isPull: Bool) -> SummaryValue {
    var members: [String: SummaryValue] = [:]
    for statistic in Statistic.shown(of: isPull ? .pull : .observable) {
      members[statistic.rawValue] = SummaryValue(summary[statistic])
    }
    if isPull { members["events"] = .count(eventCount) }
    members["gain"] = gain?.results
    members["gain_against"] = gainAgainst?.results
    members["median_shift"] = medianShift.map { SummaryValue($0) }
    members["worsened_fraction"] = worsenedFraction.map { .number($0) }
    members["much_worsened_fraction"] = muchWorsenedFraction.map { .number($0) }
    members["score"] = score?.results
    return .object(members)
  }
}

extension Gains {
  fileprivate var results: SummaryValue {
    .object([
      Statistic.standardDeviation.rawValue: SummaryValue(standardDeviation),
      Statistic.rootMeanSquare.rawValue: SummaryValue(rootMeanSquare),
      Statistic.width68.rawValue: SummaryValue(width68),
      Statistic.width95.rawValue: SummaryValue(width95),
    ])
  }
}

extension PredictionScore {
  fileprivate var results: SummaryValue {
    var members = [
      "explained_variance": SummaryValue(explainedVariance),
      "trimmed_explained_variance": SummaryValue(trimmedExplainedVariance),
      "determination": SummaryValue(determination),
    ]
    members["net_explained_variance"] = netExplainedVariance.map { SummaryValue($0) }
    members["explained_variance_against"] = explainedVarianceAgainst.map { SummaryValue($0) }
    return .object(members)
  }
}
