import Foundation
import Testing

@testable import ResidualNetwork

@Suite struct SpecTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../tables/networks").standardized.path

  @Test(
    "every network shipped can be read, compiled and run",
    arguments: [
      "graph", "grid", "lecture", "aixnet", "set", "attention", "scalars", "features", "event",
      "composition",
    ])
  func shipped(name: String) throws {
    let spec = try NetworkSpec(contentsOf: "\(Self.folder)/\(name).json")
    #expect(spec.name == name)
    let program = try NetworkProgram(spec: spec, seed: 1)
    let module = try TorchModule.compile(program.source, parameters: program.parameters)
    let weights = program.parameters.reduce(0) { $0 + $1.values.count }
    #expect((10_000...1_000_000).contains(weights), "\(name): \(weights) weights")
    // With stations and without.
    for stations in [0, 3] {
      let outputs = try module.outputs(spec: spec, stations: stations)
      let isFinite = outputs.allSatisfy(\.isFinite)
      #expect(outputs.count == spec.outputCount && isFinite)
    }
    // In half the digits nearly the same, and not quite.
    let outputs = try module.outputs(spec: spec, stations: 3)
    let reduced = try TorchModule.compile(
      program.source, parameters: program.parameters, device: ComputeDevice(.cpu, .bfloat16))
    let rough = try reduced.outputs(spec: spec, stations: 3)
    let difference = zip(outputs, rough).map { abs($0 - $1) }.max() ?? .nan
    let size = outputs.map(abs).max() ?? .nan
    #expect((1e-6...0.05).contains(difference / max(size, 1)), "\(name): \(difference) of \(size)")
  }

  @Test("a network is its text and back")
  func roundTrip() throws {
    for name in ["grid", "lecture", "attention"] {
      let spec = try NetworkSpec(contentsOf: "\(Self.folder)/\(name).json")
      let text = try JSONEncoder().encode(spec)
      #expect(try JSONDecoder().decode(NetworkSpec.self, from: text) == spec)
    }
    let lecture = try NetworkSpec(contentsOf: "\(Self.folder)/lecture.json")
    #expect(lecture.training.optimiser == .adadelta)
    #expect(!lecture.training.oneCycle && lecture.training.epochs == TrainingSettings().epochs)
  }

  func error(of name: String = "grid", replacing old: String, by new: String) throws -> String {
    let text = try String(contentsOfFile: "\(Self.folder)/\(name).json", encoding: .utf8)
    #expect(text.contains(old))
    let changed = Data(text.replacingOccurrences(of: old, with: new).utf8)
    let error = #expect(throws: NetworkError.self) {
      try NetworkSpec(json: changed, source: "\(name).json")
    }
    return "\(try #require(error))"
  }

  @Test("a misspelt key or name is refused with its line and the nearest one")
  func misspelt() throws {
    #expect(
      try error(replacing: "\"gridSize\"", by: "\"gridsize\"")
        == "grid.json:4: gridsize: unknown key, did you mean \"gridSize\"?")
    #expect(
      try error(replacing: "\"stride\": 4", by: "\"strid\": 4")
        == "grid.json:8: encoder[0].strid: unknown key of the layer convolution, did you mean "
        + "\"stride\"?")
    #expect(
      try error(replacing: "\"flatten\"", by: "\"flaten\"")
        .hasPrefix(
          "grid.json:18: grid[4].layer: unknown layer \"flaten\", did you mean \"flatten\"?"))
    #expect(
      try error(replacing: "\"ln_energy\"", by: "\"lnenergy\"").contains("\"ln_energy\""))
    #expect(
      try error(replacing: "\"core_in_image\"", by: "\"core_image\"").contains("core_in_image"))
    #expect(
      try error(of: "set", replacing: "\"across\"", by: "\"accross\"")
        .contains("did you mean \"across\""))
    #expect(
      try error(of: "lecture", replacing: "\"oneCycle\"", by: "\"onecycle\"")
        .contains("training.onecycle: unknown key, did you mean \"oneCycle\""))
  }

  @Test("a density that cannot be is refused, naming line and key")
  func densities() throws {
    func error(_ density: String, loss: String = "gaussian") throws -> String {
      let text = """
        {"name": "small", "event": [], "inputs": {"event": ["log_signal800"]},
         "targets": ["direction_zenith", "direction_azimuth", "xmax"],
         "loss": "\(loss)",
         "density": \(density)}
        """
      let error = #expect(throws: NetworkError.self) {
        try NetworkSpec(json: Data(text.utf8), source: "small.json")
      }
      return "\(try #require(error))"
    }
    let direction = #"{"of": ["direction"]}"#
    #expect(
      try error(direction, loss: "meanSquare")
        == "small.json:4: density: needs the loss \"gaussian\", or leave the density out")
    #expect(
      try error(#"{"of": ["directon"]}"#)
        == "small.json:4: density.of[0]: unknown name \"directon\", did you mean \"direction\"?")
    #expect(
      try error(#"{"of": ["direction", "energy_xmax"]}"#)
        .hasSuffix("density.of[1]: \"energy_xmax\" needs \"ln_energy\" among targets"))
    #expect(try error(#"{"of": ["direction", "direction"]}"#).contains("is given twice"))
    #expect(try error(#"{"of": []}"#).contains("must have at least one name of direction, energy"))
    for count in ["0", "9", "-1"] {
      #expect(
        try error(#"{"of": ["direction"], "components": \#(count)}"#)
          .contains("density.components: must be 1 to 8"))
    }
    #expect(
      try error(#"{"of": ["direction"], "components": "four"}"#).contains("must be of type Int"))
    #expect(try error(#"{"of": ["direction"], "component": 2}"#).contains("did you mean \"compo"))
    #expect(try error(#"{"components": 2}"#).contains("of: is missing"))
    #expect(try error("3").contains("density"))
  }

  @Test("impossible sizes are refused, naming line and key")
  func impossible() throws {
    #expect(try error(replacing: "\"gridSize\": 6", by: "\"gridSize\": 9").contains("gridSize"))
    #expect(try error(replacing: "\"samples\": 128", by: "\"samples\": 64").contains("samples"))
    #expect(
      try error(replacing: "\"samples\": 128", by: "\"samples\": 514").contains("128 to 512"))
    #expect(
      try error(replacing: "\"stride\": 4", by: "\"stride\": 40")
        == "grid.json:8: encoder[0].stride: skips samples: must be at most the kernel, 8")
    #expect(
      try error(replacing: "\"kernel\": 8", by: "\"kernel\": 500")
        .contains("covers 500 samples, but there are only 128"))
    #expect(try error(replacing: "\"silu\"", by: "\"tanh\"").contains("activation"))
    #expect(
      try error(
        replacing: "\"maps\": 48, \"residual\": true", by: "\"maps\": 40, \"residual\": true"
      )
      .contains("grid[1].residual: needs 48 maps"))
    #expect(
      try error(
        replacing: "{ \"layer\": \"flatten\" }", by: "{ \"layer\": \"pooling\", \"size\": 7 }"
      )
      .contains("pools 7 cells, but there are only 6"))
    #expect(
      try error(replacing: "{ \"layer\": \"flatten\" }", by: "{ \"layer\": \"pooling\" }")
        .contains("end the grid with \"flatten\" or \"summary\""))
    #expect(
      try error(replacing: "\"of\": [\"event\"]", by: "\"of\": [\"evnt\"]")
        .contains("\"evnt\" is not one of \"event\", \"mean\", \"max\""))
    #expect(
      try error(
        of: "attention", replacing: "\"heads\": 4 },\n    { \"layer\": \"dense\"",
        by: "\"heads\": 5 },\n    { \"layer\": \"dense\""
      )
      .contains("heads: must divide the size 64"))
    #expect(
      try error(
        of: "set",
        replacing:
          """
          ,
              { "layer": "summary", "of": ["mean", "max", "attention"], "heads": 4 }
          """,
        by: ""
      )
      .contains("end the stations with a \"summary\""))
    #expect(
      try error(of: "lecture", replacing: "\"adadelta\"", by: "\"sgd\"").contains("optimiser"))
    #expect(try error(replacing: "\"targets\"", by: "\"targets\" \"x\"").contains("not valid JSON"))
  }

  @Test("lines of values are found in any JSON text")
  func lines() {
    let lines = JSONLines("{\n \"a\": {\"b\": [1,\n \"x]}\\\"\", {\"c\":\n2}]},\n\"d\": null}")
    #expect(lines.line(of: "a") == 2)
    #expect(lines.line(of: "a.b[1]") == 3)
    #expect(lines.line(of: "a.b[2].c") == 4)
    #expect(lines.line(of: "d") == 5)
    #expect(lines.line(of: "a.b[2].missing") == 3)
    #expect(lines.line(of: "missing") == nil)
    for fault in ["{", "[1,", "{\"a\" 3}", "]", "\"", "{\"a\": }"] {
      #expect(JSONLines(fault).line(of: "zz") == nil)
    }
    let nested = String(repeating: "[", count: 200_000)
    #expect(JSONLines("{\n\"a\": \(nested)").line(of: "a[0][0]") == 2)
  }
}

extension TorchModule {
  /// Outputs for one event with inputs like a wave.
  func outputs(spec: NetworkSpec, stations count: Int) throws -> [Float] {
    let widths = NetworkProgram.Widths(spec: spec)
    func wave(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 17) / 8 - 1 } }
    var traces = wave(max(count * 2 * spec.samples, 1))
    var stations = wave(max(count * widths.station, 1))
    var cells = wave(max(spec.cellCount * widths.cell, 1))
    var events = wave(widths.event)
    var stationCells = (0..<max(count, 1)).map { Int64(4 * $0 + 1) }
    var output = [Float](repeating: 0, count: spec.outputCount)
    try traces.withUnsafeMutableBufferPointer { traces in
      try stations.withUnsafeMutableBufferPointer { stations in
        try cells.withUnsafeMutableBufferPointer { cells in
          try events.withUnsafeMutableBufferPointer { events in
            try stationCells.withUnsafeMutableBufferPointer { stationCells in
              let inputs: [TorchModule.Input] = [
                .floats(try #require(traces.baseAddress), [count, spec.samples, 2]),
                .floats(try #require(stations.baseAddress), [count, widths.station]),
                .integers(try #require(stationCells.baseAddress), [count]),
                .floats(try #require(cells.baseAddress), [spec.cellCount, widths.cell]),
                .floats(try #require(events.baseAddress), [1, widths.event]),
              ]
              try output.withUnsafeMutableBufferPointer { try run(inputs, into: $0) }
            }
          }
        }
      }
    }
    return output
  }
}
