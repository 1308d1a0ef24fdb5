import ShowerSimulation

/// What `simulate` can be told, as tables for the terminal.
enum SettingLists {
  /// Name, default, allowed values, unit and meaning of every setting, by group.
  static var settings: String {
    let defaults = SimulationConfiguration()
    var rows = [["setting", "default", "allowed", "unit", "meaning"]]
    for group in SimulationSetting.Group.allCases {
      rows += [[], ["[\(group.rawValue)]"]]
      rows += SimulationSetting.all.filter { $0.group == group }.map {
        [
          $0.name + ($0.mayBeDrawn ? " *" : ""), "\($0.value(in: defaults))", $0.allowed, $0.unit,
          $0.meaning,
        ]
      }
    }
    return columns(rows) + """


      Give them as keys of a JSON object with --config. A setting with * may also be [low, high]: then every \
      shower has a value of its own, uniform between the two.
      """
  }

  /// Rows as columns of equal width, the last one free.
  static func columns(_ rows: [[String]]) -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<max(count - 1, 0)).map { column in
      rows.compactMap { column < $0.count - 1 ? $0[column].count : nil }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, text in
        column < row.count - 1
          ? text + String(repeating: " ", count: max(widths[column] - text.count, 0)) : text
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
