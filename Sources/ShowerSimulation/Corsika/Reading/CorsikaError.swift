/// Why a CORSIKA particle file cannot be used, or not to its end.
public struct CorsikaError: Error, Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    /// There is no such file.
    case missing
    /// The system refuses to open or read it.
    case unreadable(reason: String)
    /// The program that unpacks it is not installed.
    case decompressorMissing(program: String)
    /// The program that unpacks it failed.
    case decompressionFailed(program: String, reason: String)
    /// Its first bytes are not those of a particle file.
    case notCorsika(found: String)
    /// Written on a machine of the other byte order.
    case byteSwapped
    /// Holds Cherenkov photons instead of particles.
    case cherenkov(found: String)
    /// The lengths before and after a record are not what they must be.
    case wrongMarker(found: Int, expected: Int)
    /// A sub-block that cannot stand here.
    case unexpectedBlock(found: String, expected: String)
    /// A word of a header or end block that means nothing.
    case invalidWord(block: String, word: Int, found: Float)
    /// A particle that cannot be one.
    case invalidParticle(row: Int, found: String)
    /// What the end of an event or run says and what was read differ.
    case inconsistent(quantity: String, stated: Double, found: Double)
    /// Ends before the end of its run.
    case truncated(missing: String)
    /// The coordinates are turned against magnetic north.
    case rotatedArray(angle: Double)
    /// Several observation levels, or not the one asked for.
    case wrongLevel(asked: Int?, count: Int)
    /// Something else that this program does not simulate from.
    case unsupported(what: String, remedy: String)
  }

  public let file: String
  /// Number of the sub-block in the file, counted from 1; nil where it is not about one.
  public let block: Int?
  public let kind: Kind

  public init(file: String, block: Int? = nil, _ kind: Kind) {
    self.file = file
    self.block = block
    self.kind = kind
  }

  /// Whether the file is cut: the events before are complete and good.
  public var isTruncation: Bool {
    switch kind {
    case .truncated, .decompressionFailed: true
    default: false
    }
  }
}

extension CorsikaError: CustomStringConvertible {
  /// `<file>: block <number>: <what was found>. <remedy>.`
  public var description: String {
    "\(file): " + (block.map { "block \($0): " } ?? "") + "\(what). \(remedy)."
  }

  private var what: String {
    switch kind {
    case .missing: "no such file"
    case .unreadable(let reason): "cannot be read: \(reason)"
    case .decompressorMissing(let program):
      "is compressed, and the program \(program) that unpacks it is missing"
    case .decompressionFailed(let program, let reason): "\(program) could not unpack it: \(reason)"
    case .notCorsika(let found): "not a CORSIKA particle file: it begins with \(found)"
    case .byteSwapped: "the bytes of its numbers are in the opposite order (big-endian)"
    case .cherenkov(let found): "Cherenkov photons and not particles: found \(found)"
    case .wrongMarker(let found, let expected):
      "a record of length \(found) where \(expected) must be"
    case .unexpectedBlock(let found, let expected): "found \(found) where \(expected) must be"
    case .invalidWord(let block, let word, let found): "word \(word) of \(block) is \(found)"
    case .invalidParticle(let row, let found): "particle \(row) of the block is none: \(found)"
    case .inconsistent(let quantity, let stated, let found):
      "\(quantity): the file says \(stated), but holds \(found)"
    case .truncated(let missing): "truncated: the file ends before \(missing)"
    case .rotatedArray(let angle): "coordinates turned by \(angle) rad (ARRANG)"
    case .wrongLevel(nil, let count): "particles at \(count) observation levels"
    case .wrongLevel(.some(let asked), let count):
      "no observation level \(asked), there are \(count)"
    case .unsupported(let what, _): what
    }
  }

  private var remedy: String {
    switch kind {
    case .missing: "Check the name"
    case .unreadable: "Check the file and its permissions"
    case .decompressorMissing(let program):
      "Install it (apt-get install \(program)), or unpack the file first"
    case .decompressionFailed: "Copy the file again; events before this place are complete"
    case .notCorsika: "Give the DATnnnnnn file that CORSIKA 7 wrote, plain or compressed"
    case .byteSwapped: "Run CORSIKA on a little-endian machine, or swap the bytes of all words"
    case .cherenkov: "Give the particle file (DATnnnnnn), not the Cherenkov file (CERnnnnnn)"
    case .wrongMarker, .unexpectedBlock, .invalidWord, .invalidParticle, .inconsistent:
      "The file is damaged here: copy it or make it again"
    case .truncated:
      "The job was killed or the copy is incomplete: events before this place are complete"
    case .rotatedArray: "Run CORSIKA with ARRANG 0"
    case .wrongLevel(nil, let count): "Choose one with --observation-level 1...\(count)"
    case .wrongLevel(_, let count): "Choose one of 1...\(count)"
    case .unsupported(_, let remedy): remedy
    }
  }
}
