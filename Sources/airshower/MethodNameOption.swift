import ArgumentParser
import ShowerModel

/// Refuses names that no method can have, where an option names methods: before any work.
///
/// - Throws: `ValidationError` with the rule.
func checkMethodNames(_ names: [String], option: String) throws {
  for name in names where !MethodName.isValid(name) {
    throw ValidationError(
      "\(option) \"\(name)\": no name of a method. A name is \(MethodName.rule)")
  }
}
