package import Foundation
internal import Performance
internal import ShowerModel

/// Limits on numbers of a summary, by which a collaboration guards its network.
///
/// The file is a JSON object from keys of `summary.json` to limits.
/// `"nuclei/whole/space_angle/grid/gain/width68": 0.35` asks for at least that; `{"at_least": 0.9,
/// "at_most": 1.1}` gives a range. The key of an estimate means its value, `.../low95` the end of
/// its interval.
package struct Thresholds: Sendable, Equatable {
  /// In the order of keys.
  private let limits: [(key: String, limit: Limit)]

  struct Limit: Sendable, Equatable {
    var atLeast: Double?
    var atMost: Double?
  }

  /// Why a file of thresholds cannot be used.
  package struct Unusable: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  package static func == (a: Thresholds, b: Thresholds) -> Bool {
    a.limits.elementsEqual(b.limits) { $0 == $1 }
  }

  /// - Throws: `Unusable` with the file and the key at fault.
  package init(json: Data, file: String) throws(Unusable) {
    guard let object = (try? JSONSerialization.jsonObject(with: json)) as? [String: Any] else {
      throw Unusable(description: "\(file): not a JSON object from keys to numbers")
    }
    var limits: [(String, Limit)] = []
    for (key, value) in object.sorted(by: { $0.key < $1.key }) {
      limits.append((key, try Self.limit(value, "\(file): \(key)")))
    }
    guard !limits.isEmpty else { throw Unusable(description: "\(file): holds no thresholds") }
    self.limits = limits
  }

  private static func limit(_ value: Any, _ place: String) throws(Unusable) -> Limit {
    if let number = value as? Double { return Limit(atLeast: number) }
    let known = ["at_least", "at_most"]
    guard let members = value as? [String: Any], !members.isEmpty else {
      throw Unusable(
        description: "\(place): give a number, or {\"at_least\": NUMBER, \"at_most\": NUMBER}")
    }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) {
      guard known.contains(key) else {
        throw Unusable(
          description:
            "\(place): unknown key \(key), did you mean \"\(nearestName(to: key, in: known))\"?")
      }
      guard value is Double else {
        throw Unusable(description: "\(place): \(key) must be a number")
      }
    }
    return Limit(atLeast: members[known[0]] as? Double, atMost: members[known[1]] as? Double)
  }

  /// What falls short, one line each; empty where all limits are kept.
  ///
  /// - Throws: `Unusable` for a key that the summary does not have, with the nearest one.
  package func shortfalls(of results: SummaryValue, file: String) throws(Unusable) -> [String] {
    var lines: [String] = []
    for (key, limit) in limits {
      let value = try Self.value(at: key, in: results, file)
      let demands = [
        limit.atLeast.map { (value >= $0, "at least \($0)") },
        limit.atMost.map { (value <= $0, "at most \($0)") },
      ].compactMap(\.self)
      for (isKept, demand) in demands where !isKept {
        lines.append(
          "\(key) is \(value.isFinite ? "\(rounded(value))" : "no number"), not \(demand)")
      }
    }
    return lines
  }

  /// NaN for a number that the summary has no value for.
  private static func value(at key: String, in results: SummaryValue, _ file: String)
    throws(Unusable) -> Double
  {
    var (place, path) = (results, [String]())
    for name in key.split(separator: "/").map(String.init) {
      guard case .object(let members) = place else {
        throw Unusable(
          description: "\(file): \(key): \(path.joined(separator: "/")) is a number, not a group")
      }
      guard let member = members[name] else {
        let nearest = path + [nearestName(to: name, in: members.keys.sorted())]
        throw Unusable(
          description:
            "\(file): \(key): this comparison has no such number, did you mean "
            + "\"\(nearest.joined(separator: "/"))\"?"
        )
      }
      path.append(name)
      place = member
    }
    guard let value = place.numericValue else {
      guard case .object(let members) = place else {
        throw Unusable(description: "\(file): \(key): not a number")
      }
      throw Unusable(
        description:
          "\(file): \(key): not a number, but a group of "
          + "\(members.keys.sorted().joined(separator: ", "))"
      )
    }
    return value
  }
}
