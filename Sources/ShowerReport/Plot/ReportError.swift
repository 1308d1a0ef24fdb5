/// Why a report or a picture was not written. What was there before is untouched.
package enum ReportError: Error, Equatable, CustomStringConvertible {
  /// No gnuplot in the search path.
  case gnuplotMissing
  /// A figure, and the message of gnuplot.
  case gnuplotFailed(String, String)
  /// The output exists, and may not be replaced.
  case outputExists(String)
  /// The output exists and holds something that is not a report: never replaced.
  case notAReport(String)
  /// A path, and the reason.
  case cannotWrite(String, String)
  /// What became of the events.
  case noEvents(String)

  package var description: String {
    switch self {
    case .gnuplotMissing:
      "gnuplot, which draws the figures, was not found. Install it (Debian: apt-get install "
        + "gnuplot-nox)"
    case .gnuplotFailed(let figure, let message): "gnuplot failed on '\(figure)': \(message)"
    case .outputExists(let path): "'\(path)' exists. Choose another name, or give --overwrite"
    case .notAReport(let folder):
      "'\(folder)' exists and is not a report, so it is not replaced. Choose another output"
    case .cannotWrite(let path, let reason): "cannot write '\(path)': \(reason)"
    case .noEvents(let flow): "no events to compare: \(flow)"
    }
  }
}
