public import Foundation
public import ShowerModel

/// What `summary.json` and `summary.csv` hold: every number of a report, and where it came from.
///
/// Keys are written in Documentation/summary-keys.md.
public struct Summary: Sendable {
  public let title: String
  public let verdict: String
  public let warnings: [String]
  public let provenance: [ProvenanceStep]
  /// All numbers by their keys.
  public let results: SummaryValue
  /// How the numbers were made.
  private let context: [String: SummaryValue]

  /// The summary of a comparison with the truth.
  public init(title: String, comparison: Comparison, provenance: [ProvenanceStep]) {
    self.title = title
    self.provenance = provenance
    verdict = comparison.verdict
    warnings = comparison.warnings
    results = comparison.results
    context = comparison.summaryContext
  }

  /// The summary of methods on data, which have no truth.
  public init(title: String, shifts: ShiftComparison, provenance: [ProvenanceStep]) {
    self.title = title
    self.provenance = provenance
    verdict = shifts.verdict
    warnings = shifts.warnings
    results = shifts.results
    context = shifts.summaryContext
  }

  /// The same bytes for the same numbers: sorted keys, null for what is undefined, invisible characters as escapes.
  ///
  /// - Throws: `EncodingError`.
  public func json() throws -> Data {
    var members = context
    members["schema_version"] = .text(Comparison.schemaVersion)
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
  public var csv: String { results.csv }
}

extension Comparison {
  fileprivate var summaryContext: [String: SummaryValue] {
    var context: [String: SummaryValue] = [
      "kind": .text("simulation"), "headline": .text(headline.name),
      "methods": .list(methods.map(\.summary)), "cuts": cuts.summary,
      "settings": .object([
        "replicas": .count(settings.replicas), "seed": .count(Int(clamping: settings.seed)),
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
