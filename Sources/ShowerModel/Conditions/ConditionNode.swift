internal import Glibc

/// A condition as a tree of what is done with numbers.
indirect enum ConditionNode: Sendable {
  case number(Double)
  /// A quantity by its place in the list.
  case quantity(Int)
  case function(Function, ConditionNode)
  case arithmetic(Arithmetic, ConditionNode, ConditionNode)
  case comparison(Comparison, ConditionNode, ConditionNode)
  case and(ConditionNode, ConditionNode)
  case or(ConditionNode, ConditionNode)
  case not(ConditionNode)

  enum Function: String, Sendable, CaseIterable {
    case abs, sqrt, log10
    case minus
    /// Those that a condition names.
    static let named: [Function] = [.abs, .sqrt, .log10]
  }

  enum Arithmetic: String, Sendable, CaseIterable {
    case plus = "+"
    case minus = "-"
    case times = "*"
    case over = "/"
  }

  enum Comparison: String, Sendable, CaseIterable {
    case below = "<"
    case above = ">"
    case atMost = "<="
    case atLeast = ">="
    case equal = "=="
    case unequal = "!="
  }

  /// The number that it stands for, by IEEE 754; NaN where it is a condition.
  func number(_ value: (Int) -> Double) -> Double {
    switch self {
    case .number(let number): return number
    case .quantity(let index): return value(index)
    case .function(let function, let node):
      let x = node.number(value)
      return switch function {
      case .abs: x.magnitude
      case .sqrt: x.squareRoot()
      case .log10: Glibc.log10(x)
      case .minus: -x
      }
    case .arithmetic(let operation, let left, let right):
      let (a, b) = (left.number(value), right.number(value))
      return switch operation {
      case .plus: a + b
      case .minus: a - b
      case .times: a * b
      case .over: a / b
      }
    case .comparison, .and, .or, .not: return .nan
    }
  }

  /// Whether it holds. A value that is not a number is unequal to every number, and in no order.
  func holds(_ value: (Int) -> Double) -> Bool {
    switch self {
    case .comparison(let comparison, let left, let right):
      let (a, b) = (left.number(value), right.number(value))
      return switch comparison {
      case .below: a < b
      case .above: a > b
      case .atMost: a <= b
      case .atLeast: a >= b
      case .equal: a == b
      case .unequal: a != b
      }
    case .and(let left, let right): return left.holds(value) && right.holds(value)
    case .or(let left, let right): return left.holds(value) || right.holds(value)
    case .not(let node): return !node.holds(value)
    case .number, .quantity, .function, .arithmetic: return false
    }
  }

  /// Places of all quantities in it.
  var quantities: Set<Int> {
    switch self {
    case .number: []
    case .quantity(let index): [index]
    case .function(_, let node), .not(let node): node.quantities
    case .arithmetic(_, let left, let right), .comparison(_, let left, let right),
      .and(let left, let right), .or(let left, let right):
      left.quantities.union(right.quantities)
    }
  }
}
