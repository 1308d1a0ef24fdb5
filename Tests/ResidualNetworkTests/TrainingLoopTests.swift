import Foundation
import ShowerModel
import Synchronization
import Testing

@testable import ResidualNetwork

/// Training that is left and taken up again, from images in files, and by several processes.
@Suite(.serialized) struct TrainingLoopTests {
  static let events = Array(TrainingTests.events.prefix(900))
  static let settings = {
    var settings = TrainingTests.settings
    settings.epochs = 3
    settings.augmentation = .detector
    return settings
  }()
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  /// With dropout, so that random numbers take part.
  private static let spec = {
    var spec = SyntheticEvents.tinySpec
    spec.event.insert(LayerSpec("dropout", ["rate": 0.2]), at: 0)
    return spec
  }()

  private func set(
    limits: StorageLimits = .init(), peers: (any TrainingPeers)? = nil,
    spec: NetworkSpec = spec
  ) throws -> TrainingSet {
    let set = try TrainingSet(spec: spec, limits: limits, peers: peers)
    for (part, first) in stride(from: 0, to: Self.events.count, by: 128).enumerated()
    where part % (peers?.size ?? 1) == peers?.rank ?? 0 {
      try set.append(
        Array(Self.events[first..<min(first + 128, Self.events.count)]),
        array: TrainingTests.synthetic.array, part: part)
    }
    try set.join()
    return set
  }

  private func weights(
    _ set: TrainingSet, _ settings: TrainingSettings = settings, _ plan: CheckpointPlan? = nil,
    _ listener: Trainer.Listener = .init()
  ) throws -> [Float] {
    try Trainer(spec: set.spec, settings: settings).train(set, checkpoint: plan, listener)
      .module.parameters()
  }

  @Test func imagesInAFileTrainTheSameNetwork() throws {
    let inMemory = try set()
    let scratch = path("images")
    // The first records are kept in memory, and are moved to the file by those that exceed it.
    let inFile = try set(limits: .init(memory: inMemory.memory / 3, scratch: scratch))
    #expect(inMemory.fileSize == 0 && inFile.fileSize > 0)
    #expect(inFile.memory < inMemory.memory / 3)
    #expect(!FileManager.default.fileExists(atPath: scratch))
    #expect(inFile.normalisation() == inMemory.normalisation())
    #expect(try weights(inFile) == weights(inMemory))
  }

  @Test func imagesThatFindNoRoomAreAnError() throws {
    #expect(throws: NetworkError.self) {
      try set(limits: .init(memory: 0, scratch: "/proc/none/images"))
    }
  }

  @Test(
    "left after any batch and taken up again, training ends with the same weights",
    arguments: TrainingSettings.Optimiser.allCases)
  func resume(_ optimiser: TrainingSettings.Optimiser) throws {
    var settings = Self.settings
    settings.use(optimiser)
    let set = try set()
    let undisturbed = try weights(set, settings)
    var plan = CheckpointPlan(path: path("\(optimiser).checkpoint"), resumes: true)
    // Left after 3 batches, then after 14 more in another epoch; then to the end.
    for count in [3, 14] {
      var batches = 0
      #expect(throws: NetworkError.cancelled) {
        try weights(
          set, settings, plan,
          .init(onBatch: { _ in batches += 1 }, isCancelled: { batches == count }))
      }
    }
    var earlier = -1
    let resumed = try weights(
      set, settings, plan, .init(onResume: { reports, _ in earlier = reports.count }))
    #expect(earlier == 17 / (set.counts.training / settings.batchSize))
    #expect(resumed == undisturbed)

    // After the last epoch nothing is left to learn.
    var epochs = 0
    #expect(try weights(set, settings, plan, .init(onEpoch: { _ in epochs += 1 })) == undisturbed)
    #expect(epochs == 0)
    // Not asked to go on, it begins anew.
    plan.resumes = false
    #expect(try weights(set, settings, plan, .init(onEpoch: { _ in epochs += 1 })) == undisturbed)
    #expect(epochs == 3)
  }

  @Test func anotherTrainingsCheckpointIsRefusedWithTheDifference() throws {
    let set = try set()
    let plan = CheckpointPlan(
      path: path("a.checkpoint"), resumes: true, identity: ["input 1": "a.h5"])
    _ = try weights(set, Self.settings, plan)
    var other = Self.settings
    other.batchSize = 32
    #expect {
      try weights(set, other, plan)
    } throws: { "\($0)".contains("its settings is") && "\($0)".contains("\"batchSize\":64") }
    var renamed = plan
    renamed.identity = ["input 1": "b.h5"]
    #expect {
      try weights(set, Self.settings, renamed)
    } throws: { "\($0)".contains("its input 1 is a.h5, now b.h5") }

    // Every cut and every changed byte is noticed.
    let whole = try Data(contentsOf: URL(filePath: plan.path))
    for count in [0, 10, whole.count / 2, whole.count - 1] {
      try whole.prefix(count).write(to: URL(filePath: plan.path))
      guard count > 0 else { continue }
      #expect(throws: NetworkError.self) { try weights(set, Self.settings, plan) }
    }
    for place in stride(from: 0, to: whole.count, by: whole.count / 37) {
      var changed = whole
      changed[place] ^= 16
      try changed.write(to: URL(filePath: plan.path))
      #expect(throws: NetworkError.self) { try weights(set, Self.settings, plan) }
    }
  }

  @Test func everyEpochShowsEveryEventOnceInAnotherOrder() {
    let count = 3 * TrainingOrder.chunk * TrainingOrder.pool + 77
    let first = TrainingOrder(count: count, seed: 5, epoch: 1, turning: true)
    let second = TrainingOrder(count: count, seed: 5, epoch: 2, turning: true)
    #expect(first.positions.sorted() == (0..<Int32(count)).map { $0 })
    #expect(second.positions.sorted() == first.positions.sorted())
    #expect(second.positions != first.positions)
    #expect(
      TrainingOrder(count: count, seed: 5, epoch: 2, turning: true).positions == second.positions)
    #expect(Set(first.symmetries).count == 8)
    // A batch holds events of most chunks of its pool.
    let chunks = Set(first.positions.prefix(256).map { Int($0) / TrainingOrder.chunk })
    #expect(chunks.count > 90)
    let pool = Set(
      first.positions.prefix(TrainingOrder.chunk * TrainingOrder.pool).map {
        Int($0) / TrainingOrder.chunk
      })
    #expect(pool.count <= TrainingOrder.pool)
  }

  @Test func anyNumberOfThreadsTrainsTheSameNetwork() throws {
    let set = try set()
    let alone = try weights(set)
    for threads in [2, 3, 7] {
      var settings = Self.settings
      settings.threads = threads
      #expect(try weights(set, settings) == alone)
    }
  }

  @Test func microBatchesAreAlikeAndHoldEveryEventOnce() {
    for (events, count) in [(256, 8), (64, 4), (65, 4), (100, 4), (17, 2), (16, 1), (1000, 32)] {
      let plan = MicroBatches.Plan(events: events, gpu: false, processes: 3)
      #expect(plan.count == count)
      var random = CounterRandom(seed: 4, event: events)
      let sizes = (0..<events).map { _ in Int(5 + 30 * random.uniform()) }
      let dealt = plan.dealt { sizes[$0] }
      #expect(dealt.flatMap(\.self).sorted() == Array(0..<events))
      let sums = dealt.map { $0.reduce(0) { $0 + sizes[$1] } }
      #expect((sums.max() ?? 0) - (sums.min() ?? 0) <= 35)
    }
    #expect(MicroBatches.Plan(events: 256, gpu: true, processes: 3).count == 3)
  }

  /// "Processes" are threads here; Tests/ChainTests has real ones. Two have the sums of one to the
  /// last bit, three add in another order.
  @Test(arguments: [(processes: 2, tolerance: 0), (3, 1e-4)])
  func severalProcessesHaveTheLossCurveOfOne(_ given: (processes: Int, tolerance: Double)) throws {
    let size = given.processes
    var alone: [EpochReport] = []
    let single = try set()
    let expected = try Trainer(spec: Self.spec, settings: Self.settings).train(
      single, .init(onEpoch: { alone.append($0) }))
    let exchange = Exchange(size)
    let results = Mutex<[Int: ([EpochReport], [Float], TrainingSet.Counts)]>([:])
    let failures = Mutex<[String]>([])
    let done = DispatchSemaphore(value: 0)
    let scratch = path("images")
    for rank in 0..<size {
      let thread = Thread {
        do {
          let peers = ThreadPeers(exchange, rank: rank)
          let set = try self.set(limits: .init(scratch: scratch), peers: peers)
          var reports: [EpochReport] = []
          let network = try Trainer(spec: Self.spec, settings: Self.settings, peers: peers).train(
            set, .init(onEpoch: { reports.append($0) }))
          let weights = try network.module.parameters()
          results.withLock { $0[rank] = (reports, weights, set.counts) }
        } catch { failures.withLock { $0.append("\(error)") } }
        done.signal()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    for _ in 0..<size { done.wait() }
    #expect(failures.withLock { $0 } == [])
    let weights = try expected.module.parameters()
    for (_, (reports, own, counts)) in results.withLock({ $0 }) {
      #expect(counts == single.counts)
      #expect(reports.count == alone.count)
      for (a, b) in zip(reports, alone) {
        #expect(abs(a.trainingLoss - b.trainingLoss) <= given.tolerance)
        #expect(abs(a.validationLoss - b.validationLoss) <= given.tolerance)
      }
      let largest = zip(own, weights).map { abs($0 - $1) }.max() ?? .infinity
      #expect(Double(largest) <= 200 * given.tolerance, "weights differ by \(largest)")
    }
    let all = results.withLock { $0 }
    #expect((1..<size).allSatisfy { all[$0]?.1 == all[0]?.1 })
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }
}

/// Messages between threads, as `mpirun` passes them between processes.
private final class Exchange: Sendable {
  let size: Int
  private let posted: Mutex<[[UInt8]]>
  private let gate = NSCondition()
  private let waiting = Mutex((count: 0, round: 0))

  init(_ size: Int) {
    self.size = size
    posted = Mutex([[UInt8]](repeating: [], count: size))
  }

  func barrier() {
    gate.lock()
    defer { gate.unlock() }
    let round = waiting.withLock { state -> Int in
      state.count += 1
      return state.round
    }
    if waiting.withLock({ $0.count == size }) {
      waiting.withLock { $0 = (0, $0.round + 1) }
      gate.broadcast()
      return
    }
    while waiting.withLock({ $0.round }) == round { gate.wait() }
  }

  /// What all gave, at each.
  func all(_ bytes: [UInt8], _ rank: Int) -> [[UInt8]] {
    posted.withLock { $0[rank] = bytes }
    barrier()
    let all = posted.withLock { $0 }
    barrier()
    return all
  }
}

private struct ThreadPeers: TrainingPeers {
  let exchange: Exchange
  let rank: Int
  var size: Int { exchange.size }

  init(_ exchange: Exchange, rank: Int) {
    self.exchange = exchange
    self.rank = rank
  }

  func barrier() { exchange.barrier() }

  func sum(_ values: UnsafeMutableBufferPointer<Float>) {
    let own = [UInt8](UnsafeRawBufferPointer(values))
    let all = exchange.all(own, rank)
    values.update(repeating: 0)
    for bytes in all {
      bytes.withUnsafeBytes { source in
        for index in values.indices {
          values[index] += source.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
        }
      }
    }
  }

  func broadcast(_ bytes: inout [UInt8], from root: Int) { bytes = exchange.all(bytes, rank)[root] }

  func gather(_ bytes: [UInt8]) -> [[UInt8]] {
    let all = exchange.all(bytes, rank)
    return rank == 0 ? all : []
  }
}
