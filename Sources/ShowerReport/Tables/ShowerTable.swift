internal import Performance
internal import ShowerModel

extension Comparison {
  /// All methods on the throws of every single shower; nil where showers were thrown once.
  ///
  /// One shower is one fluctuation of nature: its numbers have no interval. What is common to
  /// showers, and how far they differ, stands in the other tables, whose intervals come from
  /// drawing showers.
  func showerTable(_ group: PrimaryGroup) -> ResultTable? {
    let rows = subsets(group, along: .shower).flatMap { shower in
      methods.map { method in
        [
          ResultTable.Cell(Self.words(shower.subset)), ResultTable.Cell(method.name),
          ResultTable.Cell(count: shower.eventCount),
        ]
          + Self.showerColumns.map { column in
            guard let errors = shower[column.quantity]?[method.name] else {
              return ResultTable.Cell("")
            }
            let value = errors.summary[column.statistic].value
            return ResultTable.Cell(value, decimals: column.decimals)
          }
      }
    }
    guard !rows.isEmpty else { return nil }
    return ResultTable(
      title: "Shower by shower: \(group.rawValue)",
      header: ["shower", "method", "events"] + Self.showerColumns.map(\.title), rows: rows,
      textColumns: 2,
      note: "The number of the shower, its primary, energy and zenith. Each is one fluctuation of "
        + "nature, so its numbers have no interval.")
  }

  private static let showerColumns:
    [(quantity: String, statistic: Statistic, title: String, decimals: Int)] = [
      (Observable.spaceAngle.name, .width68, "angle 68 % [deg]", 2),
      (Observable.coreDistance.name, .width68, "core 68 % [m]", 0),
      (Observable.logEnergy.name, .median, "ln E bias (median)", 2),
      (Observable.logEnergy.name, .standardDeviation, "sd ln E", 3),
    ]
}
