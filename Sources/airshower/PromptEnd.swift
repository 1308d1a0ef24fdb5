import Foundation
import Synchronization

/// Ends the process within a second after the user asked to stop, while networks compute.
///
/// Work looks between batches whether it is to stop, which takes milliseconds. The batch of a network from elsewhere may
/// last for ever, and a thread within libtorch cannot be stopped: then the process ends under it.
final class PromptEnd: Sendable {
  /// From the wish to the end [s], for those who stop by themselves.
  private static let patience = 0.7

  private let hasPassed = Mutex(false)

  /// - Parameter part: working file of the output, which this process has made.
  init(removing part: String? = nil) {
    let thread = Thread { [self] in
      while !Interruption.isPending, !hasPassed.withLock({ $0 }) { usleep(50_000) }
      usleep(UInt32(Self.patience * 1e6))
      hasPassed.withLock { hasPassed in
        guard !hasPassed else { return }
        if let part { unlink(part) }
        FileHandle.standardError.write(
          Data("airshower: error: \(Interrupted().description)\n".utf8))
        _exit(ExitStatus.interrupted.rawValue)
      }
    }
    thread.start()
  }

  /// All batches are computed: what follows ends by itself, and must not be cut off.
  func isOver() { hasPassed.withLock { $0 = true } }
}
