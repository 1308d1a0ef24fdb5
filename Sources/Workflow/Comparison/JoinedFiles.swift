import Performance
import ShowerModel
import ShowerStore

/// Files of independent runs that are taken as one: same array and methods, different showers.
struct JoinedFiles {
  let readers: [EventFileReader]

  var first: EventFileReader { readers[0] }
  var areSeveral: Bool { readers.count > 1 }

  /// - Throws: `MergeError` for files that do not go together, and what opening throws.
  init(_ paths: [String]) throws {
    guard !paths.isEmpty else { throw MergeError("no files") }
    let readers = try paths.map { try EventFileReader(path: $0) }
    if readers.count > 1 {
      let shared = try SharedContent(readers[0])
      for (index, reader) in readers.enumerated().dropFirst() {
        try SharedContent(reader).check(against: shared)
        guard reader.identities == readers[0].identities else {
          throw MergeError("\(reader.path): its methods are not those of \(readers[0].path)")
        }
        guard reader.hasUTC == readers[0].hasUTC else {
          throw MergeError(
            "\(reader.path): times of events: \(reader.hasUTC ? "yes" : "no"), but "
              + "\(readers[0].hasUTC ? "yes" : "no") in \(readers[0].path)")
        }
        for earlier in readers[..<index] { try Self.check(reader, against: earlier) }
      }
    }
    self.readers = readers
  }

  /// Refuses two files of the same showers.
  private static func check(
    _ reader: EventFileReader, against other: EventFileReader
  ) throws(MergeError) {
    guard reader.path != other.path else { throw MergeError("\(reader.path): is given twice") }
    let shared = Set(reader.lineage.simulations).intersection(other.lineage.simulations)
    // Files of CORSIKA showers are alike in nothing but their kind.
    guard let same = shared.subtracting([.corsika]).min() else { return }
    throw MergeError(
      "\(reader.path): holds \(same), as \(other.path) does: the same showers would count twice. "
        + "Simulate with another --seed")
  }

  /// Which showers the files hold, and which ones their methods learned from.
  var lineage: Lineage {
    Lineage(
      build: readers.last?.lineage.build, simulations: readers.flatMap(\.lineage.simulations),
      learned: Dictionary(
        readers.flatMap { $0.lineage.learned.map { ($0.key, $0.value) } }, uniquingKeysWith: +))
  }

  /// The steps that made all files, file by file; each once.
  var provenance: [ProvenanceStep] {
    readers.flatMap(\.provenance).reduce(into: []) { steps, step in
      if !steps.contains(step) { steps.append(step) }
    }
  }

  /// Weights to a spectrum, where all files were simulated with one.
  ///
  /// - Throws: `WrongUse`, `InputError`.
  func spectrumWeight(to index: Double) throws -> SpectrumWeight {
    let weights = try readers.map { try SpectrumWeight(to: index, from: $0) }
    guard weights.allSatisfy({ $0 == weights[0] }) else {
      throw InputError(
        description: "\(first.path): the files were simulated with several spectra, "
          + "so --spectrum cannot be used")
    }
    return weights[0]
  }
}

extension [EventFileReader] {
  /// Events of all files, at most so many.
  func eventCount(limit: Int?) -> Int {
    Swift.min(reduce(0) { $0 + $1.eventCount }, limit ?? .max)
  }

  /// Ranges of rows of file after file, with the number of events up to their ends.
  func chunks(
    of size: Int, limit: Int?
  ) -> [(file: Int, reader: EventFileReader, rows: Range<Int>, done: Int)] {
    var (chunks, before) = ([(Int, EventFileReader, Range<Int>, Int)](), 0)
    for (file, reader) in enumerated() {
      for rows in reader.chunks(of: size, limit: limit.map { Swift.max($0 - before, 0) }) {
        chunks.append((file, reader, rows, before + rows.upperBound))
      }
      before += reader.eventCount
    }
    return chunks
  }

  /// Some rows of the events of all files, in ranges of one file each of at most `size` events,
  /// with the number of events up to their ends.
  ///
  /// No rows give one empty range.
  func chunks(
    of size: Int, in rows: Range<Int>
  ) -> [(reader: EventFileReader, rows: Range<Int>, done: Int)] {
    var (chunks, before, done) = ([(EventFileReader, Range<Int>, Int)](), 0, 0)
    for reader in self {
      let own = rows.clamped(to: before..<before + reader.eventCount)
      for part in reader.chunks(of: size, in: own.lowerBound - before..<own.upperBound - before)
      where !part.isEmpty || rows.isEmpty && chunks.isEmpty {
        done += part.count
        chunks.append((reader, part, done))
      }
      before += reader.eventCount
    }
    return chunks
  }

  /// A number that no other file's event or shower has; that of the first file is the file's own.
  func distinct(_ number: Int, file: Int) -> Int { number &+ file << 44 }
}
