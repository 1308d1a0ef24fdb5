internal import Glibc
internal import ShowerModel

/// What is in a particle file, for `inspect`: its run, its showers, and where it breaks off.
public struct CorsikaSummary: Sendable {
  /// A shower that is complete.
  public struct Entry: Sendable {
    public var header: CorsikaEventHeader
    public var end: CorsikaEventEnd
    /// Rows of photons, electrons, muons, hadrons and additional information, in this order.
    public var rowCounts: [Int]
    /// Largest weights of the same.
    public var largestWeights: [Double]
    /// Least delay behind the plane front of the last level [ns].
    public var leastDelay: Double
  }

  public let path: String
  public let layout: CorsikaLayout
  public let runHeader: CorsikaRunHeader
  public let entries: [Entry]
  public let blockCount: Int
  public let longitudinalBlockCount: Int
  /// What is strange about the showers listed.
  public let warnings: [String]
  /// What is wrong with the file after the showers listed.
  public let failure: CorsikaError?

  /// Reads a whole file; what goes wrong after its first header is kept in `failure`.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - check: called now and then, to end the reading by an error.
  /// - Throws: `CorsikaError` where not even the header of the run can be read, and what `check`
  ///   throws.
  public init(path: String, check: () throws -> Void = {}) throws {
    let reader = try CorsikaReader(path: path)
    var entries: [Entry] = []
    var failure: CorsikaError?
    do {
      while let header = try reader.nextEvent() {
        try check()
        entries.append(try Entry(header, reader, check))
      }
    } catch let error as CorsikaError { failure = error }
    self.path = path
    layout = reader.layout
    runHeader = reader.runHeader
    self.entries = entries
    blockCount = reader.blockCount
    longitudinalBlockCount = reader.longitudinalBlockCount
    self.failure = failure
    warnings = reader.warnings
  }
}

extension CorsikaSummary.Entry {
  fileprivate init(
    _ header: CorsikaEventHeader, _ reader: CorsikaReader, _ check: () throws -> Void
  ) throws {
    let kinds = CorsikaParticle.Kind.allCases
    var counts = [Int](repeating: 0, count: kinds.count)
    var largest = [Double](repeating: 0, count: kinds.count)
    var least = Double.infinity
    let fronts = header.levels.map { CorsikaFront(header, levelHeight: $0) }
    var sinceCheck = 0
    while let rows = try reader.nextRowBuffer() {
      sinceCheck += 1
      if sinceCheck % 10_000 == 0 { try check() }
      for row in rows {
        let index = row.kind.index
        counts[index] += 1
        guard row.kind != .additional, row.level <= fronts.count else { continue }
        largest[index] = max(largest[index], row.weight)
        least = min(least, fronts[row.level - 1].delay(of: row))
      }
    }
    guard let end = reader.eventEnd else { preconditionFailure("an event without end") }
    self.init(
      header: header, end: end, rowCounts: counts, largestWeights: largest, leastDelay: least)
  }
}

extension CorsikaSummary: CustomStringConvertible {
  /// A page of text.
  public var description: String {
    let markers =
      layout.markerBytes == 0 ? "without markers" : "markers of \(layout.markerBytes) bytes"
    let heights = runHeader.levels.map { "\(text($0)) m" }.joined(separator: ", ")
    var lines = [
      "\(path): CORSIKA \(text(runHeader.version)) particle file, "
        + (layout.isThinned ? "thinned" : "not thinned") + ", records \(markers)",
      "  run              \(runHeader.run), date \(padded(runHeader.date, 6)) (yymmdd)",
      "  levels           \(heights)",
      "  energies         \(text(runHeader.energyRange.lowerBound)) to "
        + "\(text(runHeader.energyRange.upperBound)) GeV, "
        + "spectral index \(text(runHeader.spectralIndex))",
      "  showers          \(entries.count) complete, \(runHeader.showerCount) asked for",
      "  sub-blocks       \(blockCount), \(longitudinalBlockCount) of them LONG",
    ]
    if let first = entries.first?.header { lines += settings(of: first) }
    for entry in entries { lines += page(of: entry) }
    lines += warnings.map { "  warning          \($0)" }
    return lines.joined(separator: "\n")
  }

  private func settings(of header: CorsikaEventHeader) -> [String] {
    let cuts = header.cuts.map { text($0) }.joined(separator: ", ")
    let (thinning, limits) = (header.thinning, header.weightLimits)
    func limit(_ value: Double) -> String { value > 0 ? text(value) : "none" }
    return [
      "  models           \(header.highEnergyModel) above \(text(header.words.number(155))) GeV, "
        + "\(header.lowEnergyModel) below",
      "  cuts             \(cuts) GeV kinetic (hadrons, muons, electrons, photons)",
      "  magnetic field   \(text(header.field.x)) uT north, \(text(header.field.y)) uT down",
      layout.isThinned
        ? "  thinning         \(text(thinning.x)) hadrons, \(text(thinning.y)) electromagnetic; "
          + "largest weights \(limit(limits.x)) and \(limit(limits.y))"
          + (header.radialThinning > 0
            ? "; once more within \(text(header.radialThinning)) m (RMAX)" : "")
        : "  thinning         none",
      "  clock            starts at "
        + (header.startsAtMargin ? "the margin of the atmosphere" : "the first interaction"),
    ]
  }

  private func page(of entry: Entry) -> [String] {
    let header = entry.header
    let source = CorsikaFrame().source(
      zenith: header.zenith, momentumAzimuth: header.momentumAzimuth)
    func degrees(_ angle: Double) -> String { text(angle / Units.degree, decimals: 3) }
    let id = "\(header.primaryID)"
    let primary = header.primary.map { "\($0.symbol) (\(id))" } ?? id
    let counts = zip(["photons", "electrons", "muons", "hadrons", "additional"], entry.rowCounts)
      .filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    let end = entry.end
    return [
      "Shower \(header.event): primary \(primary), \(text(header.energy)) GeV",
      "  zenith           \(degrees(header.zenith)) deg, CORSIKA's azimuth of the momentum "
        + "\(degrees(header.momentumAzimuth)) deg",
      "  source           azimuth \(degrees(source.azimuth)) deg from magnetic east to north",
      "  first at         \(text(header.firstInteraction)) m above sea level",
      "  rows             \(counts.isEmpty ? "none" : counts)",
      "  at the ground    \(text(end.photons)) photons, \(text(end.electrons)) electrons, "
        + "\(text(end.muons)) muons, \(text(end.hadrons)) hadrons",
      "  largest weights  "
        + entry.largestWeights.prefix(4).map { text($0) }.joined(separator: ", ")
        + " (photons, electrons, muons, hadrons)",
      "  least delay      \(text(entry.leastDelay, decimals: 3)) ns behind the plane front",
      "  depth of maximum "
        + (end.fittedDepth.map { "\(text($0)) g/cm2 (CORSIKA's fit; vertical unless SLANT)" }
          ?? "no fit in the file"),
    ]
  }

  /// Six digits, or a number of decimals.
  private func text(_ value: Double, decimals: Int? = nil) -> String {
    guard value.isFinite else { return "none" }
    if let decimals {
      let scale = pow(10, Double(decimals))
      return "\((value * scale).rounded() / scale)"
    }
    guard value != 0 else { return "0" }
    // 0.999999 is 1.
    let exponent = Int(floor(log10(abs(value)) + 1e-6))
    let isPlain = (-3..<8).contains(exponent)
    // Six digits; numbers of other size as mantissa and exponent.
    let scale = pow(10, Double(isPlain ? 5 - exponent : 5))
    let digits = ((isPlain ? value : value / pow(10, Double(exponent))) * scale).rounded() / scale
    let number = digits == digits.rounded() ? "\(Int(digits))" : "\(digits)"
    return isPlain ? number : "\(number)e\(exponent)"
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(width - digits.count, 0)) + digits
  }
}

extension CorsikaParticle.Kind {
  /// Place among all cases.
  var index: Int {
    switch self {
    case .photon: 0
    case .electron: 1
    case .muon: 2
    case .hadron: 3
    case .additional: 4
    }
  }
}
