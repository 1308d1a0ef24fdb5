import Foundation
import Testing

@testable import ResidualNetwork

/// What networks are computed with here, against libtorch's own operators, which run the same file
/// in Python.
@Suite struct OperatorTests {
  /// Stations with a waveform of each event: one has none. Together they are as many as products of
  /// our own need.
  static let stations = [3, 0, 5, 1, 36, 2, 36, 33, 27, 4]

  static let specs: [NetworkSpec] =
    AgreementTests.shipped.compactMap {
      try? NetworkSpec(contentsOf: "\(SpecTests.folder)/\($0).json")
    } + AgreementTests.odd.map(withoutRandom)

  /// Without the layers whose random numbers are others in Python.
  private static func withoutRandom(_ spec: NetworkSpec) -> NetworkSpec {
    var spec = spec
    spec.encoder.removeAll { ["noise", "dropout"].contains($0.layer) }
    spec.grid.removeAll { ["noise", "dropout"].contains($0.layer) }
    return spec
  }

  /// The same inputs as `wave` of the script.
  private static func wave(_ count: Int, _ step: Int) -> [Float] {
    (0..<count).map { Float($0 * step % 101) / 50 - 1 }
  }

  private static let script = """
    import json, sys, numpy, torch
    torch.set_num_threads(1)
    for path in sys.argv[1:]:
        files = {"spec.json": ""}
        network = torch.jit.load(path, _extra_files=files)
        d = json.loads(files["spec.json"])
        width = {k: len(v) for k, v in d["columns"].items()}
        n, t = d["spec"]["gridSize"], d["spec"]["samples"]
        stations = \(stations)
        total, batch = sum(min(s, n * n) for s in stations), len(stations)
        count = lambda s: torch.arange(torch.Size(s).numel())
        wave = lambda step, *s: ((count(s) * step % 101).float() / 50 - 1).reshape(s)
        cells = torch.tensor([e * n * n + k for e, s in enumerate(stations)
                              for k in range(min(s, n * n))])
        y = network(wave(37, total, max(t, 1), 2), wave(29, total, width["station"]), cells,
                    wave(31, batch * n * n, width["cell"]), wave(23, batch, width["event"]))
        targets = len(d["spec"]["targets"])
        difference = y[:, :targets] - wave(7, batch, targets)
        if d["spec"]["loss"] == "gaussian":
            sigma = y[:, targets:2 * targets]
            loss = (0.5 * (difference * torch.exp(-sigma)).square() + sigma).sum()
            density = d["spec"].get("density", {"of": []})
            for number, name in enumerate(density["of"]):
                pair = [d["spec"]["targets"].index(t) for t in
                        (["ln_energy", "xmax"] if name == "energy_xmax"
                         else ["direction_zenith", "direction_azimuth"])]
                k = density["components"]
                w, m1, m2, s1, s2, r = y[:, 2 * targets + 6 * k * number:][:, :6 * k].split(k, 1)
                u = torch.distributions.MultivariateNormal(
                    torch.stack([m1, m2], -1), torch.stack([
                        torch.stack([(2 * s1).exp(), r * (s1 + s2).exp()], -1),
                        torch.stack([r * (s1 + s2).exp(), (2 * s2).exp()], -1)], -1))
                mixture = torch.distributions.MixtureSameFamily(
                    torch.distributions.Categorical(logits=w), u)
                likelihood = mixture.log_prob(wave(7, batch, targets)[:, pair])
                loss = loss - (likelihood + numpy.log(2 * numpy.pi)).sum()
        else:
            loss = difference.square().sum()
        gradient = torch.autograd.grad(loss, list(network.parameters()), allow_unused=True)
        gradient = [torch.zeros_like(p) if g is None else g
                    for g, p in zip(gradient, network.parameters())]
        values = torch.cat([y.flatten(), loss.reshape(1)] + [g.flatten() for g in gradient])
        values.detach().numpy().tofile(path + ".out")
    """

  @Test(
    "outputs and gradients are those of libtorch's operators",
    .enabled(if: TrainingTests.pythonHasTorch, "/usr/bin/python3 has no torch"))
  func agreement() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(Self.specs.count == AgreementTests.shipped.count + AgreementTests.odd.count)
    var own: [(path: String, values: [Float])] = []
    for spec in Self.specs {
      let network = try AgreementTests().network(spec)
      let path = folder.appending(path: spec.name + ".pt").path
      try network.write(to: path)
      own.append((path, try Self.values(network.module, spec)))
    }
    let (status, _) = TrainingTests.run("/usr/bin/python3", ["-c", Self.script] + own.map(\.path))
    #expect(status == 0)
    for (path, values) in own {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: path + ".out")))
      let theirs = bytes.withUnsafeBytes { [Float]($0.bindMemory(to: Float.self)) }
      #expect(values.count == theirs.count)
      let size = theirs.map(abs).max() ?? 0
      let largest = zip(values, theirs).map { abs($0 - $1) }.max() ?? .infinity
      #expect(size > 0 && largest < 1e-5 * size, "\(path): \(largest) of \(size)")
    }
  }

  /// Outputs, loss and gradient.
  private static func values(_ module: TorchModule, _ spec: NetworkSpec) throws -> [Float] {
    let (cells, batch) = (spec.cellCount, stations.count)
    let widths = NetworkProgram.Widths(spec: spec)
    let places = stations.enumerated().flatMap { event, count in
      (0..<min(count, cells)).map { Int64(event * cells + $0) }
    }
    let (total, samples) = (places.count, spec.readsWaveforms ? spec.samples : 1)
    let inputs = [
      Memory(wave(total * samples * 2, 37), [total, samples, 2]),
      Memory(wave(total * widths.station, 29), [total, widths.station]),
      Memory(places, [total]),
      Memory(wave(batch * cells * widths.cell, 31), [batch * cells, widths.cell]),
      Memory(wave(batch * widths.event, 23), [batch, widths.event]),
    ]
    let target = Memory(wave(batch * spec.targets.count, 7), [batch, spec.targets.count])
    defer { withExtendedLifetime((inputs, target)) {} }
    let count = module.parameterSizes.reduce(0) { $0 + $1.count }
    var outputs = [Float](repeating: 0, count: batch * spec.outputCount)
    try outputs.withUnsafeMutableBufferPointer { try module.run(inputs.map(\.input), into: $0) }
    var gradient = [Float](repeating: 0, count: count)
    try module.beginTraining(
      .adam, loss: spec.loss, densities: spec.densityColumns, weightDecay: 0, gradientClip: 0)
    let loss = try gradient.withUnsafeMutableBufferPointer {
      try module.differentiate(inputs.map(\.input), target: target.input, seed: 1, gradient: $0)
    }
    #expect(loss.known == Double(batch * spec.targets.count))
    return outputs + [Float(loss.sum)] + gradient
  }

  @Test("a message from a row that is not there is an error")
  func edges() throws {
    let module = try TorchModule.compile(
      """
      def forward(self, x, own, other):
          side = torch.zeros_like(own)
          y = x.index_select(0, own) + x.index_select(0, other)
          return torch.silu(y + self.sides.index_select(0, side))

      """,
      parameters: [.init(name: "sides", shape: [1, 2], values: [0.5, -1])])
    let rows = Memory([1, 2, 3, 4, -5, 0] as [Float], [3, 2])
    let own = Memory([0, 2] as [Int64], [2])
    func messages(from rowNumbers: [Int64]) throws -> [Float] {
      var output = [Float](repeating: 0, count: 4)
      let other = Memory(rowNumbers, [2])
      defer { withExtendedLifetime((rows, own, other)) {} }
      try output.withUnsafeMutableBufferPointer {
        try module.run([rows.input, own.input, other.input], into: $0)
      }
      return output
    }
    let sums: [Double] = [4.5, 5, -3.5, 1]
    for (value, sum) in zip(try messages(from: [1, 0]), sums) {
      #expect(abs(Double(value) - sum / (1 + exp(-sum))) < 1e-6)
    }
    for number: Int64 in [-1, 3, 1 << 40] {
      #expect(throws: NetworkError.self) { try messages(from: [0, number]) }
    }
  }

  @Test("operators in networks from Python that are not as ours are libtorch's own")
  func foreign() throws {
    let module = try TorchModule.compile(
      """
      def forward(self, x):
          y = torch.silu(torch.addmm(x, x, self.w))
          z = torch.relu(torch.addmm(self.b.to(7), x.to(7), self.w.to(7)))
          n = torch.full([2], 2, dtype=4)
          s = torch.segment_reduce(torch.silu(z), "max", lengths=n, unsafe=True)
          return y + z.to(6) + s.to(6).repeat_interleave(2, 0)

      """,
      parameters: [
        .init(name: "w", shape: [2, 2], values: [1, 2, -1, 0.5]),
        .init(name: "b", shape: [2], values: [0.25, -0.5]),
      ])
    let x: [Float] = [1, -1, 0.5, 2, -2, 0.25, 3, 1]
    var output = [Float](repeating: 0, count: 8)
    let input = Memory(x, [4, 2])
    defer { withExtendedLifetime(input) {} }
    try output.withUnsafeMutableBufferPointer { try module.run([input.input], into: $0) }
    func silu(_ x: Double) -> Double { x / (1 + exp(-x)) }
    func product(_ row: Int, _ column: Int) -> Double {
      let w = [[1, 2], [-1, 0.5]]
      return Double(x[2 * row]) * w[0][column] + Double(x[2 * row + 1]) * w[1][column]
    }
    func z(_ row: Int, _ column: Int) -> Double {
      max(0, product(row, column) + [0.25, -0.5][column])
    }
    for row in 0..<4 {
      for column in 0..<2 {
        let y = silu(Double(x[2 * row + column]) + product(row, column))
        let first = row / 2 * 2
        let s = max(silu(z(first, column)), silu(z(first + 1, column)))
        #expect(abs(Double(output[2 * row + column]) - (y + z(row, column) + s)) < 1e-5)
      }
    }
  }

  @Test("random numbers of dropout and noise are those of the seed, whatever other threads do")
  func random() throws {
    let module = try TorchModule.compile(
      """
      def forward(self, x):
          if self.training:
              x = x + 0.5 * torch.randn_like(x)
          return torch.dropout(x, 0.5, self.training) * self.w

      """, parameters: [.init(name: "w", shape: [1], values: [1])])
    try module.beginTraining(.adam, weightDecay: 0, gradientClip: 0)
    try module.setTraining(true)
    let (x, target) = (Memory(Self.wave(512, 37), [64, 8]), Memory(Self.wave(512, 7), [64, 8]))
    defer { withExtendedLifetime((x, target)) {} }
    nonisolated(unsafe) let inputs = (x.input, target.input)
    func loss(_ seed: Int) throws(NetworkError) -> Double {
      var gradient: [Float] = [0]
      var result: Result<TorchModule.Loss, NetworkError> = .success(.init())
      gradient.withUnsafeMutableBufferPointer { gradient in
        result = Result { () throws(NetworkError) in
          try module.differentiate(
            [inputs.0], target: inputs.1, seed: UInt64(seed), gradient: gradient)
        }
      }
      return try result.get().sum
    }
    let alone = try (0..<16).map(loss)
    #expect(Set(alone).count == 16)
    var together = [Double](repeating: 0, count: 16)
    try together.withUnsafeMutableBufferPointer { together in
      nonisolated(unsafe) let together = together
      try concurrentForEach(16, threads: 4) { seed throws(NetworkError) in
        together[seed] = try loss(seed)
      }
    }
    #expect(together == alone)
    // Without training there is neither.
    try module.setTraining(false)
    var output = [Float](repeating: 0, count: 512)
    try output.withUnsafeMutableBufferPointer { try module.run([x.input], into: $0) }
    #expect(output == Self.wave(512, 37))
  }

  @Test("an array of more than four dimensions is refused")
  func dimensions() throws {
    let module = try TorchModule.compile(
      "def forward(self, x):\n    return x\n",
      parameters: [.init(name: "w", shape: [1], values: [1])])
    let x = Memory([1, 2] as [Float], [1, 1, 1, 1, 2])
    var output = [Float](repeating: 0, count: 2)
    let error = #expect(throws: NetworkError.self) {
      try output.withUnsafeMutableBufferPointer { try module.run([x.input], into: $0) }
    }
    #expect("\(try #require(error))".contains("5 dimensions"))
  }
}

/// An array that stays where it is.
final class Memory {
  private let bytes: UnsafeMutableRawPointer
  private let isInteger: Bool
  private let shape: [Int]

  init(_ values: [Float], _ shape: [Int]) {
    (bytes, isInteger, self.shape) = (Self.copy(values), false, shape)
  }

  init(_ values: [Int64], _ shape: [Int]) {
    (bytes, isInteger, self.shape) = (Self.copy(values), true, shape)
  }

  private static func copy<Value>(_ values: [Value]) -> UnsafeMutableRawPointer {
    values.withUnsafeBytes { source in
      let bytes = UnsafeMutableRawBufferPointer.allocate(
        byteCount: max(1, source.count), alignment: 16)
      bytes.copyMemory(from: source)
      guard let base = bytes.baseAddress else { fatalError("no memory") }
      return base
    }
  }

  deinit { bytes.deallocate() }

  var input: TorchModule.Input {
    isInteger
      ? .integers(bytes.assumingMemoryBound(to: Int64.self), shape)
      : .floats(bytes.assumingMemoryBound(to: Float.self), shape)
  }
}

extension TorchModule {
  /// One step of the optimiser by the mean loss over known targets; does nothing where that is not
  /// finite.
  func step(_ inputs: [Input], target: Input, learningRate: Double) throws(NetworkError) -> Double {
    var gradient = [Float](repeating: 0, count: parameterSizes.reduce(0) { $0 + $1.count })
    var result: Result<Loss, NetworkError> = .success(.init())
    gradient.withUnsafeMutableBufferPointer { gradient in
      result = Result { () throws(NetworkError) in
        try differentiate(inputs, target: target, seed: 1, gradient: gradient)
      }
    }
    let loss = try result.get()
    let mean = loss.sum / max(loss.known, 1)
    guard mean.isFinite else { return mean }
    gradient = gradient.map { $0 / Float(max(loss.known, 1)) }
    var failure: NetworkError?
    gradient.withUnsafeBufferPointer { gradient in
      do throws(NetworkError) {
        try update(gradient, learningRate: learningRate)
      } catch { failure = error }
    }
    if let failure { throw failure }
    return mean
  }
}
