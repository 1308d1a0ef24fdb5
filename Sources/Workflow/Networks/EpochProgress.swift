import Foundation
import ResidualNetwork

/// How far an epoch of training is: on a terminal a line that renews itself, else a line a minute.
struct EpochProgress {
  private let isTerminal: Bool
  private var epoch = 0
  /// Batches that were done when this run entered the epoch: it may go on from a checkpoint.
  private var first = 0
  private var started = 0.0
  private var shown = 0.0

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  /// What to write after a batch; nil where the last line is fresh. `seconds` are those of any
  /// clock.
  mutating func text(_ batch: BatchProgress, at seconds: Double) -> String? {
    if epoch != batch.epoch {
      (epoch, first, started, shown) = (batch.epoch, batch.batch, seconds, seconds)
      return nil
    }
    guard seconds - shown > (isTerminal ? 0.2 : 60) else { return nil }
    shown = seconds
    let rate = Double(batch.batch - first) / (seconds - started)
    let left = duration(Double(batch.batches - batch.batch) / rate)
    let line =
      "epoch \(batch.epoch)/\(batch.epochs), batch \(batch.batch)/\(batch.batches), loss "
      + String(format: "%.4f", batch.loss) + ", \(left) left of this epoch"
    return isTerminal ? "\r\(line)\u{1B}[K" : line + "\n"
  }
}
