import Glibc
public import ShowerModel

/// Energy of a shower from S800 and zenith angle: log10(E/EeV) on a grid in sec theta and log10 S800.
///
/// Bilinear between grid points; nothing outside the grid.
public struct EnergyTable: Sendable, Equatable {
  public let name: String
  /// First value and step of sec theta, and number of them.
  let secant: (first: Double, step: Double, count: Int)
  /// First value and step of log10(S800 / (VEM/m2)), and number of them.
  let logSignal: (first: Double, step: Double, count: Int)
  /// log10(E/EeV), `[secant, logSignal]`.
  let values: [Double]

  /// A table from text: comment lines with #, a header line, then sec_theta, log10_s800, log10_energy_eev.
  ///
  /// Rows run over log10 S800 first; both grids are even.
  /// - Throws: `TableError` with the line at fault.
  public init(parsing text: String, name: String) throws(TableError) {
    self.name = name
    var rows: [SIMD3<Double>] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if line.isEmpty || line.hasPrefix("#") || line.hasPrefix("sec_theta") { continue }
      let fields = line.split(separator: ",").map { Double($0) }
      guard fields.count == 3, let a = fields[0], let b = fields[1], let c = fields[2],
        a.isFinite, b.isFinite, c.isFinite
      else {
        throw TableError(
          table: name, line: number + 1, reason: "expected three numbers, found \"\(line)\"")
      }
      rows.append(SIMD3(a, b, c))
    }
    let columns = rows.prefix { $0.x == rows[0].x }.count
    guard columns >= 2, rows.count >= 2 * columns, rows.count.isMultiple(of: columns) else {
      throw TableError(table: name, line: nil, reason: "not a grid of at least 2 x 2 points")
    }
    secant = (rows[0].x, rows[columns].x - rows[0].x, rows.count / columns)
    logSignal = (rows[0].y, rows[1].y - rows[0].y, columns)
    for (index, row) in rows.enumerated() {
      let (i, j) = (index / columns, index % columns)
      guard abs(row.x - secant.first - Double(i) * secant.step) < 1e-6,
        abs(row.y - logSignal.first - Double(j) * logSignal.step) < 1e-6
      else {
        throw TableError(
          table: name, line: nil, reason: "uneven grid at sec_theta \(row.x), log10_s800 \(row.y)")
      }
    }
    values = rows.map(\.z)
  }

  public static func == (a: EnergyTable, b: EnergyTable) -> Bool {
    a.name == b.name && a.secant == b.secant && a.logSignal == b.logSignal && a.values == b.values
  }

  /// log10(E/EeV) with its derivatives by ln S800 and by theta; nil outside the grid.
  public func logEnergy(
    signal800: Double, zenith: Double
  ) -> (value: Double, perLogSignal: Double, perZenith: Double)? {
    guard signal800 > 0, zenith < 0.5 * .pi else { return nil }
    let secTheta = 1 / cos(zenith)
    let x = (secTheta - secant.first) / secant.step
    let y = (log10(signal800) - logSignal.first) / logSignal.step
    guard x >= 0, y >= 0, x <= Double(secant.count - 1), y <= Double(logSignal.count - 1) else {
      return nil
    }
    let (i, j) = (min(Int(x), secant.count - 2), min(Int(y), logSignal.count - 2))
    let (u, v) = (x - Double(i), y - Double(j))
    let at = { (a: Int, b: Int) in values[a * logSignal.count + b] }
    let low = at(i, j) + v * (at(i, j + 1) - at(i, j))
    let high = at(i + 1, j) + v * (at(i + 1, j + 1) - at(i + 1, j))
    let perY =
      (1 - u) * (at(i, j + 1) - at(i, j)) + u * (at(i + 1, j + 1) - at(i + 1, j))
    return (
      low + u * (high - low), perY / logSignal.step / log(10),
      (high - low) / secant.step * secTheta * tan(zenith)
    )
  }
}
