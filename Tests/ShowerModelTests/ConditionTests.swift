import Foundation
import ShowerModel
import Testing

/// Conditions on events against numpy, and the messages of wrong ones.
@Suite struct ConditionTests {
  /// What `Tests/conditions.py` wrote.
  struct Reference: Decodable {
    enum Value: Decodable {
      case number(Double)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
          self = .number(.nan)
        } else if let number = try? container.decode(Double.self) {
          self = .number(number)
        } else {
          self = .number(.infinity)
        }
      }

      var number: Double {
        switch self {
        case .number(let number): number
        }
      }
    }
    struct Column: Decodable {
      let name: String
      let values: [Value]
      let words: [String: Double]
    }
    struct Case: Decodable {
      let text: String
      let rows: [Int]
    }
    let columns: [Column]
    let cases: [Case]

    static let shared = Result {
      let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/conditions.json")
      return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    }

    var quantities: [EventQuantity] {
      columns.map { EventQuantity($0.name, unit: "1", "", words: $0.words) }
    }
  }

  @Test func conditionsAgreeWithNumpy() throws {
    let reference = try Reference.shared.get()
    let columns = reference.columns.map { $0.values.map(\.number) }
    #expect(reference.cases.count >= 40)
    for expected in reference.cases {
      let condition = try EventCondition(parsing: expected.text, quantities: reference.quantities)
      let rows = columns[0].indices.filter { row in condition.holds { columns[$0][row] } }
      #expect(rows == expected.rows, "\(expected.text)")
    }
    // A condition that selects all or nothing tells little: most do neither.
    let telling = reference.cases.filter { !$0.rows.isEmpty && $0.rows.count < columns[0].count }
    #expect(telling.count > 40)
  }

  @Test(arguments: [
    (
      "enrgy > 50",
      "unknown quantity \"enrgy\", did you mean \"energy\"?", "^^^^^"
    ),
    ("energy > 50 && zenit < 3", "unknown quantity \"zenit\", did you mean \"zenith\"?", "^^^^^"),
    ("energy = 50", "write == for =", "^"),
    ("energy > 50 and zenith < 30", "write && for and", "^^^"),
    ("energy > 50 zenith < 30", "an operator is missing here, such as && or >", "^^^^^^"),
    ("30 < zenith < 60", "comparisons cannot be chained: write a < b && b < c", "^"),
    ("(energy > 50", "this parenthesis is not closed", "^"),
    ("energy > 50)", "this parenthesis was never opened", "^"),
    ("energy > ", "a number or a name is missing here", "^"),
    ("energy", "a comparison is missing: this is a number", "^^^^^^"),
    (
      "energy > 50EeV",
      "a number has no unit here: energies are in EeV, angles in degrees, "
        + "lengths in m", "^^^"
    ),
    ("status == god", "status has no value \"god\", did you mean \"good\"?", "^^^"),
    ("status > good", "a named value is compared by == or != only", "^^^^"),
    ("cos(zenith) > 0.5", "unknown function \"cos\"; known: abs, sqrt, log10", "^^^"),
    ("!energy > 50", "! needs a condition: write !(a > b)", "^^^^^^"),
    ("(energy > 5) + 1 > 2", "a number is needed here, and this is a condition", "^^^^^^^^^^^^"),
    ("energy > 5 ; zenith < 3", "\";\" has no meaning in a condition", "^"),
    ("", "the condition is empty", "^"),
    ("status == \"good", "the quote \" is not closed", "^"),
  ])
  func wrongConditionsPointAtThePlace(text: String, reason: String, mark: String) throws {
    let quantities = try Reference.shared.get().quantities
    let error = try #require(throws: ConditionError.self) {
      try EventCondition(parsing: text, quantities: quantities)
    }
    #expect(error.lines.count == 3 && error.lines[0] == reason, "\(error.lines)")
    #expect(error.lines[1] == "  " + text)
    let spaces = String(repeating: " ", count: error.range.lowerBound)
    #expect(error.lines[2] == "  " + spaces + mark, "\(error.lines)")
    // Where the reason quotes a word, the marks stand below it.
    if let word = reason.split(separator: "\"").dropFirst().first, text.contains(word) {
      #expect(String(Array(text)[error.range]) == word)
    }
  }

  @Test func deepAndLongConditionsAreRefusedOrRead() throws {
    let quantities = try Reference.shared.get().quantities
    let deep = String(repeating: "(", count: 2000)
    #expect(throws: ConditionError.self) {
      try EventCondition(parsing: deep, quantities: quantities)
    }
    let signs = String(repeating: "-", count: 2000) + "1 > 0"
    #expect(throws: ConditionError.self) {
      try EventCondition(parsing: signs, quantities: quantities)
    }
    let long = String(repeating: "1 + ", count: 990) + "1 > energy"
    let condition = try EventCondition(parsing: long, quantities: quantities)
    #expect(condition.holds { _ in 990.5 } && !condition.holds { _ in 991 })
    #expect(throws: ConditionError.self) {
      try EventCondition(parsing: long + long, quantities: quantities)
    }
  }

  @Test func hiddenLettersAreShownInTheMessage() throws {
    let error = try #require(throws: ConditionError.self) {
      try EventCondition(parsing: "energy\u{1B} > 5", quantities: [])
    }
    #expect(!error.description.unicodeScalars.contains("\u{1B}"))
  }
}
