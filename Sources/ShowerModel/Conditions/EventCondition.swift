/// A condition on the quantities of an event: `energy > 50 && zenith < 30`.
///
/// It has numbers, names of quantities, `+ - * /`, `abs`, `sqrt`, `log10`, the comparisons
/// `< <= > >= == !=`, `!`, `&&`, `||` and parentheses, in the order of C. A quantity with named
/// values is compared with a name: `status == good`. Arithmetic is that of IEEE 754: a value that
/// is not a number fails every comparison but `!=`.
package struct EventCondition: Sendable {
  package let text: String
  private let node: ConditionNode

  /// - Parameters:
  ///   - text: what a user wrote.
  ///   - quantities: those that it may name, in the order of the values in `holds`.
  /// - Throws: `ConditionError` with the place in the text and the nearest name.
  package init(parsing text: String, quantities: [EventQuantity]) throws(ConditionError) {
    self.text = text
    var parser = try ConditionParser(Array(text), quantities)
    node = try parser.condition()
  }

  /// Whether an event fulfils it.
  ///
  /// - Parameter value: of a quantity by its place in the list; NaN where it is unknown.
  /// - Returns: whether it holds.
  package func holds(_ value: (Int) -> Double) -> Bool { node.holds(value) }

  /// Places in the list of the quantities that it names.
  package var quantities: Set<Int> { node.quantities }
}
