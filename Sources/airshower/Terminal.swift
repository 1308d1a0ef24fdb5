import Foundation

/// What standard output can show.
enum Terminal {
  /// Colours only on a terminal, and where the user does not forbid them (https://no-color.org).
  static var isColoured: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty
      && environment["TERM"] != "dumb"
  }
}
