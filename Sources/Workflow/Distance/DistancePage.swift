import Foundation
import Performance

/// What `distance` says, as a page and as JSON.
struct DistancePage: Encodable {
  /// File of the events.
  let data: String
  /// The cuts that they passed.
  let cuts: String
  var domain: Domain?
  var comparison: Compared?

  struct Domain: Encodable {
    let network: String
    let counts: DomainCount
  }

  struct Compared: Encodable {
    let reference: String
    let distance: SampleDistance
  }

  init(data: String, cuts: String) {
    self.data = data
    self.cuts = cuts
  }

  /// Names of files and networks that the page quotes.
  var strings: [String] { [data, domain?.network, comparison?.reference].compactMap(\.self) }

  var text: String {
    ["\(data): events with \(cuts)", domain.map(Self.text), comparison.map(Self.text)]
      .compactMap(\.self).joined(separator: "\n\n")
  }

  private static func percent(_ part: Int, of whole: Int) -> String {
    String(format: "%.1f %%", 100 * Double(part) / Double(max(whole, 1)))
  }

  private static func text(_ domain: Domain) -> String {
    let counts = domain.counts
    var lines = [
      "\(counts.beyond) of \(counts.events) events (\(percent(counts.beyond, of: counts.events))) "
        + "are unlike the training of \(domain.network). About 2 % of events like those of the "
        + "training are."
    ]
    let rows = counts.reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      ["  \($0.key)", "\($0.value)", percent($0.value, of: counts.events)]
    }
    if !rows.isEmpty {
      lines.append(alignedColumns([["  beyond the range of", "events", ""]] + rows))
    }
    return lines.joined(separator: "\n")
  }

  private static func text(_ compared: Compared) -> String {
    let distance = compared.distance
    func number(_ value: Double) -> String { String(format: "%.3f", value) }
    var lines = [
      "\(distance.pairs) of \(distance.dataEvents) events have a partner of the same zenith angle "
        + "and S800 among the \(distance.referenceEvents) of \(compared.reference).",
      "In brackets: what 95 % of \(distance.replicas) random exchanges within the pairs give. "
        + "p of a feature is adjusted for the number of features.", "",
    ]
    let rows = distance.features.map { feature in
      [
        "  \(feature.name)",
        String(format: "%+.3f (± %.3f)", feature.shift, feature.shiftInterval),
        "\(number(feature.distance)) (< \(number(feature.distanceLimit)))",
        number(feature.adjustedProbability)
          + (feature.adjustedProbability < SampleDistance.significance ? "  differs" : ""),
      ]
    }
    lines.append(alignedColumns([["  feature", "shift [widths]", "distance KS", "p"]] + rows))
    let classifier = distance.classifier
    lines += [
      "",
      "A classifier of all features tells data from reference in "
        + "\(number(classifier.area)) of the pairs (\(number(classifier.interval[0])) to "
        + "\(number(classifier.interval[1])) without a difference), p = "
        + "\(number(classifier.probability)).", verdict(distance),
    ]
    return lines.joined(separator: "\n")
  }

  private static func verdict(_ distance: SampleDistance) -> String {
    guard distance.isDifferent else {
      return "No difference is seen with these events. A smaller one needs more of them."
    }
    let names = distance.different.map(\.name)
    return names.isEmpty
      ? "The events differ, in no feature by itself."
      : "The events differ in \(names.joined(separator: ", "))."
  }
}
