/// One plot of a page of several: settings, curves, and the tables they plot.
struct Panel: Sendable {
  private var settings: [String]
  private var curves: [String] = []
  private(set) var tables: [Figure.Table] = []

  /// What the panel after this one must not inherit.
  static let end = """
    unset label
    unset arrow
    unset object
    unset logscale
    unset xlabel
    unset ylabel
    unset key
    unset colorbox
    unset title
    set xtics auto font '' offset 0,0
    set ytics auto font '' offset 0,0
    set format '%h'
    set border 3
    """

  init(_ settings: String...) { self.settings = settings }

  mutating func set(_ line: String) { settings.append(line) }

  /// A curve of a table; nothing where it has no rows.
  mutating func plot(_ table: Figure.Table, _ how: String) {
    guard !table.rows.isEmpty else { return }
    if !tables.contains(where: { $0.name == table.name }) { tables.append(table) }
    curves.append("DATA index \"\(table.name)\" \(how)")
  }

  /// A curve of a formula.
  mutating func plot(formula: String) { curves.append(formula) }

  var commands: String {
    settings.joined(separator: "\n") + "\nplot " + curves.joined(separator: ", \\\n  ")
  }
}
