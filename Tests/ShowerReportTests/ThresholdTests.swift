import Foundation
import Performance
import SyntheticComparison
import Testing

@testable import ShowerReport

@Suite struct ThresholdTests {
  private let results = Comparison(
    SyntheticSample(events: 300).sample(cuts: .everything),
    settings: ComparisonSettings(replicas: 20)
  ).results

  private func shortfalls(_ json: String) throws -> [String] {
    try Thresholds(json: Data(json.utf8), file: "t.json").shortfalls(of: results, file: "t.json")
  }

  @Test func keptThresholdsSayNothing() throws {
    #expect(
      try shortfalls(
        """
        {"nuclei/whole/space_angle/grid/gain/width68": 0.2,
         "nuclei/whole/events": 300,
         "nuclei/whole/ln_energy/grid/score/explained_variance/low95": {"at_least": 0.2, \
        "at_most": 1}}
        """
      ).isEmpty)
  }

  @Test func shortfallsAreListed() throws {
    let lines = try shortfalls(
      """
      {"nuclei/whole/space_angle/grid/gain/width68": 0.99,
       "nuclei/whole/events": {"at_most": 10},
       "nuclei/whole/showers": 1}
      """)
    #expect(lines.count == 2)
    #expect(lines[0] == "nuclei/whole/events is 300.0, not at most 10.0")
    #expect(lines[1].hasSuffix("not at least 0.99"))
  }

  @Test(arguments: [
    ("{\"nuclei/whole/space_angel/grid/gain/width68\": 1}", "nuclei/whole/space_angle"),
    ("{\"nuclei/whole/space_angle/gird/width68\": 1}", "nuclei/whole/space_angle/grid"),
    ("{\"nuclei/whole/events/value\": 1}", "nuclei/whole/events is a number"),
    ("{\"nuclei/whole/space_angle/grid\": 1}", "a group of"),
    ("{\"nuclei/whole/events\": \"many\"}", "at_least"),
    ("{\"nuclei/whole/events\": {\"at_leest\": 1}}", "did you mean \"at_least\""),
    ("{}", "no thresholds"), ("[1]", "not a JSON object"), ("garbage", "not a JSON object"),
  ])
  func mistakesAreExplained(json: String, text: String) {
    #expect {
      try shortfalls(json)
    } throws: { error in
      "\(error)".contains("t.json") && "\(error)".contains(text)
    }
  }

  @Test func learningCurvesAreReadByTheNamesOfColumns() throws {
    let text = "epoch,seconds,validation_loss,training_loss\n1,9,.8,.9\n2,9,.6,.7\n3,9,.65,.5\n"
    let history = try TrainingHistory(parsing: text, file: "runs/grid.csv")
    #expect(history.name == "grid")
    #expect(history.epochs == [1, 2, 3] && history.best == 1 && history.learningRate.isEmpty)
    for (wrong, part) in [
      ("epoch,training_loss\n1,2\n", "validation_loss"), ("", "epoch"),
      ("epoch,training_loss,validation_loss\n1,x,2\n", "line 2"),
      ("epoch,training_loss,validation_loss\n", "no epochs"),
    ] {
      #expect {
        try TrainingHistory(parsing: wrong, file: "h.csv")
      } throws: {
        "\($0)".contains("h.csv") && "\($0)".contains(part)
      }
    }
  }
}
