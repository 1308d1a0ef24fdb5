import Foundation
import Numerics
import ShowerModel
import Testing

@testable import ResidualNetwork

/// Densities of pairs of targets: loss and gradient against PyTorch, coverage where the posterior
/// is known.
@Suite struct DensityTests {
  /// Three targets, two pairs of them, two components.
  static let spec: NetworkSpec = {
    var spec = NetworkSpec(
      name: "toy", event: [LayerSpec("dense", ["size": 4])],
      targets: ["direction_zenith", "direction_azimuth", "ln_energy", "xmax"], loss: .gaussian,
      density: DensitySpec(of: ["energy_xmax", "direction"], components: 2))
    spec.inputs = .init(cell: [], station: [], event: ["log_signal800", "secant_zenith"])
    return spec
  }()

  @Test("outputs lie one after the other")
  func columns() throws {
    try Self.spec.validate()
    #expect(Self.spec.outputCount == 8 + 2 * 12)
    #expect(
      Self.spec.densityColumns == [
        DensityColumns(name: "energy_xmax", targets: [2, 3], first: 8, components: 2),
        DensityColumns(name: "direction", targets: [0, 1], first: 20, components: 2),
      ])
  }

  /// Outputs of rows as a network may give them, and targets: some unknown, with weights.
  private static let (outputs, targets): ([Float], [Float]) = {
    var random = CounterRandom(seed: 5, event: 0)
    var (outputs, targets): ([Float], [Float]) = ([], [])
    for row in 0..<12 {
      outputs += (0..<8).map { _ in Float(random.normal()) }
      for _ in 0..<2 {
        let weight = random.uniform(0.1..<0.9)
        outputs += [log(weight), log(1 - weight)].map(Float.init)
        outputs += (0..<4).map { _ in Float(random.normal()) }
        outputs += (0..<4).map { _ in Float(0.5 * random.normal()) }
        outputs += (0..<2).map { _ in Float(random.uniform(-0.9..<0.9)) }
      }
      targets += (0..<4).map { $0 == row % 5 ? .nan : Float(2 * random.normal()) }
      targets.append(Float(random.uniform(0..<2)))
    }
    return (outputs, targets)
  }()

  /// Loss and gradient by the outputs, where these are the parameters of the module.
  private func differentiated(weighted: Bool) throws -> (loss: Double, gradient: [Float]) {
    let width = Self.spec.outputCount
    let module = try TorchModule.compile(
      "def forward(self, x):\n    return x + self.w\n",
      parameters: [.init(name: "w", shape: [12, width], values: Self.outputs)])
    try module.beginTraining(
      .adam, loss: .gaussian, densities: Self.spec.densityColumns, weightDecay: 0, gradientClip: 0)
    var zero = [Float](repeating: 0, count: Self.outputs.count)
    var targets =
      weighted
      ? Self.targets
      : (0..<12).flatMap { row in Self.targets[5 * row..<5 * row + 4] }
    var gradient = zero
    let loss = try zero.withUnsafeMutableBufferPointer { zero in
      try targets.withUnsafeMutableBufferPointer { targets in
        try gradient.withUnsafeMutableBufferPointer { gradient in
          try module.differentiate(
            [.floats(try #require(zero.baseAddress), [12, width])],
            target: .floats(try #require(targets.baseAddress), [12, weighted ? 5 : 4]),
            seed: 1, gradient: gradient)
        }
      }
    }
    return (loss.sum, gradient)
  }

  @Test(
    "loss and gradient are those of PyTorch's own mixture, to 1e-5", arguments: [false, true])
  func mixture(weighted: Bool) throws {
    try #require(TrainingTests.pythonHasTorch, "/usr/bin/python3 has no torch")
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "values").path
    let values = ValidationSample.data(Self.outputs + Self.targets)
    try values.write(to: URL(filePath: path))
    let script = """
      import sys, numpy, torch
      from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal, Normal
      values = torch.tensor(numpy.fromfile(sys.argv[1], numpy.float32)).double()
      y = values[:12 * 32].reshape(12, 32).requires_grad_()
      t = values[12 * 32:].reshape(12, 5)
      weights = t[:, 4] if sys.argv[2] == "true" else torch.ones(12).double()
      t = t[:, :4]
      known, filled = torch.isfinite(t), torch.nan_to_num(t)
      single = -Normal(y[:, :4], y[:, 4:8].exp()).log_prob(filled)
      half = 0.5 * numpy.log(2 * numpy.pi)
      loss = (torch.where(known, single - half, 0.) * weights[:, None]).sum()
      for first, a, b in [(8, 2, 3), (20, 0, 1)]:
          p = y[:, first:first + 12].reshape(12, 6, 2)
          s1, s2, r = p[:, 3].exp(), p[:, 4].exp(), p[:, 5]
          zero = torch.zeros_like(r)
          scale = torch.stack([torch.stack([s1, zero], -1),
                               torch.stack([r * s2, (1 - r**2).sqrt() * s2], -1)], -2)
          mixture = MixtureSameFamily(
              Categorical(logits=p[:, 0]), MultivariateNormal(p[:, 1:3].mT, scale_tril=scale))
          terms = -mixture.log_prob(filled[:, [a, b]]) - 2 * half
          loss = loss + (torch.where(known[:, a] & known[:, b], terms, 0.) * weights).sum()
      gradient, = torch.autograd.grad(loss, y)
      numpy.concatenate([[loss.item()], gradient.flatten().numpy()]).astype(
          numpy.float32).tofile(sys.argv[1] + ".out")
      """
    let (status, _) = TrainingTests.run("/usr/bin/python3", ["-c", script, path, "\(weighted)"])
    #expect(status == 0)
    let theirs = ValidationSample.floats(try Data(contentsOf: URL(filePath: path + ".out")))
    let (loss, gradient) = try differentiated(weighted: weighted)
    #expect(abs(loss - Double(theirs[0])) < 1e-5 * abs(loss))
    // Categorical normalises its weights once more, which the program of a network has done before.
    var normalised = gradient
    for place in stride(from: 0, to: gradient.count, by: 32).flatMap({ [$0 + 8, $0 + 20] }) {
      let sum = gradient[place] + gradient[place + 1]
      for place in place...place + 1 { normalised[place] -= exp(Self.outputs[place]) * sum }
    }
    let largest = zip(normalised, theirs.dropFirst()).map { abs($0 - $1) / max(1, abs($1)) }.max()
    #expect(try #require(largest) < 1e-5)
    #expect(theirs.dropFirst().contains { abs($0) > 0.1 })
  }

  // MARK: - Coverage where the posterior is known

  /// Two normal distributions, as outputs of the pair energy_xmax with widths `scale` times too
  /// large.
  private static func outputs(scale: Double) -> [Float] {
    [Float](repeating: 0, count: 8)
      + [
        log(0.7), log(0.3), 0.2, -1.5, -0.3, 2, log(0.5 * scale), log(0.3 * scale),
        log(0.8 * scale), log(0.4 * scale), 0.6, -0.4,
      ].map(Float.init) + [Float](repeating: 0, count: 12)
  }

  /// Draws from that posterior, `[draw, target]`, with NaN for the targets of the other pair.
  private static func truths(_ count: Int, seed: UInt64) -> [SIMD2<Double>] {
    let mixture = NormalMixture([outputs(scale: 1)[...]], spec.densityColumns[0])
    var random = CounterRandom(seed: seed, event: 0)
    return (0..<count).map { _ in
      let component = mixture.components[random.uniform(0..<1) < 0.7 ? 0 : 1]
      let (a, b) = (random.normal(), random.normal())
      let r = component.correlation
      return component.mean + component.sigma * SIMD2(a, r * a + (1 - r * r).squareRoot() * b)
    }
  }

  private static func sample(_ truths: [SIMD2<Double>], scale: Double) throws
    -> CombinationSample
  {
    let variables: [Float] = truths.flatMap { _ in [1.2, 3] }
    let residuals: [Float] = truths.flatMap { [.nan, .nan, Float($0.x), Float($0.y)] }
    let outputs: [Float] = truths.flatMap { _ in Self.outputs(scale: scale) }
    return try CombinationSample(
      [.of(variables: variables, residuals: residuals, outputs: outputs)],
      outputCount: spec.outputCount, targetCount: 4)
  }

  @Test(
    "regions of a known posterior cover as they say, also where widths are predicted wrong",
    arguments: [0.7, 1, 1.4])
  func coverage(scale: Double) throws {
    let scaling = [TargetScaling](repeating: try .unit(), count: 4)
    let calibration = try #require(
      DensityCalibration(
        Self.spec.densityColumns[0], try Self.sample(Self.truths(4000, seed: 1), scale: scale),
        scaling: scaling))
    let region = calibration.region(
      [Self.outputs(scale: scale)[...]], about: [0.1, -0.1], in: [1, 2], secZenith: 1.2,
      logSignal800: 3)
    #expect(region.components.count == 2)
    let mixture = NormalMixture(
      region.components.map {
        .init(weight: $0.weight, mean: $0.mean, sigma: $0.sigma, correlation: $0.correlation)
      })
    let densities = Self.truths(4000, seed: 2).map {
      mixture.density(at: ($0 - SIMD2(0.1, -0.1)) * SIMD2(1, 2))
    }
    for (level, area, wanted) in [
      (region.level68, region.area68, 0.68), (region.level95, region.area95, 0.95),
    ] {
      let (level, area) = (try #require(level), try #require(area))
      let part = Double(densities.count { $0 >= level }) / 4000
      #expect(abs(part - wanted) < 0.025, "\(part)")
      #expect(area > 0 && area.isFinite)
    }
    // Where the posterior is right, the regions are those of 68 % and 95 % of it.
    guard scale == 1 else { return }
    let exact = HighestDensity(mixture).region(holding: 0.68)
    #expect(abs(try #require(region.area68) / exact.area - 1) < 0.1)
  }

  @Test("too few validation events, a density that is none, and too many components")
  func refused() throws {
    let columns = Self.spec.densityColumns[0]
    let scaling = [TargetScaling](repeating: try .unit(), count: 4)
    let few = try Self.sample(Self.truths(900, seed: 1), scale: 1)
    #expect(DensityCalibration(columns, few, scaling: scaling) == nil)
    let calibration = try #require(
      DensityCalibration(
        columns, try Self.sample(Self.truths(1200, seed: 1), scale: 1), scaling: scaling))
    var odd = Self.outputs(scale: 1)
    odd[columns.first + 6] = .nan
    let none = calibration.region(
      [odd[...]], about: [0, 0], in: [1, 1], secZenith: 1, logSignal800: 3)
    #expect(none == .none)

    var spec = Self.spec
    spec.density?.components = 5
    let metadata = NetworkMetadata(
      spec: spec,
      normalisation: NetworkNormalisation(
        cell: .neutral(width: 0), station: .neutral(width: 0), event: .neutral(width: 2)),
      scaling: scaling, settings: TrainingSettings(), counts: TrainingSet.Counts())
    let sample = try ValidationSample.of(variables: [], residuals: [], outputs: [])
    let error = #expect(throws: NetworkError.self) {
      try EventRegions(
        CombinationSample([sample, sample], outputCount: 8, targetCount: 4), metadata,
        metadata.combination)
    }
    #expect("\(try #require(error))".contains("2 networks of 5 components"))
  }

  @Test("values and errors are trained as without densities, to the last bit")
  func beside() throws {
    // The best epoch is that of the whole loss, so that one epoch is compared.
    var settings = TrainingTests.settings
    (settings.epochs, settings.gradientClip) = (1, 0)
    var outputs: [[Float]] = []
    for density in [nil, DensitySpec(of: ["direction"], components: 3)] {
      var spec = SyntheticEvents.setSpec
      (spec.loss, spec.density) = (.gaussian, density)
      let set = try TrainingTests.set(spec: spec)
      let network = try Trainer(spec: spec, settings: settings).train(set)
      let (width, rows) = (network.metadata.outputCount, set.rows(of: .validation))
      #expect(width == spec.outputCount)
      let all = try set.outputs(of: rows, network, count: width)
      let loss = try StandardisedTargets(set).loss(NetworkOutputs(all, spec), rows: rows)
      #expect(abs(loss - network.metadata.validationLoss) < 1e-12)
      outputs.append(stride(from: 0, to: all.count, by: width).flatMap { all[$0..<$0 + 10] })
      if density != nil { try checkSymmetries(network) }
    }
    #expect(outputs[0] == outputs[1] && outputs[0].contains { $0 != 0 })
  }

  /// Values and errors are averaged over the symmetries, mixtures are those of the event as it is.
  private func checkSymmetries(_ network: Network) throws {
    let workspace = TrainingTests.workspace(network)
    for event in TrainingTests.events.prefix(20) {
      workspace.imager.append(event, to: &workspace.block)
    }
    let (block, batch) = (workspace.block, workspace.batches[0])
    let plain = try network.outputs(of: block, symmetry: 0, batch: batch)
    let mean = try network.symmetricOutputs(of: block, batch: batch)
    #expect(plain.count == mean.count && plain.count == 20 * network.metadata.outputCount)
    for place in plain.indices where place % network.metadata.outputCount >= 10 {
      #expect(plain[place] == mean[place])
    }
    #expect(plain[0] != mean[0])
  }

  @Test("parts of the regions follow ln S800, linear between groups and constant beyond")
  func masses() throws {
    // At each ln S800 the parts are uniform from 0 to a limit that grows.
    let events = (0..<8000).map { index in
      let signal = Double(index) / 8000
      return (logSignal800: signal, part: (0.5 + 0.5 * signal) * Double(index * 37 % 1000) / 1000)
    }
    let masses = DensityMasses(events.shuffled())
    #expect(masses.isValid && masses.logSignal800.count == 8)
    for signal in [0.2, 0.5, 0.8] {
      let (mass68, mass95) = masses.values(logSignal800: signal)
      #expect(abs(mass68 - 0.68 * (0.5 + 0.5 * signal)) < 0.01)
      #expect(abs(mass95 - 0.95 * (0.5 + 0.5 * signal)) < 0.02)
    }
    #expect(masses.values(logSignal800: -9).mass68 == masses.mass68[0])
    #expect(masses.values(logSignal800: 99).mass95 == masses.mass95[7])
    #expect(DensityMasses(Array(events.prefix(1500))).logSignal800.count == 1)
    #expect(DensityMasses(Array(events.prefix(4100))).logSignal800.count == 4)
    for damage in 0..<4 {
      var other = masses
      switch damage {
      case 0: other.mass68[1] = 1.5
      case 1: other.mass95.removeLast()
      case 2: other.logSignal800.swapAt(0, 3)
      default: other.logSignal800 = []
      }
      #expect(!other.isValid)
    }
  }

  @Test("a mixture learns a posterior that is known")
  func learned() throws {
    // Nothing is seen of an event: the mixture becomes the distribution of the targets.
    let columns = Self.spec.densityColumns[0]
    var spec = Self.spec
    spec.density?.of = ["energy_xmax"]
    let program = try NetworkProgram(spec: spec, seed: 3)
    let module = try TorchModule.compile(program.source, parameters: program.parameters)
    try module.beginTraining(
      .adam, loss: .gaussian, densities: [columns], weightDecay: 0, gradientClip: 0)
    let memory = [
      Memory([Float](), [0, 1, 2]), Memory([Float](), [0, 0]), Memory([Int64](), [0]),
      Memory([Float](), [200 * spec.cellCount, 0]),
      Memory([Float](repeating: 0, count: 400), [200, 2]),
    ]
    defer { withExtendedLifetime(memory) {} }
    let inputs = memory.map(\.input)
    for step in 0..<400 {
      var targets: [Float] = Self.truths(200, seed: UInt64(100 + step)).flatMap {
        [.nan, .nan, Float($0.x), Float($0.y)]
      }
      _ = try targets.withUnsafeMutableBufferPointer {
        try module.step(
          inputs, target: .floats(try #require($0.baseAddress), [200, 4]),
          learningRate: step < 300 ? 0.02 : 0.005)
      }
    }
    var outputs = [Float](repeating: 0, count: 200 * spec.outputCount)
    try outputs.withUnsafeMutableBufferPointer { try module.run(inputs, into: $0) }
    let own = NormalMixture([outputs[..<spec.outputCount]], columns)
    let known = NormalMixture([Self.outputs(scale: 1)[...]], columns)
    let fresh = Self.truths(4000, seed: 7)
    func score(_ mixture: NormalMixture) -> Double {
      fresh.reduce(0) { $0 + mixture.logDensity(at: $1) } / 4000
    }
    // The known posterior has the highest score; one normal distribution has .5 less.
    #expect(score(own) > score(known) - 0.03, "\(score(own)), \(score(known))")
    #expect(score(own) < score(known) + 0.01)
    let highest = HighestDensity(own)
    for mass in [0.68, 0.95] {
      let level = highest.region(holding: mass).level
      let part = Double(fresh.count { own.density(at: $0) >= level }) / 4000
      #expect(abs(part - mass) < 0.025, "\(part)")
    }
  }
}

extension TargetScaling {
  /// Standardised targets are those of native units.
  fileprivate static func unit() throws -> TargetScaling {
    let numbers = [
      "lower": [0, 0], "upper": [1, 1], "mean": [Double](repeating: 0, count: 10),
      "logSize": [Double](repeating: 0, count: 6),
    ]
    return try JSONDecoder().decode(TargetScaling.self, from: JSONEncoder().encode(numbers))
  }
}

extension ValidationSample {
  fileprivate static func of(
    variables: [Float], residuals: [Float], outputs: [Float]
  ) throws -> ValidationSample {
    let parts = [
      "variables": data(variables), "residuals": data(residuals), "outputs": data(outputs),
    ]
    return try JSONDecoder().decode(ValidationSample.self, from: JSONEncoder().encode(parts))
  }
}
