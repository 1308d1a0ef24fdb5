public import ShowerModel

extension EnergyTable {
  /// A table from text: comment lines with #, a header line, then rows. The header says what it is.
  ///
  /// - `sec_theta,log10_s800,log10_energy_eev`, where all rows or none also have
  ///   `log10_energy_error`, and all or none of those `extrapolated` (0 or 1): values on a
  ///   grid. Rows run over log10 S800 first; both axes have even
  ///   steps. `nan` stands for an absent entry.
  /// - `sec_theta_low,p0,p1,p2,p3,p4,p5,p6,p7`: a polynomial in log10 S800 for each step in
  ///   sec theta, as the Telescope Array publishes its energy.
  ///
  /// A comment line `# for: array NAME; spacing 1200; ...` says what it was made for
  /// (`EnergyTablePurpose.text`).
  /// - Throws: `TableError` with the line at fault.
  public init(parsing text: String, name: String) throws(TableError) {
    let lines = text.lines
    let isStaircase = lines.first { !$0.hasPrefix("#") }?.hasPrefix("sec_theta_low") ?? false
    self.init(
      name: name,
      form: isStaircase
        ? .staircase(try EnergyStaircase(lines, name: name))
        : .nodes(try EnergyNodes(lines, name: name)),
      purpose: try EnergyTablePurpose(lines, name: name))
  }
}

extension EnergyStaircase {
  fileprivate init(_ lines: [Substring], name: String) throws(TableError) {
    var steps: [[Double]] = []
    for (number, line) in lines.enumerated() {
      if line.isEmpty || line.hasPrefix("#") || line.hasPrefix("sec_theta") { continue }
      let numbers = line.fields.map { Double($0) ?? .nan }
      guard numbers.count == Self.coefficientCount + 1, numbers.allSatisfy(\.isFinite) else {
        throw TableError(
          table: name, line: number + 1, reason: "expected nine numbers, found \"\(line)\"")
      }
      let start = 1 + Double(steps.count) * Self.width
      guard abs(numbers[0] - start) < 1e-6 else {
        throw TableError(
          table: name, line: number + 1,
          reason: "expected the step from sec theta \(start), found \(numbers[0])")
      }
      steps.append(Array(numbers.dropFirst()))
    }
    guard !steps.isEmpty else {
      throw TableError(table: name, line: nil, reason: "no steps in sec theta")
    }
    self.init(steps: steps)
  }
}

extension EnergyNodes {
  fileprivate init(_ lines: [Substring], name: String) throws(TableError) {
    var nodes: [SIMD2<Double>] = []
    var entries: [Entry?] = []
    var columnCount: Int?
    for (number, line) in lines.enumerated() {
      if line.isEmpty || line.hasPrefix("#") || line.hasPrefix("sec_theta") { continue }
      let fields = line.fields.map { Double($0) }
      let expected = columnCount ?? ((4...5).contains(fields.count) ? fields.count : 3)
      columnCount = expected
      let numbers = fields.compactMap { $0 }
      guard fields.count == expected, numbers.count == expected,
        numbers[0].isFinite, numbers[1].isFinite, Self.isEntry(numbers[2...])
      else {
        throw TableError(
          table: name, line: number + 1,
          reason: "expected \(["three", "four", "five"][expected - 3]) numbers, found \"\(line)\"")
      }
      nodes.append(SIMD2(numbers[0], numbers[1]))
      entries.append(
        numbers[2].isNaN
          ? nil
          : Entry(
            logEnergy: numbers[2], error: expected >= 4 ? numbers[3] : nil,
            isExtrapolated: expected == 5 && numbers[4] != 0))
    }
    let (secant, logSignal) = try Self.axes(nodes, name: name)
    self.init(secant: secant, logSignal: logSignal, entries: entries)
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
