import ArgumentParser
import ShowerModel
import Workflow

/// Calls a check of the library where the command line expects errors of its own.
///
/// - Throws: `ValidationError` with the text of a `WrongUse`.
func asValidation<Value>(
  _ check: () throws(WrongUse) -> Value
) throws(ValidationError) -> Value {
  do { return try check() } catch { throw ValidationError(error.description) }
}

/// Refuses an option in the place of an output. A file may begin with one dash.
///
/// - Throws: `ValidationError`.
func checkOutputName(_ name: String) throws(ValidationError) {
  guard !name.hasPrefix("--") else {
    throw ValidationError("--output is followed by \(name): write ./\(name) if that is a file")
  }
}

/// Refuses names that no method can have, where an option names methods: before any work.
///
/// - Throws: `ValidationError` with the rule.
func checkMethodNames(_ names: [String], option: String) throws(ValidationError) {
  for name in names where !MethodName.isValid(name) {
    throw ValidationError(
      "\(option) \"\(name)\": not a name of a method. A name is \(MethodName.rule)")
  }
}
