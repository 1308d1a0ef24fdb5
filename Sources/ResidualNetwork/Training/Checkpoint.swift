internal import Foundation
internal import ShowerModel

/// Where training keeps what it needs to go on after its end.
public struct CheckpointPlan: Sendable {
  public var path: String
  /// Seconds between checkpoints within an epoch; every epoch ends with one.
  public var interval: Double
  /// Goes on from the checkpoint, where there is one.
  public var resumes: Bool
  /// What the training is made of beside specification and settings, by name: the same when it goes
  /// on.
  public var identity: [String: String]

  public init(
    path: String, interval: Double = 300, resumes: Bool = false, identity: [String: String] = [:]
  ) {
    self.path = path
    self.interval = interval
    self.resumes = resumes
    self.identity = identity
  }
}

/// Weights of the best epoch so far.
struct BestWeights {
  var parameters: [Float]
  var epoch: Int
  var loss: Double
}

/// Everything that changes while a network is trained.
struct TrainingState {
  /// Epoch under way, from 1.
  var epoch = 1
  /// Batches of it that are done, and the sum of their losses.
  var batch = 0
  var loss = 0.0
  var parameters: [Float] = []
  var optimizer = TorchModule.OptimizerState(values: [], step: -1)
  var best: BestWeights?
  var reports: [EpochReport] = []
}

/// The state of a training in a file, with what tells whether it is the same training.
///
/// Line of text, sizes, JSON, floats, and a sum over all of it: a file that was cut is refused.
/// Written as `path.part` and renamed, so that one of that name is whole.
struct Checkpoint {
  static let magic = "airshower checkpoint 2\n"

  private struct Header: Codable {
    var identity: [String: String]
    var epoch: Int
    var batch: Int
    var loss: Double
    var bestEpoch: Int?
    var bestLoss: Double
    var reports: [EpochReport]
  }

  let identity: [String: String]
  let state: TrainingState

  /// The bytes of the file.
  func bytes() throws(NetworkError) -> [UInt8] {
    let header = Header(
      identity: identity, epoch: state.epoch, batch: state.batch, loss: state.loss,
      bestEpoch: state.best?.epoch, bestLoss: state.best?.loss ?? 0, reports: state.reports)
    var writer = ByteWriter()
    do {
      let encoder = JSONEncoder()
      encoder.nonConformingFloatEncodingStrategy = Self.named.encoding
      writer.write([UInt8](try encoder.encode(header)))
    } catch { throw .engine("checkpoint: \(error)") }
    writer.write(state.parameters)
    writer.write(state.optimizer.values)
    writer.write([state.optimizer.step])
    writer.write(state.best?.parameters ?? [])
    let body = Array(Self.magic.utf8) + writer.bytes
    return body + withUnsafeBytes(of: Self.sum(body)) { Array($0) }
  }

  init(identity: [String: String], state: TrainingState) {
    self.identity = identity
    self.state = state
  }

  /// - Throws: `NetworkError.notThisTraining` for bytes that are no whole checkpoint.
  init(_ bytes: [UInt8], path: String) throws(NetworkError) {
    func damaged(_ reason: String) -> NetworkError {
      .notThisTraining(path: path, differences: [reason])
    }
    let magic = Array(Self.magic.utf8)
    guard bytes.starts(with: magic) else {
      throw damaged("it is not a checkpoint of this version of airshower")
    }
    guard bytes.count > magic.count + 8 else { throw damaged("the checkpoint is truncated") }
    let body = bytes.dropLast(8)
    let stored = bytes.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: body.count, as: UInt64.self)
    }
    guard Self.sum(Array(body)) == stored else {
      throw damaged("the checkpoint is truncated or was changed")
    }
    var reader = ByteReader(Array(body.dropFirst(magic.count)))
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = Self.named.decoding
    guard let text = reader.read(UInt8.self),
      let header = try? decoder.decode(Header.self, from: Data(text)),
      let parameters = reader.read(Float.self), let optimizer = reader.read(Float.self),
      let step = reader.read(Int64.self)?.first, let best = reader.read(Float.self)
    else { throw damaged("the checkpoint has other contents") }
    var state = TrainingState(epoch: header.epoch, batch: header.batch, loss: header.loss)
    state.parameters = parameters
    state.optimizer = .init(values: optimizer, step: step)
    if let epoch = header.bestEpoch {
      state.best = BestWeights(parameters: best, epoch: epoch, loss: header.bestLoss)
    }
    state.reports = header.reports
    identity = header.identity
    self.state = state
  }

  /// - Throws: `NetworkError.notThisTraining` that names what differs.
  func check(is identity: [String: String], path: String) throws(NetworkError) {
    let differences = Set(identity.keys).union(self.identity.keys).sorted().filter {
      identity[$0] != self.identity[$0]
    }.map { key in
      "its \(key) is \(self.identity[key] ?? "not there"), now \(identity[key] ?? "none")"
    }
    guard differences.isEmpty else {
      throw .notThisTraining(
        path: path, differences: ["the checkpoint is of another training"] + differences)
    }
  }

  /// Writes bytes to the disk, and then in the place of an earlier checkpoint.
  static func write(_ bytes: [UInt8], to path: String) throws(NetworkError) {
    do {
      try WorkingFile.write(Data(bytes), to: path, durably: true, alsoAtTheEnd: true)
    } catch {
      throw .notWritable(path: path, reason: error.description)
    }
  }

  private static let named = (
    encoding: JSONEncoder.NonConformingFloatEncodingStrategy.convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan"),
    decoding: JSONDecoder.NonConformingFloatDecodingStrategy.convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  )

  /// FNV-1a over words of 8 bytes.
  private static func sum(_ bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBytes { source in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      func add(_ word: UInt64) { hash = (hash ^ word) &* 0x0000_0100_0000_01b3 }
      let words = source.count / 8
      for word in 0..<words {
        add(source.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self))
      }
      for index in 8 * words..<source.count { add(UInt64(source[index])) }
      return hash
    }
  }
}
