import Foundation
import Testing

/// A chain with fixed seeds gives the numbers stored in `Fixtures/chain-summary.json`.
///
/// Made anew, after a change that is meant to change numbers, by
/// `AIRSHOWER_STORE_SUMMARY=1 swift test --filter StoredSummaryTests`.
@Suite struct StoredSummaryTests {
  /// Simulation and fit repeat bit for bit on one machine; other processors round differently in
  /// libm and in libtorch's kernels. Counts may then differ by 2 events, widths and medians by 3 %
  /// of the width.
  static let countTolerance = 2.0
  static let relativeTolerance = 0.03

  static let fixture = Program.repository.appending(path: "Fixtures/chain-summary.json")

  /// The numbers of the small chain's report, by name.
  func numbers() throws -> [String: Double] {
    let file = URL(filePath: try SmallChain.shared.get().report + "/summary.json")
    let summary = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
    let network = try #require(summary?["headline"] as? String)
    func number(_ path: String) throws -> Double {
      var place: Any? = summary?["results"]
      for name in path.split(separator: "/") {
        place = (place as? [String: Any])?[String(name)]
      }
      return try #require(
        (place as? [String: Any])?["value"] as? Double ?? place as? Double, "\(path)")
    }
    var numbers = [
      "count.total": try number("events/total"), "count.compared": try number("events/compared"),
    ]
    for quantity in [
      "space_angle", "cos_zenith", "zenith", "azimuth", "ln_energy", "relative_energy",
      "core_distance",
    ] {
      for (method, name) in [("standard", "standard"), (network, "corrected")] {
        let place = "nuclei/whole/\(quantity)/\(method)"
        numbers["width68.\(quantity).\(name)"] = try number("\(place)/width68")
        numbers["median.\(quantity).\(name)"] = try number("\(place)/median")
      }
    }
    for quantity in [
      "direction_zenith", "direction_azimuth", "ln_energy", "core_along", "core_across",
    ] {
      numbers["explained_variance.\(quantity)"] = try number(
        "nuclei/whole/\(quantity)/\(network)/score/explained_variance")
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
