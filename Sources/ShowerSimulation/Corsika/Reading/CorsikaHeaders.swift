public import ShowerModel

/// The words of a named sub-block, numbered from 1 as in CORSIKA's guide.
public struct CorsikaWords: Equatable, Sendable {
  let values: [Float]

  init(_ start: UnsafeRawPointer) {
    values = (0..<273).map { start.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
  }

  public subscript(word: Int) -> Float { values[word - 1] }

  func number(_ word: Int) -> Double { Double(self[word]) }
}

/// RUNH: what all showers of a file have in common.
public struct CorsikaRunHeader: Equatable, Sendable {
  public let words: CorsikaWords

  public var run: Int { Int(words[2]) }
  /// As yymmdd.
  public var date: Int { Int(words[3]) }
  public var version: Double { (words.number(4) * 1e4).rounded() / 1e4 }
  /// Heights above sea level, the highest first [m].
  public var levels: [Double] { (0..<Int(words[5])).map { words.number(6 + $0) / 100 } }
  public var spectralIndex: Double { words.number(16) }
  /// [GeV].
  public var energyRange: ClosedRange<Double> {
    min(words.number(17), words.number(18))...max(words.number(17), words.number(18))
  }
  public var showerCount: Int { Int(words[93]) }

  init(_ words: CorsikaWords, file: String, block: Int) throws(CorsikaError) {
    try words.check(file, block, "RUNH", [(2, 0...1e7), (3, 0...1e7), (4, 1...100), (5, 1...10)])
    try words.check(
      file, block, "RUNH", (0..<Int(words[5])).map { (6 + $0, -1e6...2e7) })
    try words.check(file, block, "RUNH", [(16, -1e3...1e3), (17, 0...1e15), (18, 0...1e15)])
    try words.check(file, block, "RUNH", [(93, 0...1e9)])
    self.words = words
  }
}

/// EVTH: one shower.
public struct CorsikaEventHeader: Equatable, Sendable {
  public let words: CorsikaWords

  public var event: Int { Int(words[2]) }
  /// Id of the primary, as those of particles.
  public var primaryID: Int { Int(words[3]) }
  /// [GeV].
  public var energy: Double { words.number(4) }
  /// [rad].
  public var zenith: Double { words.number(11) }
  /// Azimuth of the **momentum** from magnetic north towards west [rad].
  public var momentumAzimuth: Double { words.number(12) }
  /// Height of the first interaction above sea level [m].
  public var firstInteraction: Double { abs(words.number(7)) / 100 }
  /// Height above sea level where the clock starts [m]: the first interaction, or the margin of the
  /// atmosphere.
  public var clockStart: Double { (words[7] > 0 ? words.number(7) : words.number(158)) / 100 }
  /// Whether the clock starts at the margin of the atmosphere.
  public var startsAtMargin: Bool { !(words[7] > 0) }
  /// Heights above sea level, the highest first [m].
  public var levels: [Double] { (0..<Int(words[47])).map { words.number(48 + $0) / 100 } }
  /// Least kinetic energies of hadrons, muons, electrons, photons [GeV]; 1e20 where particles of a
  /// kind are not followed.
  public var cuts: [Double] { (61...64).map { words.number($0) } }
  /// Magnetic field, north and down [uT].
  public var field: SIMD2<Double> { SIMD2(words.number(71), words.number(72)) }
  public var lowEnergyModel: String {
    Self.name(words[75], ["GHEISHA", "UrQMD", "FLUKA"], from: 1)
  }
  public var highEnergyModel: String {
    Self.name(
      words[76], ["HDPM", "VENUS", "SIBYLL", "QGSJET", "DPMJET", "NEXUS", "EPOS"], from: 0)
  }
  /// Angle by which coordinates are turned, ARRANG [rad].
  public var arrayRotation: Double { words.number(93) }
  /// Thinning fraction of hadrons and of electrons and photons; 0 where not thinned.
  public var thinning: SIMD2<Double> { SIMD2(words.number(148), words.number(149)) }
  /// Largest weights of hadrons and muons, and of electrons and photons; 0 for no limit.
  public var weightLimits: SIMD2<Double> { SIMD2(words.number(150), words.number(151)) }
  /// Axis distance inside which particles were thinned once more, RMAX [m]; 0 for none.
  public var radialThinning: Double { max(words.number(152), 0) / 100 }
  /// Whether Cherenkov photons were made too.
  var hasCherenkov: Bool { words[77] != 0 }

  /// The primary, where it is one of those that the program knows.
  public var primary: Primary? {
    switch primaryID {
    case 1: .photon
    case 14: .proton
    case 402: .helium
    case 1407: .nitrogen
    case 5626: .iron
    default: nil
    }
  }

  private static func name(_ word: Float, _ names: [String], from first: Int) -> String {
    let index = Int(word) - first
    return names.indices.contains(index) ? names[index] : "model \(Int(word))"
  }

  init(_ words: CorsikaWords, file: String, block: Int) throws(CorsikaError) {
    try words.check(
      file, block, "EVTH",
      [
        (2, 0...1e9), (3, 1...1e4), (4, 1e-3...1e15), (5, 0...1e5), (7, -2e9...2e9),
        (8, -1e15...1e15), (9, -1e15...1e15), (10, -1e15...1e15), (11, 0...1.5708),
        (12, -10...10), (47, 1...10), (61, 0...1e30), (62, 0...1e30), (63, 0...1e30),
        (64, 0...1e30), (71, -1e3...1e3), (72, -1e3...1e3), (75, 0...100), (76, 0...100),
        (93, -10...10), (148, 0...1), (149, 0...1), (150, 0...1e15), (151, 0...1e15),
        (158, -1e6...2e9),
      ])
    try words.check(
      file, block, "EVTH", (0..<Int(words[47])).map { (48 + $0, -1e6...2e7) })
    self.words = words
  }
}

/// EVTE: what CORSIKA says of a shower at its end.
public struct CorsikaEventEnd: Equatable, Sendable {
  public let words: CorsikaWords

  public var event: Int { Int(words[2]) }
  /// Weighted numbers of photons, electrons, hadrons and muons at the ground.
  public var photons: Double { words.number(3) }
  public var electrons: Double { words.number(4) }
  public var hadrons: Double { words.number(5) }
  public var muons: Double { words.number(6) }
  /// Particles in the file, without additional information.
  public var rowCount: Int { Int(words[7]) }
  /// The same of the particles that were written; nil in files of versions that do not say.
  ///
  /// Radial thinning (RMAX) comes after the first counts: only these are those of the file.
  var written: (photons: Double, electrons: Double, hadrons: Double, muons: Double)? {
    let counts = (263...266).map { words.number($0) }
    guard counts.contains(where: { $0 > 0 }), counts.allSatisfy(\.isFinite) else { return nil }
    return (counts[0], counts[1], counts[2], counts[3])
  }

  /// Depth of maximum of CORSIKA's fit to the longitudinal profile of charged particles [g/cm2]. It
  /// is vertical, or slant if CORSIKA was compiled with SLANT. The file does not tell which. Nil
  /// without a fit.
  public var fittedDepth: Double? {
    let depth = words.number(258)
    return words[256] > 0 && words[262] > 0 && (1...3000).contains(depth) ? depth : nil
  }

  init(_ words: CorsikaWords, file: String, block: Int) throws(CorsikaError) {
    try words.check(
      file, block, "EVTE",
      [
        (2, 0...1e9), (3, 0...1e30), (4, 0...1e30), (5, 0...1e30), (6, 0...1e30), (7, 0...1e15),
      ])
    self.words = words
  }
}

extension CorsikaWords {
  /// Throws where a word lies outside what it may be; NaN does.
  fileprivate func check(
    _ file: String, _ block: Int, _ name: String, _ ranges: [(word: Int, range: ClosedRange<Float>)]
  ) throws(CorsikaError) {
    for (word, range) in ranges where !range.contains(self[word]) {
      throw CorsikaError(
        file: file, block: block, .invalidWord(block: name, word: word, found: self[word]))
    }
  }
}
