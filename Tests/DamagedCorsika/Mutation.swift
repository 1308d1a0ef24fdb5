public import Foundation
internal import ShowerModel
internal import ShowerSimulation

/// One random damage of a file: flipped bits, cuts, insertions, exchanged and repeated pieces.
public enum Mutation: CaseIterable {
  case flippedBits, randomBytes, cut, removedPiece, inserted, exchangedBlocks, repeatedRecord
  case wrongName, wrongNumber

  /// Damages some bytes in a random way; `blockBytes` is the length of a sub-block.
  static func apply(
    to data: inout [UInt8], blockBytes: Int, using random: inout CounterRandom
  ) {
    func place(_ bound: Int) -> Int { Int(random.uniform() * Double(max(bound, 1))) }
    switch allCases[place(allCases.count)] {
    case .flippedBits:
      for _ in 0...place(8) { data[place(data.count)] ^= 1 << UInt8(place(8)) }
    case .randomBytes:
      let start = place(data.count)
      for index in start..<min(start + 1 + place(64), data.count) {
        data[index] = UInt8(truncatingIfNeeded: random.next())
      }
    case .cut: data.removeLast(place(data.count))
    case .removedPiece:
      let start = place(data.count)
      data.removeSubrange(start..<min(start + 1 + place(4096), data.count))
    case .inserted:
      let piece = (0...place(4096)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      data.insert(contentsOf: piece, at: place(data.count))
    case .exchangedBlocks:
      let blocks = data.count / blockBytes
      let (a, b) = (4 + blockBytes * place(blocks - 1), 4 + blockBytes * place(blocks - 1))
      for index in 0..<blockBytes where max(a, b) + index < data.count {
        data.swapAt(a + index, b + index)
      }
    case .repeatedRecord:
      let record = 21 * blockBytes + 8
      let start = record * place(data.count / record)
      data.insert(contentsOf: data[start..<min(start + record, data.count)], at: start)
    case .wrongName:
      let names = ["RUNH", "EVTH", "LONG", "EVTE", "RUNE", "XXXX"]
      let start = 4 + blockBytes * place(data.count / blockBytes - 1)
      for (index, byte) in names[place(names.count)].utf8.enumerated()
      where start + index < data.count {
        data[start + index] = byte
      }
    case .wrongNumber:
      let values: [Float] = [.nan, .infinity, -.infinity, 0, -1, 1e38, -1e38, 1e-38, 75_000]
      let start = place(data.count / 4 - 1) * 4
      withUnsafeBytes(of: values[place(values.count)]) {
        data.replaceSubrange(start..<start + 4, with: $0)
      }
    }
  }

  /// Reads many damaged copies of files; every error must be a `CorsikaError`.
  ///
  /// - Parameters:
  ///   - files: sound files.
  ///   - count: damaged copies in all.
  ///   - seed: of the damages.
  ///   - folder: where a copy lies while it is read.
  /// - Returns: the result of the reader.
  /// - Throws: any error that is no `CorsikaError`.
  public static func run(
    files: [String], count: Int, seed: UInt64, folder: URL
  ) throws -> MutationReport {
    let sound = try files.map { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
    let blockBytes = try files.map { try CorsikaReader(path: $0).layout.isThinned ? 1248 : 1092 }
    let copy = folder.appending(path: "damaged")
    var report = MutationReport()
    for number in 0..<count {
      var random = CounterRandom(seed: seed, event: number)
      let which = number % files.count
      var data = sound[which]
      for _ in 0...(number % 3) where data.count > 8 {
        apply(to: &data, blockBytes: blockBytes[which], using: &random)
      }
      try Data(data).write(to: copy)
      let start = ContinuousClock.now
      let outcome: String
      do {
        let summary = try CorsikaSummary(path: copy.path)
        outcome = summary.failure.map { name(of: $0.kind) } ?? "read to its end"
      } catch let error as CorsikaError { outcome = name(of: error.kind) }
      report.outcomes[outcome, default: 0] += 1
      report.longest = max(report.longest, start.duration(to: .now) / .seconds(1))
    }
    return report
  }

  /// The case without its values.
  private static func name(of kind: CorsikaError.Kind) -> String {
    "\("\(kind)".prefix { $0 != "(" })"
  }
}

/// What many damaged files did to the reader.
public struct MutationReport {
  /// Files by the result of the reader.
  public internal(set) var outcomes: [String: Int] = [:]
  /// The longest time of one file [s].
  public internal(set) var longest = 0.0
}
