import Glibc
public import ShowerModel

/// Energy of a shower from S800 and zenith angle: log10(E/EeV) on a grid in sec theta and log10 S800.
///
/// Bilinear between grid points. Nothing outside the grid, nor in a cell with an absent corner: an energy
/// that no simulated shower stands for is not given.
public struct EnergyTable: Sendable, Equatable {
  public let name: String
  /// One axis of the grid.
  struct Axis: Sendable, Equatable {
    let first: Double
    let step: Double
    let count: Int

    /// The cell of a value, with the part of the way through it; nil outside.
    func cell(_ value: Double) -> (index: Int, fraction: Double)? {
      let x = (value - first) / step
      guard x >= 0, x <= Double(count - 1) else { return nil }
      let index = min(Int(x), count - 2)
      return (index, x - Double(index))
    }
  }
  /// An entry: log10(E/EeV) and its statistical standard error, nil where the table states none.
  struct Entry: Sendable, Equatable {
    let logEnergy: Double
    let error: Double?
  }
  /// sec theta.
  let secant: Axis
  /// log10(S800 / (VEM/m2)).
  let logSignal: Axis
  /// `[secant, logSignal]`, nil where absent.
  let entries: [Entry?]

  /// A table from text: comment lines with #, a header line, then sec_theta, log10_s800,
  /// log10_energy_eev and, in all lines or in none, log10_energy_error.
  ///
  /// Rows run over log10 S800 first; both grids are even. `nan` stands for an absent entry.
  /// - Throws: `TableError` with the line at fault.
  public init(parsing text: String, name: String) throws(TableError) {
    self.name = name
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
    self.entries = entries
    (secant, logSignal) = try EnergyTable.axes(nodes, name: name)
  }

  private init(name: String, secant: Axis, logSignal: Axis, entries: [Entry?]) {
    self.name = name
    self.secant = secant
    self.logSignal = logSignal
    self.entries = entries
  }

  /// The same table with energies on another scale than that of the simulation, which tables have.
  public func on(_ scale: EnergyScale) -> EnergyTable {
    guard scale != .simulation else { return self }
    let shift = log10(scale.perSimulation)
    return EnergyTable(
      name: name, secant: secant, logSignal: logSignal,
      entries: entries.map { entry in
        entry.map { Entry(logEnergy: $0.logEnergy + shift, error: $0.error) }
      })
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

  /// Where signal and zenith lie in a cell, and its corners; nil where one is absent, or outside.
  private func cell(
    _ signal800: Double, _ zenith: Double
  ) -> (u: Double, v: Double, corners: Corners)? {
    guard signal800 > 0, zenith < 0.5 * .pi, let (i, u) = secant.cell(1 / cos(zenith)),
      let (j, v) = logSignal.cell(log10(signal800))
    else { return nil }
    let index = i * logSignal.count + j
    guard let nearLow = entries[index], let nearHigh = entries[index + 1],
      let farLow = entries[index + logSignal.count],
      let farHigh = entries[index + logSignal.count + 1]
    else { return nil }
    return (u, v, Corners(nearLow: nearLow, nearHigh: nearHigh, farLow: farLow, farHigh: farHigh))
  }

  /// Entries around a place: near and far in sec theta, low and high in S800.
  private struct Corners {
    let nearLow: Entry
    let nearHigh: Entry
    let farLow: Entry
    let farHigh: Entry
  }

  /// log10(E/EeV) with its derivatives by ln S800 and by theta; nil where the table has no energy.
  public func logEnergy(
    signal800: Double, zenith: Double
  ) -> (value: Double, perLogSignal: Double, perZenith: Double)? {
    guard let (u, v, at) = cell(signal800, zenith) else { return nil }
    let nearStep = at.nearHigh.logEnergy - at.nearLow.logEnergy
    let farStep = at.farHigh.logEnergy - at.farLow.logEnergy
    let low = at.nearLow.logEnergy + v * nearStep
    let high = at.farLow.logEnergy + v * farStep
    let perY = (1 - u) * nearStep + u * farStep
    let secTheta = 1 / cos(zenith)
    return (
      low + u * (high - low), perY / logSignal.step / log(10),
      (high - low) / secant.step * secTheta * tan(zenith)
    )
  }

  /// Statistical standard error of the table's log10(E/EeV); nil where it has no energy or states no error.
  ///
  /// The errors of neighbouring entries come from the same showers, so they are interpolated as they are
  /// (fully correlated), not added in quadrature.
  public func tableError(signal800: Double, zenith: Double) -> Double? {
    guard let (u, v, at) = cell(signal800, zenith), let nearLow = at.nearLow.error,
      let nearHigh = at.nearHigh.error, let farLow = at.farLow.error, let farHigh = at.farHigh.error
    else { return nil }
    let low = nearLow + v * (nearHigh - nearLow)
    let high = farLow + v * (farHigh - farLow)
    return low + u * (high - low)
  }
}
