import Foundation
import Synchronization

/// Whether the user asked to stop (Ctrl-C, or a batch system's SIGTERM).
///
/// Long loops look between chunks, so that an output is either whole or not there.
enum Interruption {
  private static let isRequested = Atomic<Bool>(false)

  /// Catches the signals. A second Ctrl-C ends the process at once.
  static func watch() {
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

  static var isPending: Bool { isRequested.load(ordering: .relaxed) }

  /// Ends the work where the user asked for it.
  static func check() throws(Interrupted) {
    if isPending { throw Interrupted() }
  }
}

/// The user stopped the work.
struct Interrupted: Error, CustomStringConvertible {
  var description = "interrupted; nothing was written, earlier files are as they were"
}
