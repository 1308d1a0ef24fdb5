import Foundation

/// Progress of long work on standard error.
///
/// A line that renews itself on a terminal, else a line each 10 %.
struct Progress {
  private let title: String
  var total: Int
  private let unit: String
  private let isQuiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let started = ContinuousClock.now
  private var shown = ContinuousClock.now
  private var nextTenth = 1

  init(_ title: String, total: Int, unit: String = "events", isQuiet: Bool) {
    self.title = title
    self.unit = unit
    self.total = total
    self.isQuiet = isQuiet
  }

  /// Seconds since the start.
  var elapsed: Double { started.duration(to: .now) / .seconds(1) }

  mutating func update(_ done: Int) {
    guard !isQuiet else { return }
    if isTerminal {
      guard shown.duration(to: .now) > .milliseconds(200) || done >= total else { return }
      shown = .now
      write("\r\(line(done))\u{1B}[K" + (done >= total ? "\n" : ""))
    } else if total > 0, 10 * done >= nextTenth * total {
      nextTenth = 10 * done / total + 1
      write(line(done) + "\n")
    }
  }

  private func line(_ done: Int) -> String { text(done, seconds: elapsed) }

  /// "read 50/200 (25 %), 10 events/s, 15 s left".
  func text(_ done: Int, seconds: Double) -> String {
    let rate = Double(done) / max(seconds, 1e-9)
    let left = rate > 0 ? Double(total - done) / rate : 0
    let percent = total > 0 ? 100 * done / total : 100
    return
      "\(title) \(done)/\(total) (\(percent) %), \(Int(rate)) \(unit)/s, \(duration(left)) left"
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// Seconds as a reader says them: 12 s, 3:07 min, 1:05 h.
func duration(_ seconds: Double) -> String {
  let s = Int(seconds.rounded())
  if s < 60 { return "\(s) s" }
  if s < 3600 { return String(format: "%d:%02d min", s / 60, s % 60) }
  return String(format: "%d:%02d h", s / 3600, s % 3600 / 60)
}
