extension ResponseTable {
  /// A table from the text of a file in `tables/detectors/`.
  ///
  /// Comment lines come first: `# source: ...`, `# vem_energy: ...` [MeV] (2.05 if left out) and,
  /// for a detector of one layer, `# layers: 1`.
  /// Then follow a header and a row a particle, energy and angle. Columns may come in any order and
  /// others may stand beside them: `particle`, `energy_MeV`, `cos_zenith`, `mean_upper`,
  /// `sd_upper`, `p_upper_only`, `q16_upper`, `q50_upper`, `q84_upper`; with two layers also the
  /// same of the lower one, `corr` and `p_both`. Photons, electrons and muons must be there.
  /// - Throws: `TableError` with the line at fault.
  public init(parsing text: String, file: String) throws(TableError) {
    var (source, layers, energyOfVEM) = ("", 2, DetectorDescription.telescopeArray.energyOfVEM)
    var columns: Columns?
    var lines: [RowKey: Int] = [:]
    var rows: [Row] = []
    for (number, line) in text.lines.enumerated() {
      func fail(_ reason: String) -> TableError {
        TableError(table: file, line: number + 1, reason: reason)
      }
      if line.isEmpty { continue }
      if line.hasPrefix("#") {
        let parts = line.dropFirst().split(separator: ":", maxSplits: 1).map(withoutBlanks)
        guard parts.count == 2 else { continue }
        if parts[0] == "source" { source = parts[1] }
        if parts[0] == "vem_energy" {
          guard let value = Double(parts[1]), (0.01...1000).contains(value) else {
            throw fail("vem_energy must be 0.01 to 1000 MeV, found \"\(parts[1])\"")
          }
          energyOfVEM = value
        }
        if parts[0] == "layers" {
          guard let count = Int(parts[1]), (1...2).contains(count), columns == nil else {
            throw fail("layers must be 1 or 2, before the header, found \"\(parts[1])\"")
          }
          layers = count
        }
        continue
      }
      let fields = line.fields
      guard let known = columns else {
        columns = try Columns(header: fields, layers: layers, file: file, line: number + 1)
        continue
      }
      let row = try known.row(fields, file: file, line: number + 1)
      let key = RowKey(particle: row.particle, energy: row.energy, cosine: row.cosZenith)
      if let other = lines.updateValue(number + 1, forKey: key) {
        throw fail(
          "\(row.particle.rawValue) of \(row.energy) MeV at cosine \(row.cosZenith) is on line "
            + "\(other) already")
      }
      rows.append(row)
    }
    for particle in [Particle.photon, .electron, .muon]
    where !rows.contains(where: { $0.particle == particle }) {
      throw TableError(table: file, reason: "has no row of particle \(particle.rawValue)")
    }
    self.init(
      name: file, source: source, layerCount: layers, energyOfVEM: energyOfVEM, rows: rows)
  }

  private struct RowKey: Hashable {
    var particle: Particle
    var energy: Double
    var cosine: Double
  }

  /// Where the columns are.
  private struct Columns {
    private let layers: Int
    private let count: Int
    private let indices: [String: Int]

    private static let common = [
      "particle", "energy_MeV", "cos_zenith", "mean_upper", "sd_upper", "p_upper_only",
      "q16_upper", "q50_upper", "q84_upper",
    ]
    private static let ofTwoLayers = [
      "mean_lower", "sd_lower", "corr", "p_lower_only", "p_both", "q16_lower", "q50_lower",
      "q84_lower",
    ]

    init(header: [Substring], layers: Int, file: String, line: Int) throws(TableError) {
      self.layers = layers
      count = header.count
      indices = Dictionary(
        zip(header.map { withoutBlanks($0) }, header.indices),
        uniquingKeysWith: { first, _ in first }
      )
      for name in Self.common + (layers == 2 ? Self.ofTwoLayers : []) where indices[name] == nil {
        throw TableError(table: file, line: line, reason: "the header has no column \(name)")
      }
    }

    func row(_ fields: [Substring], file: String, line: Int) throws(TableError) -> Row {
      func fail(_ reason: String) -> TableError {
        TableError(table: file, line: line, reason: reason)
      }
      guard fields.count == count else {
        throw fail("expected \(count) columns as in the header, found \(fields.count)")
      }
      func text(_ name: String) -> String { withoutBlanks(fields[indices[name] ?? 0]) }
      func number(_ name: String, _ limits: ClosedRange<Double>) throws(TableError) -> Double {
        guard let value = Double(text(name)), limits.contains(value) else {
          throw fail(
            "\(name) must be \(limits.lowerBound) to \(limits.upperBound), found \"\(text(name))\"")
        }
        return value
      }
      func layer(_ name: String) throws(TableError) -> Layer {
        let deposits = 0.0...1e6
        let quantiles = SIMD3(
          try number("q16_" + name, deposits), try number("q50_" + name, deposits),
          try number("q84_" + name, deposits))
        guard quantiles.x <= quantiles.y, quantiles.y <= quantiles.z else {
          throw fail("the quantiles q16, q50 and q84 of the \(name) layer must not fall")
        }
        return Layer(
          mean: try number("mean_" + name, deposits), deviation: try number("sd_" + name, deposits),
          quantiles: quantiles)
      }
      guard let particle = Particle(rawValue: text("particle")) else {
        throw fail(
          "unknown particle \"\(text("particle"))\"; known: "
            + Particle.allCases.map(\.rawValue).joined(separator: ", "))
      }
      let energy = try number("energy_MeV", 1e-3...1e9)
      let cosine = try number("cos_zenith", 0.01...1)
      // A particle that showers makes several hits.
      let hits = 0.0...100
      let upper = try layer("upper")
      let upperOnly = try number("p_upper_only", hits)
      guard layers == 2 else {
        return Row(
          particle: particle, energy: energy, cosZenith: cosine, upper: upper, lower: Layer(),
          correlation: 0, upperOnly: upperOnly, lowerOnly: 0, both: 0)
      }
      return Row(
        particle: particle, energy: energy, cosZenith: cosine, upper: upper,
        lower: try layer("lower"), correlation: try number("corr", -1...1), upperOnly: upperOnly,
        lowerOnly: try number("p_lower_only", hits), both: try number("p_both", hits))
    }
  }
}

/// Text without blanks at its ends.
private func withoutBlanks(_ text: Substring) -> String {
  var text = text
  while text.first?.isWhitespace == true { text.removeFirst() }
  while text.last?.isWhitespace == true { text.removeLast() }
  return String(text)
}
