import Foundation
import Performance
import ShowerModel
import SyntheticComparison
import Testing

@testable import ShowerReport

/// Whether axes hold what they should, and panels stand in line.
@Suite struct FigureFrameTests {
  /// Energies 60 % too high do not fall off the axis.
  @Test func estimatesAboveAllTruthsAreDrawn() throws {
    let sample = SyntheticSample(events: 500).gathered([.grid]) { _, standard, _ in
      var shower = standard.shower
      shower.logEnergy += 0.2
      return [Reconstruction(shower: shower, sigma: .undefined, status: .good)]
    }
    let context = FigureContext(
      sample: sample, comparison: Comparison(sample, settings: .init(replicas: 20)))
    let figure = try #require(context.reconstructedFigure())
    #expect(figure.caption.contains("grid energy 0,"), "\(figure.caption)")
    let table = try #require(figure.tables.first { $0.name == "energy_1" })
    #expect(table.rows.reduce(0) { $0 + $1[2] } == 500)
    // The highest cell with an event is not at the end of the axis.
    let highest = table.rows.filter { $0[2] > 0 }.map { $0[1] }.max() ?? 0
    #expect(highest < (table.rows.map { $0[1] }.max() ?? 0))
  }

  /// The frames of both panels of learning curves begin and end at the same places, however long
  /// the names in the legends are.
  @Test func panelsOfLearningCurvesAreInLine() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let curves = LearningCurves(
      network: "grid", targets: ["direction_zenith_with_a_long_name", "x"], lossName: "loss",
      epochs: [0.9, 0.8, 0.7].map {
        .init(trainingLoss: $0, validationLoss: $0 + 0.05, explainedVariance: [0.2, 0.1])
      })
    try Gnuplot().draw([curves.figure(name: "curves")], in: folder, as: ["svg"])
    let text = try String(contentsOf: folder.appending(path: "curves.svg"), encoding: .utf8)
    // The border is the only path of one corner: down the left side, then along the bottom.
    let corner = #/d='M([0-9.]+),([0-9.]+) L([0-9.]+),([0-9.]+) L([0-9.]+),([0-9.]+) /#
    let frames = text.matches(of: corner).map(\.output)
      .filter { $0.1 == $0.3 && $0.4 == $0.6 }.map { "\($0.1) \($0.5)" }
    #expect(frames.count >= 2 && Set(frames).count == 1, "\(frames)")
  }
}
