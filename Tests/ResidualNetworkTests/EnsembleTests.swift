import Foundation
import ShowerModel
import Testing

@testable import ResidualNetwork

@Suite(.serialized) struct EnsembleTests {
  static let synthetic = SyntheticEvents()
  static let events = synthetic.make(count: 2200)
  static let fresh = synthetic.make(count: 600, from: 20_000)

  static func network(
    _ events: [ReconstructedEvent] = events, seed: UInt64,
    spec: NetworkSpec = SyntheticEvents.tinySpec
  ) throws -> Network {
    var settings = TrainingTests.settings
    settings.epochs = 3
    settings.seed = seed
    return try Trainer(spec: spec, settings: settings).train(TrainingTests.set(events, spec: spec))
  }

  static let members: Result<[Network], any Error> = Result {
    try (1...3).map { try network(seed: $0) }
  }

  static func correct(_ ensemble: NetworkEnsemble, _ events: [ReconstructedEvent]) throws
    -> [Reconstruction]
  {
    try ensemble.correct(events, in: ensemble.makeWorkspace(array: synthetic.array))
  }

  static func residuals(_ ensemble: NetworkEnsemble, _ events: [ReconstructedEvent]) throws
    -> [[Double]]
  {
    try ensemble.residuals(events, in: ensemble.makeWorkspace(array: synthetic.array))
  }

  /// The network with parameters that were changed.
  static func changed(_ network: Network, _ change: (Float) -> Float) throws -> Network {
    let module = try network.module.copy()
    try module.setParameters(try module.parameters().map(change))
    return Network(metadata: network.metadata, module: module)
  }

  @Test("a network trained on shuffled targets returns the standard value")
  func shuffledTargets() throws {
    // Each event gets the residuals of another one.
    let residuals = Self.events.map { event in
      Residual.all.map { residual in
        event.event.truth.map { residual.value($0.shower, event.standard.shower) } ?? .nan
      }
    }
    let shuffled = Self.events.enumerated().map { index, event in
      var event = event
      let other = residuals[(index + 997) % residuals.count]
      event.event.truth?.shower = event.standard.shower.shifted(by: other)
      return event
    }
    let network = try Self.network(shuffled, seed: 5)
    var compatible = 0
    for combination in network.metadata.combination {
      #expect(combination.slopes[1] < 4 * max(combination.slopeErrors[1], 1e-9))
      if combination.slopes == [0, 0, 0, 0] { compatible += 1 }
    }
    // By chance one of ten slopes of this kind lies above two standard errors.
    #expect(compatible >= 3)
    let ensemble = try NetworkEnsemble([network])
    let events = Self.fresh
    let predicted = try Self.residuals(ensemble, events)
    for (index, combination) in network.metadata.combination.enumerated() {
      let target = NetworkTarget.named([network.metadata.spec.targets[index]])[0]
      let moves = predicted.map { $0[target.index ?? 0] }
      if combination.slopes == [0, 0, 0, 0] { #expect(moves.allSatisfy { $0 == 0 }) }
      let size = network.metadata.scaling[index].values(secZenith: 1.1, logSignal800: 3.5).size
      let rms = (moves.reduce(0) { $0 + $1 * $1 } / Double(moves.count)).squareRoot()
      #expect(rms < 5 * size / Double(network.metadata.counts.validation).squareRoot())
    }
    // As it is, without the slopes, it does move events: the test could fail.
    let added = try Self.residuals(NetworkEnsemble([network], combining: .add), events)
    #expect(added.contains { $0.contains { $0 != 0 } })
  }

  @Test("the mean of members trained alike is calibrated on the events they share")
  func together() throws {
    let members = try Self.members.get()
    let ensemble = try NetworkEnsemble(members)
    #expect(ensemble.isCalibratedTogether)
    let results = try Self.correct(ensemble, Self.fresh)
    let isNew = results.count { $0.fallback == .none }
    #expect(isNew > 540)
    // Coverage of ln E, which only the waveforms tell: 600 events know it to 2 %.
    let inside = zip(Self.fresh, results).filter { $1.fallback == .none }.count { event, result in
      guard let truth = event.event.truth else { return false }
      return abs(result.shower.logEnergy - truth.shower.logEnergy) < result.sigma.logEnergy
    }
    #expect(abs(Double(inside) / Double(isNew) - 0.683) < 0.09)

    // Added as they are, the mean is that of the members.
    let added = try Self.residuals(NetworkEnsemble(members, combining: .add), Self.fresh)
    let alone = try members.map { member in
      try Self.residuals(NetworkEnsemble([member], combining: .add), Self.fresh)
    }
    for (index, row) in added.enumerated() {
      for column in row.indices {
        let mean = alone.reduce(0) { $0 + $1[index][column] } / 3
        #expect(abs(row[column] - mean) < 1e-5 * max(1, abs(mean)))
      }
    }
  }

  @Test("members trained with other events are averaged as they stand, with larger errors")
  func apart() throws {
    let members = [
      try Self.members.get()[0], try Self.network(Array(Self.events.prefix(1500)), seed: 2),
    ]
    let ensemble = try NetworkEnsemble(members)
    #expect(!ensemble.isCalibratedTogether)
    let (own, together) = (
      try Self.correct(NetworkEnsemble([members[0]]), Self.fresh),
      try Self.correct(ensemble, Self.fresh)
    )
    let other = try Self.correct(NetworkEnsemble([members[1]]), Self.fresh)
    for ((a, b), mean) in zip(zip(own, other), together)
    where mean.fallback == .none && a.fallback == .none && b.fallback == .none {
      #expect(
        abs(mean.shower.logEnergy - 0.5 * (a.shower.logEnergy + b.shower.logEnergy)) < 1e-9)
      #expect(mean.sigma.logEnergy > min(a.sigma.logEnergy, b.sigma.logEnergy))
    }
  }

  @Test("members of other inputs are refused with what differs")
  func unlike() throws {
    var spec = SyntheticEvents.tinySpec
    spec.inputs.event.removeLast()
    let removed = try #require(SyntheticEvents.tinySpec.inputs.event.last)
    let other = try Self.network(Array(Self.events.prefix(700)), seed: 1, spec: spec)
    let error = #expect(throws: NetworkError.self) {
      try NetworkEnsemble([try Self.members.get()[0], other])
    }
    #expect("\(try #require(error))".contains(removed))
  }

  @Test("where members disagree or give no number, the standard value stays")
  func fallbacks() throws {
    let members = try Self.members.get()
    let broken = try Self.changed(members[1]) { _ in .nan }
    let results = try Self.correct(NetworkEnsemble([members[0], broken]), Self.fresh)
    for (event, result) in zip(Self.fresh, results) {
      #expect(result.fallback == .notFinite && result.status == .good)
      #expect(result.shower == event.standard.shower)
      #expect(result.sigma == event.standard.reconstruction.sigma)
    }
    // Its file says that it agreed with the others; its weights do not.
    let wild = try Self.changed(members[1]) { 1.5 * $0 }
    let disagreeing = try Self.correct(NetworkEnsemble([members[0], wild]), Self.fresh)
    let agreeing = try Self.correct(NetworkEnsemble([members[0], members[1]]), Self.fresh)
    let count: ([Reconstruction]) -> Int = { $0.count { $0.fallback == .ensembleSpread } }
    #expect(count(agreeing) < 30 && count(disagreeing) > 300)
  }

  @Test("turning an event turns its correction, when all eight symmetries are averaged")
  func symmetries() throws {
    let member = try Self.members.get()[0]
    let events = Array(Self.fresh.prefix(12))
    let targets = NetworkTarget.named(NetworkTarget.standard)
    func largestDifference(_ ensemble: NetworkEnsemble, _ symmetry: GridSymmetry) throws -> Double {
      let plain = try Self.residuals(ensemble, events)
      let turned = try Self.residuals(
        ensemble, events.map { Self.synthetic.turned($0, by: symmetry) })
      var largest = 0.0
      for (a, b) in zip(plain, turned) {
        for target in targets {
          let sign = symmetry.isMirror && target.isOdd ? -1.0 : 1
          let column = member.metadata.spec.targets.firstIndex(of: target.name) ?? 0
          let size = member.metadata.scaling[column].values(secZenith: 1.1, logSignal800: 3.5).size
          let index = target.index ?? 0
          largest = max(largest, abs(b[index] - sign * a[index]) / size)
        }
      }
      return largest
    }
    let averaged = try NetworkEnsemble([member], combining: .add, averagingSymmetries: true)
    let single = try NetworkEnsemble([member], combining: .add)
    for symmetry in GridSymmetry.all where symmetry != .identity {
      #expect(try largestDifference(averaged, symmetry) < 2e-5)
      #expect(try largestDifference(single, symmetry) > 1e-3)
    }
  }

  @Test("events like the training events are known, others are not")
  func domain() throws {
    let domain = try #require(try Self.members.get()[0].metadata.domain)
    #expect(domain.features.starts(with: ["secant_zenith", "log_signal800"]))
    func reasons(_ event: ReconstructedEvent) -> [String] {
      domain.reasons(DomainFeature.values(of: event))
    }
    let flagged = Self.fresh.count { !reasons($0).isEmpty }
    #expect(flagged < 30, "\(flagged)")

    var bright = Self.fresh[0]
    bright.standard.signal800 *= 1000
    #expect(reasons(bright).contains("log_signal800"))
    var late = Self.fresh[0]
    for index in late.stations.indices { late.stations[index].timeResidual = 900 }
    #expect(reasons(late).contains("latest_time_residual"))
    let member = try Self.members.get()[0]
    let kept = try Self.correct(NetworkEnsemble([member]), [bright, late])
    for (event, result) in zip([bright, late], kept) {
      #expect(result.fallback == .beyondTraining && result.shower == event.standard.shower)
    }
    let forced = try Self.correct(NetworkEnsemble([member], keepingUnknown: false), [bright, late])
    #expect(forced.allSatisfy { $0.fallback == .none })
    // A sample too small for tails has no domain.
    #expect(try Self.network(Array(Self.events.prefix(700)), seed: 1).metadata.domain == nil)
  }

  /// Features that are each within range, but do not go together.
  @Test("a distance tells what single ranges do not")
  func distance() throws {
    let width = DomainFeature.all.count
    let first = try #require(DomainFeature.all.firstIndex { $0.name == "log_curvature" })
    let second = try #require(DomainFeature.all.firstIndex { $0.name == "linsley_curvature" })
    var random = CounterRandom(seed: 3, event: 0)
    func row(_ a: Double, _ b: Double) -> [Float] {
      var row = [Float](repeating: 0, count: width)
      row[0] = Float(1 + 0.3 * random.uniform())
      row[1] = Float(3 + random.normal())
      row[first] = Float(a)
      row[second] = Float(b)
      return row
    }
    var rows: [Float] = []
    for _ in 0..<20_000 {
      let common = random.normal()
      rows += row(common + 0.1 * random.normal(), common + 0.1 * random.normal())
    }
    let domain = try #require(try TrainingDomain(rows))
    #expect(domain.reasons(row(1.5, 1.5)).isEmpty)
    #expect(domain.reasons(row(1.5, -1.5)) == ["distance"])
    let flagged = (0..<20_000).count {
      domain.reasons(Array(rows[$0 * width..<($0 + 1) * width])).contains("distance")
    }
    #expect(abs(Double(flagged) / 20_000 - TrainingDomain.beyond) < 0.0002)
  }

  @Test("a network says for which array and windows it was made")
  func array() throws {
    let metadata = try Self.members.get()[0].metadata
    #expect(metadata.differences(from: Self.synthetic.array, windowSamples: 128).isEmpty)
    let other = DetectorArray.idealGrid(columns: 10, rows: 12, spacing: 1500)
    let differences = metadata.differences(from: other, windowSamples: 256)
    #expect(differences.count == 2)
    #expect(differences[0].contains("ideal-12x12") && differences[0].contains("1500 m"))
    #expect(differences[0].contains("144 stations") && differences[0].contains("120 stations"))
    #expect(differences[1].contains("T = 128") && differences[1].contains("T = 256"))
  }

  @Test("a network says for which stations it was made")
  func stations() throws {
    let metadata = try Self.members.get()[0].metadata
    let array = Self.synthetic.array
    var detector = array.detector
    (detector.samplePeriod, detector.stationArea) = (10, 3.5)
    let other = DetectorArray(
      name: array.name, spacing: array.spacing, referenceAltitude: array.referenceAltitude,
      stations: array.stations, detector: detector)
    let text = "trained for other stations than those of the file: "
    #expect(
      metadata.differences(from: other, windowSamples: 128)
        == [text + "station_area 3.0 and 3.5 m2", text + "sample_period 20.0 and 10.0 ns"])

    // Networks of earlier versions say nothing of their stations.
    let written = ArrayDescription(other)
    let encoded = try JSONEncoder().encode(written)
    #expect(try JSONDecoder().decode(ArrayDescription.self, from: encoded) == written)
    var object = try #require(
      try JSONSerialization.jsonObject(with: encoded) as? [String: Any])
    #expect((object["detector"] as? [String: Double])?["sample_period"] == 10)
    object["detector"] = nil
    let earlier = try JSONDecoder().decode(
      ArrayDescription.self, from: JSONSerialization.data(withJSONObject: object))
    #expect(earlier.detector == .telescopeArray)
    object["detector"] = ["sample_period": -1]
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(
        ArrayDescription.self, from: JSONSerialization.data(withJSONObject: object))
    }
  }

  @Test("the metadata of a network of another program need no more than is documented")
  func sparseMetadata() throws {
    let network = try Self.members.get()[0]
    let whole = try JSONSerialization.jsonObject(with: Data(network.metadata.json().utf8))
    let object = try #require(whole as? [String: Any])
    let needed = [
      "format", "formatVersion", "spec", "normalisation", "scaling", "combination", "columns",
    ]
    var sparse = object.filter { needed.contains($0.key) }
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).pt")
      .path
    defer { try? FileManager.default.removeItem(atPath: path) }
    func write(_ metadata: [String: Any]) throws {
      try network.module.write(
        path: path, extra: "spec.json",
        text: String(decoding: JSONSerialization.data(withJSONObject: metadata), as: UTF8.self))
    }
    // A file must hold what decides about events.
    sparse["domain"] = NSNull()
    for key in sparse.keys.sorted() {
      try write(sparse.filter { $0.key != key })
      let error = #expect(throws: NetworkError.self) { try Network(contentsOf: path) }
      if !key.hasPrefix("format") {
        #expect("\(try #require(error))".contains("lacks the key \(key)"))
      }
    }
    try write(sparse)
    let read = try Network(contentsOf: path)
    #expect(read.metadata.domain == nil)
    let (own, others) = (
      try Self.residuals(NetworkEnsemble([network]), Self.fresh),
      try Self.residuals(NetworkEnsemble([read]), Self.fresh)
    )
    #expect(own == others)

    // The first files of this format had a slope and an error beside the scaling, and no domain.
    var earlier = sparse.filter { $0.key != "combination" && $0.key != "domain" }
    let scaling = try #require(earlier["scaling"] as? [[String: Any]])
    earlier["scaling"] = scaling.map { $0.merging(["shrink": 0.5, "spread": 2.0]) { $1 } }
    try write(earlier)
    let old = try Network(contentsOf: path).metadata
    #expect(old.combination.allSatisfy { $0.slopes[1] == 0.5 && $0.variance[0] == 4 })
    // Files of `train` after too few events for a domain did not say so.
    var undecided = object
    undecided["domain"] = nil
    try write(undecided)
    #expect(try Network(contentsOf: path).metadata.domain == nil)
  }
}
