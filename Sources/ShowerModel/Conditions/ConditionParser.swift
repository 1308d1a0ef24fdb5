/// Reads a condition by recursive descent, an operator of lower rank first.
struct ConditionParser {
  /// A part of the condition that has been read.
  private struct Operand {
    enum Kind: Equatable {
      case number, condition
      /// Named values alone, as in `status == good`; an unknown name is one until it is compared.
      case word(String)
    }
    var node: ConditionNode
    var kind: Kind
    var range: Range<Int>
    /// The name, where it is nothing but a name.
    var name: String?
  }

  private let text: [Character]
  private let known: [EventQuantity]
  private let indexOfName: [String: Int]
  private let tokens: [ConditionToken]
  private var place = 0
  private var depth = 0
  /// Parentheses and signs within each other.
  private static let depthLimit = 100

  init(_ text: [Character], _ known: [EventQuantity]) throws(ConditionError) {
    self.text = text
    self.known = known
    indexOfName = Dictionary(
      known.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    tokens = try ConditionToken.all(of: text, names: known.map(\.name))
  }

  /// The whole text.
  mutating func condition() throws(ConditionError) -> ConditionNode {
    let result = try disjunction()
    if case .end = token.kind {
    } else {
      if case .symbol(")") = token.kind { throw fail("this parenthesis was never opened") }
      throw missingOperator
    }
    return try asCondition(result).node
  }

  private var missingOperator: ConditionError {
    if case .name(let word) = token.kind, let symbol = Self.symbolOfWord[word.lowercased()] {
      return fail("write \(symbol) for \(word)")
    }
    return fail("an operator is missing here, such as && or >")
  }

  private static let symbolOfWord = ["and": "&&", "or": "||", "not": "!"]

  private var token: ConditionToken { tokens[place] }

  private func fail(_ reason: String, _ range: Range<Int>? = nil) -> ConditionError {
    ConditionError(text, range ?? token.range, reason)
  }

  /// Steps over a symbol, if it is one of these.
  private mutating func take(_ symbols: [String]) -> String? {
    guard case .symbol(let symbol) = token.kind, symbols.contains(symbol) else { return nil }
    place += 1
    return symbol
  }

  private mutating func disjunction() throws(ConditionError) -> Operand {
    var left = try conjunction()
    while take(["||"]) != nil {
      let (a, b) = (try asCondition(left), try asCondition(try conjunction()))
      left = Operand(
        node: .or(a.node, b.node), kind: .condition, range: joined(a.range, b.range))
    }
    return left
  }

  private mutating func conjunction() throws(ConditionError) -> Operand {
    var left = try comparison()
    while take(["&&"]) != nil {
      let (a, b) = (try asCondition(left), try asCondition(try comparison()))
      left = Operand(
        node: .and(a.node, b.node), kind: .condition, range: joined(a.range, b.range))
    }
    return left
  }

  private mutating func comparison() throws(ConditionError) -> Operand {
    let symbols = ConditionNode.Comparison.allCases.map(\.rawValue)
    let left = try sum()
    guard let symbol = take(symbols), let kind = ConditionNode.Comparison(rawValue: symbol) else {
      return left
    }
    let right = try sum()
    if case .symbol(let next) = token.kind, symbols.contains(next) {
      throw fail("comparisons cannot be chained: write a < b && b < c")
    }
    let isEquality = kind == .equal || kind == .unequal
    let (a, b) = try named(left, right, isEquality: isEquality)
    return Operand(
      node: .comparison(kind, a.node, b.node), kind: .condition, range: joined(a.range, b.range))
  }

  /// Both sides of a comparison, named values replaced by their numbers.
  private func named(
    _ left: Operand, _ right: Operand, isEquality: Bool
  ) throws(ConditionError) -> (Operand, Operand) {
    if let value = try value(of: right, for: left, isEquality) { return (left, value) }
    if let value = try value(of: left, for: right, isEquality) { return (value, right) }
    return (try asNumber(left), try asNumber(right))
  }

  /// The number of a named value, where the other side is a quantity that has such.
  private func value(
    of word: Operand, for quantity: Operand, _ isEquality: Bool
  ) throws(ConditionError) -> Operand? {
    guard let name = word.name, case .quantity(let index) = quantity.node else { return nil }
    let words = known[index].words
    // A name may be that of a quantity too: cut == zenith.
    guard !words.isEmpty, words[name] != nil || word.kind != .number else { return nil }
    guard let value = words[name] else {
      throw fail(
        "\(known[index].name) has no value \"\(name)\"\(suggestion(name, in: Array(words.keys)))",
        word.range)
    }
    guard isEquality else {
      throw fail("a named value is compared by == or != only", word.range)
    }
    return Operand(node: .number(value), kind: .number, range: word.range)
  }

  private mutating func sum() throws(ConditionError) -> Operand {
    var left = try product()
    while let symbol = take(["+", "-"]) { left = try arithmetic(symbol, left, try product()) }
    return left
  }

  private mutating func product() throws(ConditionError) -> Operand {
    var left = try sign()
    while let symbol = take(["*", "/"]) { left = try arithmetic(symbol, left, try sign()) }
    return left
  }

  private func arithmetic(
    _ symbol: String, _ left: Operand, _ right: Operand
  ) throws(ConditionError) -> Operand {
    let (a, b) = (try asNumber(left), try asNumber(right))
    guard let kind = ConditionNode.Arithmetic(rawValue: symbol) else { return left }
    return Operand(
      node: .arithmetic(kind, a.node, b.node), kind: .number, range: joined(a.range, b.range))
  }

  private mutating func sign() throws(ConditionError) -> Operand {
    let start = token.range
    guard let symbol = take(["-", "+", "!"]) else { return try primary() }
    try enter(start)
    defer { depth -= 1 }
    let inner = try sign()
    let range = joined(start, inner.range)
    if symbol == "!" {
      guard inner.kind == .condition else {
        throw fail("! needs a condition: write !(a > b)", inner.range)
      }
      return Operand(node: .not(inner.node), kind: .condition, range: range)
    }
    let number = try asNumber(inner)
    return Operand(
      node: symbol == "-" ? .function(.minus, number.node) : number.node, kind: .number,
      range: range)
  }

  private mutating func enter(_ range: Range<Int>) throws(ConditionError) {
    depth += 1
    guard depth <= Self.depthLimit else {
      throw fail("more than \(Self.depthLimit) parentheses or signs within each other", range)
    }
  }

  private mutating func primary() throws(ConditionError) -> Operand {
    let start = token
    switch start.kind {
    case .number(let number):
      place += 1
      return Operand(node: .number(number), kind: .number, range: start.range)
    case .quoted(let word):
      place += 1
      return Operand(node: .number(.nan), kind: .word(word), range: start.range, name: word)
    case .name(let name):
      place += 1
      return try operand(named: name, start.range)
    case .symbol("("):
      place += 1
      return try parenthesis(start.range)
    case .symbol(let symbol): throw fail("a number or a name is missing before \(symbol)")
    case .end:
      throw fail(text.isEmpty ? "the condition is empty" : "a number or a name is missing here")
    }
  }

  private mutating func operand(
    named name: String, _ range: Range<Int>
  ) throws(ConditionError) -> Operand {
    if case .symbol("(") = token.kind {
      guard let function = ConditionNode.Function.named.first(where: { $0.rawValue == name }) else {
        let names = ConditionNode.Function.named.map(\.rawValue)
        throw fail("unknown function \"\(name)\"; known: \(names.joined(separator: ", "))", range)
      }
      let open = token.range
      place += 1
      let inner = try asNumber(try parenthesis(open))
      return Operand(
        node: .function(function, inner.node), kind: .number, range: joined(range, inner.range))
    }
    guard let index = indexOfName[name] else {
      return Operand(node: .number(.nan), kind: .word(name), range: range, name: name)
    }
    return Operand(node: .quantity(index), kind: .number, range: range, name: name)
  }

  /// What stands between parentheses, of which the first was read.
  private mutating func parenthesis(_ open: Range<Int>) throws(ConditionError) -> Operand {
    try enter(open)
    defer { depth -= 1 }
    var inner = try disjunction()
    let close = token.range
    guard take([")"]) != nil else {
      if case .end = token.kind { throw fail("this parenthesis is not closed", open) }
      throw missingOperator
    }
    inner.range = open.lowerBound..<close.upperBound
    inner.name = nil
    return inner
  }

  private func asNumber(_ operand: Operand) throws(ConditionError) -> Operand {
    switch operand.kind {
    case .number: return operand
    case .word(let word): throw unknown(word, operand.range)
    case .condition:
      throw fail("a number is needed here, and this is a condition", operand.range)
    }
  }

  private func asCondition(_ operand: Operand) throws(ConditionError) -> Operand {
    switch operand.kind {
    case .condition: return operand
    case .word(let word): throw unknown(word, operand.range)
    case .number:
      throw fail("a comparison is missing: this is a number", operand.range)
    }
  }

  private func unknown(_ word: String, _ range: Range<Int>) -> ConditionError {
    if let symbol = Self.symbolOfWord[word.lowercased()] {
      return fail("write \(symbol) for \(word)", range)
    }
    return fail(
      "unknown quantity \"\(word)\"\(suggestion(word, in: known.map(\.name)))", range)
  }

  private func suggestion(_ word: String, in names: [String]) -> String {
    names.isEmpty ? "" : ", did you mean \"\(nearestName(to: word, in: names.sorted()))\"?"
  }

  private func joined(_ left: Range<Int>, _ right: Range<Int>) -> Range<Int> {
    left.lowerBound..<max(right.upperBound, left.upperBound)
  }
}
