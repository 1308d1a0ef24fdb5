internal import ShowerModel

/// What an event file must hold beyond its structure, and what becomes of one that does not.
///
/// The page Documentation/event-file.md shows the table `all`.
public struct InputRule: Sendable {
  public enum Consequence: String, Sendable {
    /// Exit code 65, with file, place and row.
    case refused
    /// The rest is used, and a warning says how many were not.
    case counted
  }

  /// Path of a column in the file, or of several.
  public let place: String
  /// What holds for its values.
  public let rule: String
  public let consequence: Consequence

  private init(_ place: String, _ rule: String, _ consequence: Consequence) {
    self.place = place
    self.rule = rule
    self.consequence = consequence
  }

  /// All rules: those of columns from their limits, then those that look at several values.
  public static let all: [InputRule] =
    limits("events", [EventFormat.eventTimeColumn]) + limits("events", DetectorAccuracy.columns)
    + limits("hits", Hit.columns(layers: 2)) + [
      InputRule(
        "any column of real numbers", "not infinite; but truth/parametric_radius", .refused),
      InputRule("any column of whole numbers", "whole, within its type or its names", .refused),
      InputRule("/array/x, y, z", "a number, within 10,000 km", .refused),
      InputRule("/array/station_id", "each once", .refused),
      InputRule("station_id elsewhere", "one of /array", .refused),
      InputRule("/events/first_hit", "rows of /hits that no other event has", .refused),
      InputRule("/events/event_id", "each once", .counted),
      InputRule(
        "/hits: calibration", "0 <= pedestal <= full scale, deviation >= 0, counts_per_vem >= 1",
        .counted),
      InputRule("/hits: window_start", "within 1 ms of most hits of the event", .counted),
      InputRule("/truth, other methods", "numbers where compared", .counted),
    ]
    + Shower.limits.map {
      InputRule(
        "/reconstruction/*/\($0.name)",
        "\($0.limits.lowerBound) to \($0.limits.upperBound) where good", .refused)
    }
    + [
      InputRule(
        "/reconstruction/*/..._sigma",
        "\(Shower.errors.lowerBound) to \(Shower.errors.upperBound) where good; not of the time",
        .refused),
      InputRule("/reconstruction/*/covariance", "finite where good", .refused),
    ]

  /// Rules of columns that have limits.
  private static func limits<Row>(_ group: String, _ columns: [Column<Row>]) -> [InputRule] {
    columns.compactMap { column in
      column.limits.map {
        let unit = column.unit == "1" ? "" : " \(column.unit)"
        return InputRule(
          "/\(group)/\(column.name)", "\($0.lowerBound) to \($0.upperBound)\(unit)", .refused)
      }
    }
  }
}
