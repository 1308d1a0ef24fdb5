package import Foundation
package import Performance
package import ShowerModel

/// The content of `summary.json` and `summary.csv`: every number of a report, and its origin.
///
/// Documentation/summary-keys.md describes the keys.
package struct Summary: Sendable {
  /// Version of the stored form. Major: readers break; minor: keys added.
  static let schemaVersion = "4.0"

  package let title: String
  package let verdict: String
  package let warnings: [String]
  package let provenance: [ProvenanceStep]
  /// All numbers by their keys.
  package let results: SummaryValue
  /// How the numbers were made.
  private let context: [String: SummaryValue]

  /// The summary of a comparison with the truth.
  package init(title: String, comparison: Comparison, provenance: [ProvenanceStep]) {
    self.title = title
    self.provenance = provenance
    verdict = comparison.verdict
    warnings = comparison.warnings
    results = comparison.results
    context = comparison.summaryContext
  }

  /// The summary of methods on data, which have no truth.
  package init(title: String, shifts: ShiftComparison, provenance: [ProvenanceStep]) {
    self.title = title
    self.provenance = provenance
    verdict = shifts.verdict
    warnings = shifts.warnings
    results = shifts.results
    context = shifts.summaryContext
  }

  /// The summary as JSON; the same numbers give the same bytes.
  ///
  /// Keys are sorted, undefined numbers are null, invisible characters are escaped.
  ///
  /// - Throws: `EncodingError`.
  package func json() throws -> Data {
    var members = context
    members["schema_version"] = .text(Self.schemaVersion)
    members["title"] = .text(title)
    members["verdict"] = .text(verdict)
    members["warnings"] = .list(warnings.map { .text($0) })
    members["provenance"] = .list(provenance.map(\.summary))
    members["results"] = results
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let encoded = String(decoding: try encoder.encode(SummaryValue.object(members)), as: UTF8.self)
    return Data((EscapedText.json(encoded) + "\n").utf8)
  }

  /// One line a number, with its key and intervals.
  package var csv: String { results.csv }
}

extension Comparison {
  fileprivate var summaryContext: [String: SummaryValue] {
    var context: [String: SummaryValue] = [
      "kind": .text("simulation"), "headline": .text(headline.name),
      "methods": .list(methods.map(\.summary)), "cuts": cuts.summary,
      "settings": .object([
        "replicas": .count(settings.replicas),
        "interval_scatter": .number(settings.intervalScatter),
        "seed": .count(Int(clamping: settings.seed)),
        "log_energy_bin_width": .number(settings.logEnergyBinWidth),
        "zenith_bin_width": .number(settings.zenithBinWidth),
        "minimum_events": .count(settings.minimumEvents),
      ]),
    ]
    context["against"] = settings.against.map { .text($0) }
    context["control"] = controlSource.map {
      .object(["source": .text($0.name), "explanation": .text($0.explanation)])
    }
    context["spectrum"] = spectrum.map {
      .object(["index": .number($0.index), "thrown": .number($0.thrown)])
    }
    return context
  }
}

extension ControlSource {
  /// The key in summaries.
  fileprivate var name: String {
    switch self {
    case .training: "training"
    case .calibration: "calibration"
    case .crossFit: "cross_fit"
    }
  }
}

extension Method {
  var summary: SummaryValue {
    .object([
      "name": .text(name), "kind": .text(kind.rawValue), "explanation": .text(explanation),
    ])
  }
}

extension QualityCuts {
  var summary: SummaryValue {
    .object([
      "name": .text(name), "explanation": .text(explanation),
      "criteria": .object(
        Dictionary(
          uniqueKeysWithValues: active.map { ($0.name, .text(self.explanation(of: $0) ?? "")) })),
    ])
  }
}

extension ProvenanceStep {
  fileprivate var summary: SummaryValue {
    var members: [String: SummaryValue] = [
      "activity": .text(activity), "version": .text(version), "host": .text(host),
      "command_line": .list(commandLine.map { .text($0) }),
      "settings": .object(settings.mapValues { .text($0) }),
      "inputs": .list(
        inputs.map { input in
          var members: [String: SummaryValue] = ["path": .text(input.path)]
          members["sha256"] = input.sha256.map { .text($0) }
          return .object(members)
        }),
      "started": .text(started), "finished": .text(finished),
    ]
    members["seed"] = seed.map { .count(Int(clamping: $0)) }
    return .object(members)
  }
}
