import Foundation
import Testing

/// A chain with fixed seeds gives the numbers stored in `Fixtures/chain-summary.json`.
///
/// Made anew, after a change that is meant to change numbers, by
/// `AIRSHOWER_STORE_SUMMARY=1 swift test --filter StoredSummaryTests`.
@Suite struct StoredSummaryTests {
  /// Simulation and fit repeat bit for bit on one machine; other processors round differently in libm
  /// and in libtorch's kernels. Counts may then differ by 2 events, widths and medians by 3 % of the width.
  static let countTolerance = 2.0
  static let relativeTolerance = 0.03

  static let fixture = Program.repository.appending(path: "Fixtures/chain-summary.json")

  /// The numbers of the small chain's report, by name.
  func numbers() throws -> [String: Double] {
    struct Estimate: Decodable { var value: Double? }
    struct Errors: Decodable {
      var width68: Estimate
      var median: Estimate
    }
    struct Prediction: Decodable { var explained_variance: Estimate }
    struct Quantity: Decodable {
      var name: String
      var standard: Errors
      var corrected: Errors
      var prediction: Prediction?
    }
    struct Name: Decodable {
      var group: String
      var axis: String
    }
    struct Subset: Decodable {
      var subset: Name
      var observables: [Quantity]
      var residuals: [Quantity]
    }
    struct Flow: Decodable {
      var total: Double
      var compared: Double
    }
    struct Comparison: Decodable {
      var flow: Flow
      var subsets: [Subset]
    }
    struct Summary: Decodable { var comparison: Comparison }

    let file = URL(filePath: try SmallChain.shared.get().report + "/summary.json")
    let comparison = try JSONDecoder().decode(Summary.self, from: Data(contentsOf: file)).comparison
    let whole = try #require(
      comparison.subsets.first { $0.subset.group == "nuclei" && $0.subset.axis == "whole" })
    var numbers = [
      "count.total": comparison.flow.total, "count.compared": comparison.flow.compared,
    ]
    for quantity in whole.observables {
      numbers["width68.\(quantity.name).standard"] = quantity.standard.width68.value
      numbers["width68.\(quantity.name).corrected"] = quantity.corrected.width68.value
      numbers["median.\(quantity.name).standard"] = quantity.standard.median.value
      numbers["median.\(quantity.name).corrected"] = quantity.corrected.median.value
    }
    for quantity in whole.residuals {
      numbers["explained_variance.\(quantity.name)"] =
        quantity.prediction?.explained_variance.value
    }
    return numbers
  }

  @Test func theFixedChainGivesTheStoredNumbers() throws {
    let ours = try numbers()
    if ProcessInfo.processInfo.environment["AIRSHOWER_STORE_SUMMARY"] != nil {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try encoder.encode(ours).write(to: Self.fixture)
      return
    }
    let stored = try JSONDecoder().decode(
      [String: Double].self, from: Data(contentsOf: Self.fixture))
    #expect(Set(ours.keys) == Set(stored.keys))
    #expect(stored.count > 30)
    for (name, expected) in stored.sorted(by: { $0.key < $1.key }) {
      let value = try #require(ours[name], "\(name)")
      let tolerance: Double
      if name.hasPrefix("count") {
        tolerance = Self.countTolerance
      } else if name.hasPrefix("explained_variance") {
        tolerance = Self.relativeTolerance
      } else {
        // Widths and medians alike in units of the width.
        let width = "width68." + name.split(separator: ".").dropFirst().joined(separator: ".")
        tolerance = Self.relativeTolerance * abs(stored[width] ?? expected)
      }
      #expect(abs(value - expected) <= tolerance, "\(name): \(value), stored \(expected)")
    }
  }
}
