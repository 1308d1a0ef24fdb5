import Dispatch
import Foundation
import ShowerModel
import Synchronization
import Testing

@testable import ResidualNetwork

@Suite(.serialized) struct TrainingTests {
  static let synthetic = SyntheticEvents()
  static let events = synthetic.make(count: 2200)
  static let settings = {
    var settings = TrainingSettings()
    settings.epochs = 14
    settings.batchSize = 64
    settings.learningRate = 4e-3
    settings.weightDecay = 1e-4
    settings.patience = 14
    settings.seed = 3
    return settings
  }()

  static func set(
    _ events: [ReconstructedEvent] = events, spec: NetworkSpec = SyntheticEvents.tinySpec
  ) throws -> TrainingSet {
    let set = try TrainingSet(spec: spec)
    try set.append(events, array: synthetic.array)
    return set
  }

  static let trained: Result<Network, any Error> = Result {
    try Trainer(spec: SyntheticEvents.tinySpec, settings: settings).train(set())
  }

  func quickNetwork(
    seed: UInt64 = 3, count: Int = 700, augmentation: Augmentation = Augmentation()
  ) throws -> Network {
    var settings = Self.settings
    settings.augmentation = augmentation
    settings.epochs = 1
    settings.seed = seed
    return try Trainer(spec: SyntheticEvents.tinySpec, settings: settings).train(
      Self.set(Array(Self.events.prefix(count))))
  }

  static func workspace(_ network: Network) -> Network.Workspace {
    network.makeWorkspace(array: synthetic.array)
  }

  func temporary(_ name: String) -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)-\(name)")
      .path
  }

  @Test("learns what only the waveforms tell, and what the stations tell")
  func learns() throws {
    let network = try Self.trained.get()
    let variance = network.metadata.explainedVariance
    #expect(try #require(variance["ln_energy"]) > 0.7)
    #expect(try #require(variance["direction_zenith"]) > 0.5)
    #expect(try #require(variance["direction_azimuth"]) > 0.5)
    // Noise stays noise.
    #expect(abs(try #require(variance["core_along"])) < 0.1)

    // On new events, by the public way, against the truth.
    let fresh = Self.synthetic.make(count: 300, from: 10_000)
    let corrected = try network.correct(fresh, in: Self.workspace(network))
    var (before, after, pull) = (0.0, 0.0, 0.0)
    for (event, result) in zip(fresh, corrected) {
      let truth = try #require(event.event.truth).shower
      #expect(result.status == .good)
      before += pow(event.standard.shower.logEnergy - truth.logEnergy, 2)
      after += pow(result.shower.logEnergy - truth.logEnergy, 2)
      pull += pow((result.shower.logEnergy - truth.logEnergy) / result.sigma.logEnergy, 2)
    }
    #expect(after < 0.3 * before)
    // The stated error is the error.
    #expect((0.7...1.3).contains((pull / 300).squareRoot()))
  }

  @Test("without waveforms the energy cannot be learnt")
  func withoutWaveforms() throws {
    var spec = SyntheticEvents.tinySpec
    spec.encoder = []
    var settings = Self.settings
    settings.epochs = 6
    let network = try Trainer(spec: spec, settings: settings).train(Self.set(spec: spec))
    #expect(try #require(network.metadata.explainedVariance["ln_energy"]) < 0.2)
  }

  @Test("a set of stations learns the same, and predicts how well")
  func setNetwork() throws {
    var spec = SyntheticEvents.setSpec
    spec.loss = .gaussian
    var settings = Self.settings
    settings.epochs = 14
    let set = try Self.set(spec: spec)
    let network = try Trainer(spec: spec, settings: settings).train(set)
    let variance = network.metadata.explainedVariance
    #expect(try #require(variance["ln_energy"]) > 0.5)
    #expect(try #require(variance["direction_zenith"]) > 0.5)
    let rows = set.rows(of: .validation)
    let outputs = NetworkOutputs(
      try set.outputs(of: rows, network, count: 10), spec)
    let targets = try StandardisedTargets(set)
    #expect(targets.loss(outputs, rows: rows) == network.metadata.validationLoss)
    // Small errors where it can tell, the size of the residuals where it cannot.
    let logSigmas = try #require(outputs.logSigmas)
    func mean(_ column: Int) -> Float {
      rows.indices.reduce(0) { $0 + logSigmas[5 * $1 + column] } / Float(rows.count)
    }
    #expect(mean(0) < mean(3) - 0.3)
    #expect(abs(mean(3)) < 0.2)
    let events = Array(Self.events.prefix(40))
    let together = try network.residuals(events, in: Self.workspace(network))
    for (event, row) in zip(events, together) {
      let alone = try network.residuals([event], in: Self.workspace(network))[0]
      for (a, b) in zip(alone, row) { #expect(abs(a - b) < 1e-5 * max(1, abs(b))) }
    }
  }

  @Test("depth of maximum and mass are learned beside the residuals and correct nothing")
  func auxiliaryTargets() throws {
    var spec = SyntheticEvents.tinySpec
    spec.targets += ["xmax", "ln_mass"]
    var events = Array(Self.events.prefix(700))
    for index in events.indices {
      // A photon has no mass.
      events[index].event.truth?.primary = [.photon, .proton, .iron][index % 3]
      events[index].event.truth?.xmax = 750 + 60 * sin(Double(index))
    }
    var settings = Self.settings
    settings.epochs = 2
    let network = try Trainer(spec: spec, settings: settings).train(Self.set(events, spec: spec))
    #expect(network.metadata.explainedVariance.count == 7)
    for variance in network.metadata.explainedVariance.values { #expect(variance.isFinite) }
    let corrected = try network.correct(events, in: Self.workspace(network))
    for (event, result) in zip(events, corrected) {
      #expect(abs(result.shower.logEnergy - event.standard.shower.logEnergy) < 1)
      // What they say stands apart.
      #expect(abs(try #require(result.composition.xmax) - 750) < 100)
      #expect((20...100).contains(try #require(result.composition.xmaxSigma)))
      #expect((0...4.1).contains(try #require(result.composition.logMass)))
    }
    for row in try network.residuals(events, in: Self.workspace(network)) {
      #expect(row.count == 5)
    }
  }

  @Test("a network of composition alone leaves the standard values as they are")
  func compositionAlone() throws {
    var spec = SyntheticEvents.tinySpec
    spec.targets = ["xmax", "ln_mass"]
    var events = Array(Self.events.prefix(700))
    for index in events.indices {
      events[index].event.truth?.primary = [.proton, .iron][index % 2]
      events[index].event.truth?.xmax = 750
    }
    var settings = Self.settings
    settings.epochs = 1
    let network = try Trainer(spec: spec, settings: settings).train(Self.set(events, spec: spec))
    for (event, result) in zip(events, try network.correct(events, in: Self.workspace(network))) {
      #expect(result.shower == event.standard.shower)
      #expect(result.sigma == event.standard.reconstruction.sigma)
      #expect(result.fallback != .none || result.composition.logMass != nil)
    }
    // Without the truth of a target nothing is learned.
    for index in events.indices { events[index].event.truth?.xmax = .nan }
    #expect(
      throws: NetworkError.noTruth(files: [], target: "xmax", known: 0, needed: 50)
    ) { try Trainer(spec: spec, settings: settings).train(Self.set(events, spec: spec)) }
  }

  @Test("a loss that is no number ends training, names the batch and keeps the last good weights")
  func diverged() throws {
    var settings = Self.settings
    (settings.optimiser, settings.learningRate, settings.oneCycle) = (.adam, 300, false)
    (settings.batchSize, settings.gradientClip) = (10_000, 0)
    (settings.epochs, settings.patience) = (200, 200)
    let set = try Self.set(Array(Self.events.prefix(700)))
    var reports: [EpochReport] = []
    let outcome = try Trainer(spec: SyntheticEvents.tinySpec, settings: settings).run(
      set, .init(onEpoch: { reports.append($0) }))
    guard case .diverged(let epoch, let batch, let ids)? = outcome.divergence else {
      Issue.record("did not diverge")
      return
    }
    #expect(epoch == reports.count + 1 && batch == 1)
    #expect(ids.count == set.counts.training && ids == ids.sorted())
    let network = try #require(outcome.network)
    #expect(reports.contains { $0.epoch == network.metadata.bestEpoch && $0.isBest })
    let isFinite = try network.module.parameters().allSatisfy(\.isFinite)
    #expect(isFinite)
    #expect(throws: NetworkError.self) {
      try Trainer(spec: SyntheticEvents.tinySpec, settings: settings).train(set)
    }
  }

  @Test("a network that knows nothing corrects by exactly nothing")
  func zeroed() throws {
    let network = try quickNetwork().zeroed()
    let events = Array(Self.events.prefix(100))
    for (event, result) in zip(events, try network.correct(events, in: Self.workspace(network))) {
      #expect(result.shower == event.standard.shower)
    }
  }

  @Test("same seed, same weights, bit for bit; another seed, other weights")
  func reproducible() throws {
    let first = try quickNetwork().module.parameters()
    #expect(try quickNetwork().module.parameters() == first)
    #expect(try quickNetwork(seed: 4).module.parameters() != first)
    let augmented = try quickNetwork(augmentation: .detector).module.parameters()
    #expect(augmented != first)
    #expect(try quickNetwork(augmentation: .detector).module.parameters() == augmented)
  }

  @Test("a network read from its file predicts the same, bit for bit")
  func file() throws {
    let network = try Self.trained.get()
    let step = ProvenanceStep(
      activity: "train", version: "1", commandLine: ["train"], host: "here", started: "",
      finished: "")
    let path = temporary("network.pt")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try network.with(provenance: [step]).write(to: path)
    #expect(!FileManager.default.fileExists(atPath: path + ".part"))
    let read = try Network(contentsOf: path)
    #expect(read.metadata == network.with(provenance: [step]).metadata)
    let events = Array(Self.events.prefix(80))
    let (own, others) = (Self.workspace(network), Self.workspace(read))
    #expect(try read.residuals(events, in: others) == network.residuals(events, in: own))
    #expect(try read.correct(events, in: others) == network.correct(events, in: own))
  }

  @Test("a network knows events that were made otherwise than those of its training")
  func differences() throws {
    func step(_ version: Int, _ table: String) -> [ProvenanceStep] {
      var steps = ["simulate", "reconstruct"].map {
        ProvenanceStep(
          activity: $0, version: "1", commandLine: [], host: "", started: "", finished: "")
      }
      steps[0].settings[ProvenanceStep.simulationVersionKey] = "\(version)"
      steps[1].reconstructions = [
        "standard": ReconstructionConditions(energyTable: table, energyTableHash: nil, fit: [:])
      ]
      return steps
    }
    let network = try Self.trained.get().with(histories: [step(2, "a"), step(2, "b")])
    let metadata = network.metadata
    #expect(metadata.differences(from: step(2, "a")) == [])
    #expect(metadata.differences(from: step(2, "b")) == [])
    #expect(metadata.differences(from: step(2, "c")).count == 1)
    #expect(
      metadata.differences(from: step(1, "a")) == [
        "learned from version 2 of the simulation, but the events are of version 1"
      ])
    #expect(metadata.differences(from: []).first?.contains("does not say") == true)
    #expect(try Self.trained.get().metadata.differences(from: step(1, "c")) == [])
  }

  @Test("predictions do not depend on the company in the batch")
  func batches() throws {
    let network = try Self.trained.get()
    let events = Array(Self.events.prefix(30))
    let together = try network.residuals(events, in: Self.workspace(network))
    for (event, row) in zip(events, together) {
      let alone = try network.residuals([event], in: Self.workspace(network))[0]
      for (a, b) in zip(alone, row) { #expect(abs(a - b) < 1e-5 * max(1, abs(b))) }
    }
  }

  @Test("any number of threads gives the same results, in the same order")
  func threads() throws {
    let network = try Self.trained.get()
    let events = Array(Self.events.prefix(800))
    let alone = try network.correct(events, in: Self.workspace(network))
    let batches = stride(from: 0, to: events.count, by: Network.batchSize).map {
      Array(events[$0..<min($0 + Network.batchSize, events.count)])
    }
    let together = Mutex([Int: [Reconstruction]]())
    DispatchQueue.concurrentPerform(iterations: batches.count) { index in
      let workspace = Self.workspace(network)
      let part = try? network.correct(batches[index], in: workspace)
      together.withLock { $0[index] = part }
    }
    #expect(batches.indices.flatMap { index in together.withLock { $0[index] ?? [] } } == alone)
  }

  @Test("an event without a standard result stays without one, in its place")
  func failedEvents() throws {
    var events = Array(Self.events.prefix(5))
    events[2].standard = .failed(.notConverged)
    let network = try Self.trained.get()
    let results = try network.correct(events, in: Self.workspace(network))
    #expect(results.map(\.status) == [.good, .good, .noStandardResult, .good, .good])
    #expect(results[2].shower.zenith.isNaN)
    #expect(
      try network.residuals(events, in: Self.workspace(network))[2].allSatisfy(\.isNaN))
    #expect(try network.correct([], in: Self.workspace(network)).isEmpty)
  }

  @Test("an event without waveforms in the image is corrected all the same")
  func emptyImage() throws {
    var event = Self.events[0]
    event.event.hits = []
    event.stations = []
    let network = try Self.trained.get()
    let result = try network.correct([event], in: Self.workspace(network))
    #expect(result[0].shower.zenith.isFinite)
  }

  @Test("files that are not ours are refused with the reason")
  func foreignFiles() throws {
    let path = temporary("bad.pt")
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: NetworkError.missingFile(path: path)) { try Network(contentsOf: path) }

    try Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 * 37) }).write(
      to: URL(fileURLWithPath: path))
    #expect(throws: NetworkError.self) { try Network(contentsOf: path) }

    try Self.trained.get().write(to: path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
    #expect(throws: NetworkError.self) { try Network(contentsOf: path) }

    let foreign = try TorchModule.compile(
      "def forward(self, x):\n    return torch.mm(x, self.w)\n",
      parameters: [.init(name: "w", shape: [1, 1], values: [2])])
    try foreign.write(path: path, extra: "other.json", text: "{}")
    #expect(
      throws: NetworkError.notANetwork(path: path, reason: "it holds no spec.json")
    ) { try Network(contentsOf: path) }

    // The right description about the wrong program.
    let network = try Self.trained.get()
    let json = String(decoding: try JSONEncoder().encode(network.metadata), as: UTF8.self)
    try foreign.write(path: path, extra: "spec.json", text: json)
    let miscounted = #expect(throws: NetworkError.self) { try Network(contentsOf: path) }
    #expect("\(try #require(miscounted))".contains("it has 1 parameters"))
    try foreign.write(
      path: path, extra: "spec.json",
      text: json.replacingOccurrences(
        of: "\"weightCount\":\(network.metadata.weightCount)", with: "\"weightCount\":1"))
    let error = #expect(throws: NetworkError.self) { try Network(contentsOf: path) }
    #expect("\(try #require(error))".contains("does not run on the inputs"))

    try network.module.write(
      path: path, extra: "spec.json",
      text: json.replacingOccurrences(of: "\"formatVersion\":2", with: "\"formatVersion\":99"))
    #expect(throws: NetworkError.wrongVersion(path: path, found: 99, expected: 2)) {
      try Network(contentsOf: path)
    }
    try network.module.write(
      path: path, extra: "spec.json",
      text: json.replacingOccurrences(of: "\"log_signal\"", with: "\"phase_of_moon\""))
    #expect(throws: NetworkError.unknownInputs(path: path, names: ["phase_of_moon"])) {
      try Network(contentsOf: path)
    }
  }

  @Test("training ends when validation no longer improves, with the best weights")
  func earlyStopping() throws {
    var settings = Self.settings
    settings.epochs = 40
    settings.patience = 3
    settings.oneCycle = false
    settings.learningRate = 2e-2
    settings.symmetries = false
    let set = try Self.set(Array(Self.events.prefix(700)))
    var reports: [EpochReport] = []
    let network = try Trainer(spec: SyntheticEvents.tinySpec, settings: settings).train(
      set, .init(onEpoch: { reports.append($0) }))
    let best = try #require(reports.min { $0.validationLoss < $1.validationLoss })
    #expect(reports.count < 40)
    #expect(reports.count == best.epoch + 3)
    #expect(network.metadata.bestEpoch == best.epoch)
    #expect(network.metadata.validationLoss == best.validationLoss)

    let rows = set.rows(of: .validation)
    let outputs = try set.outputs(of: rows, network, count: 5)
    #expect(
      try StandardisedTargets(set).loss(
        NetworkOutputs(outputs, SyntheticEvents.tinySpec), rows: rows) == best.validationLoss)
  }

  @Test("a caller can stop training and gets no network")
  func cancelled() throws {
    let set = try Self.set(Array(Self.events.prefix(700)))
    var batches = 0
    #expect(throws: NetworkError.cancelled) {
      try Trainer(spec: SyntheticEvents.tinySpec, settings: Self.settings).train(
        set, .init(onBatch: { _ in batches += 1 }, isCancelled: { batches == 3 }))
    }
    #expect(batches == 3)
  }

  @Test("too few events are refused")
  func tooFew() throws {
    let set = try Self.set(Array(Self.events.prefix(60)))
    #expect(throws: NetworkError.self) {
      try Trainer(spec: SyntheticEvents.tinySpec, settings: Self.settings).train(set)
    }
  }

  @Test("events are counted by what became of them, and the test split is not kept")
  func counts() throws {
    var events = Array(Self.events.prefix(200))
    events[0].standard = .failed(.notConverged)
    events[1].event.truth = nil
    let set = try TrainingSet(spec: SyntheticEvents.tinySpec)
    try set.append(events, array: Self.synthetic.array) { $0.event.id >= 10 }
    #expect(set.counts.withoutStandardResult == 1)
    #expect(set.counts.withoutTruth == 1)
    #expect(set.counts.refused == 8)
    let expected = Dictionary(grouping: 10..<200) { Split.of(showerID: $0) }.mapValues(\.count)
    #expect(set.counts.training == expected[.training])
    #expect(set.counts.validation == expected[.validation])
    #expect(set.counts.test == expected[.test])
    #expect(set.index.count == set.counts.training + set.counts.validation)
    #expect(set.memory > 0)
  }

  static let pythonHasTorch = run("/usr/bin/python3", ["-c", "import torch"]).status == 0

  static func run(_ program: String, _ arguments: [String]) -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return (-1, "") }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  @Test(
    "Python runs the file and gets the same numbers",
    .enabled(if: pythonHasTorch, "/usr/bin/python3 has no torch (apt-get install python3-torch)"))
  func python() throws {
    let network = try Self.trained.get()
    let spec = network.metadata.spec
    let path = temporary("network.pt")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try network.write(to: path)

    // One event with a wave in every input, made alike on both sides.
    let output = try network.module.outputs(spec: spec, stations: 2)
    let script = """
      import torch, json, sys
      files = {"spec.json": ""}
      m = torch.jit.load(sys.argv[1], _extra_files=files)
      d = json.loads(files["spec.json"])
      c = {k: len(v) for k, v in d["columns"].items()}
      n, t = d["spec"]["gridSize"], d["spec"]["samples"]
      w = lambda *s: ((torch.arange(torch.Size(s).numel()) % 17).float() / 8 - 1).reshape(s)
      with torch.no_grad():
          y = m(w(2, t, 2), w(2, c["station"]), torch.tensor([1, 5]), w(n * n, c["cell"]),
                w(1, c["event"]))
      print(*y.reshape(-1).tolist())
      """
    let (status, text) = Self.run("/usr/bin/python3", ["-c", script, path])
    #expect(status == 0)
    let values = text.split(whereSeparator: \.isWhitespace).compactMap { Float(String($0)) }
    #expect(values.count == 5)
    for (a, b) in zip(values, output) { #expect(abs(a - b) < 1e-5) }
  }
}

extension TrainingSet {
  /// What a network says of some events.
  func outputs(of rows: [Int], _ network: Network, count: Int) throws -> [Float] {
    var block = ImageBlock()
    try appendImages(of: rows, to: &block, by: RecordBuffer())
    return try network.module.outputs(
      of: rows.indices.map { Batch.Row(block: 0, row: $0, symmetry: 0) }, in: [block],
      batch: Batch(spec: spec, normalisation: network.metadata.normalisation), outputCount: count,
      batchSize: Network.batchSize)
  }
}
