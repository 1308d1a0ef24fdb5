import Foundation
import Testing

@testable import ResidualNetwork

@Suite struct SpecTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../tables/networks").standardized.path

  @Test(
    "every network shipped can be read, compiled and run",
    arguments: ["grid", "lecture", "scalars"])
  func shipped(name: String) throws {
    let spec = try NetworkSpec(contentsOf: "\(Self.folder)/\(name).json")
    #expect(spec.name == name)
    let program = NetworkProgram(spec: spec, seed: 1)
    _ = try TorchModule.compile(program.source, parameters: program.parameters)
    let weights = program.parameters.reduce(0) { $0 + $1.values.count }
    #expect((100_000...300_000).contains(weights), "\(name): \(weights) weights")
  }

  func error(replacing old: String, by new: String) throws -> String {
    let text = try String(contentsOfFile: "\(Self.folder)/grid.json", encoding: .utf8)
    #expect(text.contains(old))
    let changed = Data(text.replacingOccurrences(of: old, with: new).utf8)
    let error = #expect(throws: NetworkError.self) {
      try NetworkSpec(json: changed, source: "grid.json")
    }
    return "\(try #require(error))"
  }

  @Test("a misspelt key or name is refused with the nearest one")
  func misspelt() throws {
    #expect(try error(replacing: "\"gridSize\"", by: "\"gridsize\"").contains("\"gridSize\""))
    #expect(try error(replacing: "\"stride\"", by: "\"strid\"").contains("did you mean \"stride\""))
    #expect(
      try error(replacing: "\"ln_energy\"", by: "\"lnenergy\"").contains("\"ln_energy\""))
    #expect(
      try error(replacing: "\"core_in_image\"", by: "\"core_image\"").contains("core_in_image"))
  }

  @Test("impossible sizes are refused, naming the key")
  func impossible() throws {
    #expect(try error(replacing: "\"gridSize\": 6", by: "\"gridSize\": 9").contains("gridSize"))
    #expect(try error(replacing: "\"samples\": 128", by: "\"samples\": 64").contains("samples"))
    #expect(
      try error(replacing: "\"samples\": 128", by: "\"samples\": 514").contains("128 to 512"))
    #expect(try error(replacing: "\"stride\": 4", by: "\"stride\": 40").contains("stride"))
    #expect(try error(replacing: "\"silu\"", by: "\"tanh\"").contains("activation"))
    #expect(try error(replacing: "\"dropout\": 0.0,", by: "").contains("dropout"))
  }
}
