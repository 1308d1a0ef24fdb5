import Foundation
import Synchronization

/// Whether the user asked to stop (Ctrl-C, or a batch system's SIGTERM).
///
/// Long loops look between chunks, so that an output is either whole or not there.
package enum Interruption {
  private static let isRequested = Atomic<Bool>(false)

  /// Catches the signals. A second Ctrl-C ends the process at once.
  package static func watch() {
    // The first use makes the flag, which must not happen inside a signal handler.
    isRequested.store(false, ordering: .relaxed)
    // A parent may have started us with signals blocked, as thread pools do.
    var watched = sigset_t()
    sigemptyset(&watched)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&watched, number)
      signal(number) { number in
        Interruption.isRequested.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &watched, nil)
    // A closed pipe and a full quota then come back as errors of the write.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  package static var isPending: Bool { isRequested.load(ordering: .relaxed) }

  /// Ends the work where the user asked for it.
  static func check() throws(Interrupted) {
    if isPending { throw Interrupted() }
  }
}

/// The user stopped the work.
package struct Interrupted: Error, CustomStringConvertible {
  package var description = "interrupted; nothing was written, earlier files are as they were"
}

/// Ends the process within a second after the user asked to stop, while networks compute.
///
/// Work looks between batches whether it is to stop, which takes milliseconds. The batch of a
/// network from elsewhere may last for ever, and a thread within libtorch cannot be stopped. Then
/// the process ends under it.
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

  /// Ends the watch after the last batch: what follows ends by itself and must not be cut off.
  func isOver() { hasPassed.withLock { $0 = true } }
}
