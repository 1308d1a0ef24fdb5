public import ShowerModel

extension EnergyTable {
  /// A table from text: comment lines with #, a header line, then rows. A row has sec_theta,
  /// log10_s800 and log10_energy_eev. All rows or none also have log10_energy_error.
  ///
  /// Rows run over log10 S800 first; both grids are even. `nan` stands for an absent entry.
  /// - Throws: `TableError` with the line at fault.
  public init(parsing text: String, name: String) throws(TableError) {
    var nodes: [SIMD2<Double>] = []
    var entries: [Entry?] = []
    var columnCount: Int?
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if line.isEmpty || line.hasPrefix("#") || line.hasPrefix("sec_theta") { continue }
      let fields = line.split(separator: ",").map { Double($0) }
      let expected = columnCount ?? (fields.count == 4 ? 4 : 3)
      columnCount = expected
      let numbers = fields.compactMap { $0 }
      guard fields.count == expected, numbers.count == expected,
        numbers[0].isFinite, numbers[1].isFinite, EnergyTable.isEntry(numbers[2...])
      else {
        throw TableError(
          table: name, line: number + 1,
          reason: "expected \(expected == 4 ? "four" : "three") numbers, found \"\(line)\"")
      }
      nodes.append(SIMD2(numbers[0], numbers[1]))
      entries.append(
        numbers[2].isNaN
          ? nil : Entry(logEnergy: numbers[2], error: expected == 4 ? numbers[3] : nil))
    }
    let (secant, logSignal) = try EnergyTable.axes(nodes, name: name)
    self.init(name: name, secant: secant, logSignal: logSignal, entries: entries)
  }

  /// Whether numbers are an energy with its error, or both absent.
  private static func isEntry(_ numbers: ArraySlice<Double>) -> Bool {
    numbers.allSatisfy(\.isNaN)
      || numbers.allSatisfy(\.isFinite) && numbers.dropFirst().allSatisfy { $0 >= 0 }
  }

  private static func axes(
    _ nodes: [SIMD2<Double>], name: String
  ) throws(TableError) -> (Axis, Axis) {
    let columns = nodes.prefix { $0.x == nodes[0].x }.count
    guard columns >= 2, nodes.count >= 2 * columns, nodes.count.isMultiple(of: columns) else {
      throw TableError(table: name, line: nil, reason: "not a grid of at least 2 x 2 points")
    }
    let secant = Axis(
      first: nodes[0].x, step: nodes[columns].x - nodes[0].x, count: nodes.count / columns)
    let logSignal = Axis(first: nodes[0].y, step: nodes[1].y - nodes[0].y, count: columns)
    for (index, node) in nodes.enumerated() {
      let (i, j) = (index / columns, index % columns)
      guard secant.step > 0, logSignal.step > 0,
        abs(node.x - secant.first - Double(i) * secant.step) < 1e-6,
        abs(node.y - logSignal.first - Double(j) * logSignal.step) < 1e-6
      else {
        throw TableError(
          table: name, line: nil, reason: "uneven grid at sec_theta \(node.x), log10_s800 \(node.y)"
        )
      }
    }
    return (secant, logSignal)
  }
}
