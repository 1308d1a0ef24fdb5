import Foundation
import ShowerModel
import Testing

@testable import ResidualNetwork

/// The programs that specifications become, against the same networks in PyTorch's own layers,
/// dense over the grid (`Benchmarks/eager_network.py`).
@Suite struct AgreementTests {
  static let benchmarks = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Benchmarks").standardized.path

  /// Every layer and option that no network shipped has.
  static let odd: [NetworkSpec] = {
    var grid = NetworkSpec(
      name: "odd-grid", gridSize: 5, samples: 200, activation: .relu,
      encoder: [
        LayerSpec(
          "convolution", ["kernel": 7, "stride": 3, "maps": 6, "padding": "valid", "l2": 1e-4]),
        LayerSpec("pooling", ["of": "average", "size": 4, "stride": 2]),
        LayerSpec("noise", ["sigma": 0.1]), LayerSpec("convolution", ["kernel": 3, "maps": 9]),
        LayerSpec("pooling", ["of": "min", "size": 5]), LayerSpec("pooling", ["of": "max"]),
      ],
      stations: [
        LayerSpec("dense", ["size": 12, "activation": "silu"]), LayerSpec("normalisation"),
        LayerSpec("dense", ["size": 12, "residual": true]),
      ],
      grid: [
        LayerSpec("context", ["size": 14, "of": ["event", "mean", "max"], "normalised": true]),
        LayerSpec("residualBlock", ["separable": true]), LayerSpec("residualBlock"),
        LayerSpec("dropout", ["rate": 0.3]),
        LayerSpec("denselyConnected", ["blocks": 2, "maps": 5]),
        LayerSpec("convolution", ["kernel": 1, "maps": 11]), LayerSpec("normalisation"),
        LayerSpec("convolution", ["kernel": 2, "maps": 8, "padding": "valid"]),
        LayerSpec("pooling", ["of": "min", "size": 3]), LayerSpec("summary", ["of": ["mean"]]),
      ],
      event: [
        LayerSpec("normalisation"), LayerSpec("dense", ["size": 20]),
        LayerSpec("dense", ["size": 20, "residual": true, "activation": "none"]),
      ], targets: ["ln_energy", "xmax"], loss: .gaussian)
    grid.inputs.event = ["log_signal800", "direction"]
    var masked = grid
    masked.name = "odd-masked"
    masked.density = DensitySpec(of: ["energy_xmax"], components: 3)
    masked.grid = [
      LayerSpec("dense", ["size": 8]), LayerSpec("summary", ["of": ["max", "mean"]]),
    ]
    var pooled = grid
    pooled.name = "odd-pooled"
    pooled.grid = [
      LayerSpec("dense", ["size": 8]), LayerSpec("pooling", ["of": "average"]),
      LayerSpec("convolution", ["kernel": 2, "maps": 8, "padding": "valid", "separable": true]),
      LayerSpec("flatten"),
    ]
    return [grid, masked, pooled]
  }()

  static let shipped = [
    "graph", "grid", "set", "attention", "lecture", "aixnet", "features", "scalars",
    "composition",
  ]

  @Test(
    "every layer computes what PyTorch's own layers do, to 1e-5",
    .enabled(if: TrainingTests.pythonHasTorch, "/usr/bin/python3 has no torch"))
  func eager() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let specs =
      try Self.shipped.map { try NetworkSpec(contentsOf: "\(SpecTests.folder)/\($0).json") }
      + Self.odd
    var paths: [String] = []
    for spec in specs {
      try spec.validate()
      let path = folder.appendingPathComponent(spec.name + ".pt").path
      try network(spec).write(to: path)
      paths.append(path)
    }
    let (status, text) = TrainingTests.run(
      "/usr/bin/python3", ["\(Self.benchmarks)/network-agreement.py"] + paths)
    #expect(status == 0, "\(text)")
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.count == specs.count)
    for (line, spec) in zip(lines, specs) {
      #expect(line.first.map(String.init) == spec.name)
      let difference = try #require(line.last.flatMap { Double($0) })
      #expect(difference < 1e-5, "\(spec.name)")
    }
  }

  /// A network with random weights, biases and scales among them.
  func network(_ spec: NetworkSpec) throws -> Network {
    let program = try NetworkProgram(spec: spec, seed: 3)
    let module = try TorchModule.compile(program.source, parameters: program.parameters)
    var random = CounterRandom(seed: 3, event: 0)
    try module.setParameters(module.parameters().map { $0 + Float(0.05 * random.normal()) })
    let widths = NetworkProgram.Widths(spec: spec)
    var metadata = NetworkMetadata(
      spec: spec,
      normalisation: NetworkNormalisation(
        cell: .neutral(width: widths.cell), station: .neutral(width: widths.station),
        event: .neutral(width: widths.event)),
      scaling: [], settings: TrainingSettings(), counts: TrainingSet.Counts())
    metadata.validationLoss = 1
    return Network(metadata: metadata, module: module)
  }
}
