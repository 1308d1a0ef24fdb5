import Foundation
import ShowerModel
import Synchronization

/// Whether the user asked to stop: Ctrl-C (SIGINT), a batch system (SIGTERM), or a terminal that
/// was closed (SIGHUP).
///
/// Long loops look between chunks, so that an output is either whole or not there. Work that cannot
/// look, such as a batch of a network, has `patience`. Then the process ends under it, without its
/// unfinished outputs.
package enum Interruption {
  /// The first signal; 0 for none.
  private static let first = Atomic<Int32>(0)
  private static let signals = Atomic<Int>(0)
  private static let patience = Atomic<Double>(usualPatience)
  /// Counts signals, for the thread that ends the process.
  nonisolated(unsafe) private static let waiting = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  /// From the signal to the end [s], for those who stop by themselves.
  private static let usualPatience = 0.7
  /// The same while training, which first writes its checkpoint.
  private static let trainingPatience = 20.0
  /// Signals so close together [s] count as one: `timeout` sends to the process and to its group.
  private static let oneSignal = 0.3

  /// Catches the signals. A second one ends the process without patience.
  package static func watch() {
    // The first use makes the counters, which must not happen inside a signal handler.
    first.store(0, ordering: .relaxed)
    signals.store(0, ordering: .relaxed)
    sem_init(waiting, 0, 0)
    // A parent may have started us with signals blocked, as thread pools do.
    var watched = sigset_t()
    sigemptyset(&watched)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      sigaddset(&watched, number)
      let earlier = signal(number) { Interruption.note($0) }
      // nohup has it ignored.
      if number == SIGHUP, isIgnored(earlier) { signal(number, SIG_IGN) }
    }
    pthread_sigmask(SIG_UNBLOCK, &watched, nil)
    // A closed pipe and a full quota then come back as errors of the write.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    Thread { endAfterSignal() }.start()
  }

  private static func isIgnored(_ handler: sighandler_t?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// What a signal handler may do: atomic numbers and a semaphore.
  private static func note(_ number: Int32) {
    _ = first.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    signals.wrappingAdd(1, ordering: .relaxed)
    sem_post(waiting)
  }

  /// The thread that ends the process where nothing else does.
  private static func endAfterSignal() {
    while sem_wait(waiting) != 0 {}
    UnfinishedOutputs.close()
    let start = ContinuousClock.now
    var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }
    while seconds < oneSignal { usleep(10_000) }
    let counted = signals.load(ordering: .relaxed)
    while seconds < patience.load(ordering: .relaxed),
      signals.load(ordering: .relaxed) == counted
    {
      usleep(10_000)
    }
    UnfinishedOutputs.removeAll()
    FileHandle.standardError.write(
      Data("airshower: error: \(Interrupted().description)\n".utf8))
    _exit(exitStatus)
  }

  package static var isPending: Bool { first.load(ordering: .relaxed) != 0 }

  /// The exit code after a signal, as shells count: 130 after Ctrl-C, 143 after SIGTERM, 129 after
  /// SIGHUP.
  package static var exitStatus: Int32 { 128 + first.load(ordering: .relaxed) }

  /// Ends the work where the user asked for it.
  static func check() throws(Interrupted) {
    if isPending { throw Interrupted() }
  }

  /// Does work that writes what it has before it ends by itself.
  static func withTrainingPatience<Result>(_ work: () throws -> Result) rethrows -> Result {
    patience.store(trainingPatience, ordering: .relaxed)
    defer { patience.store(usualPatience, ordering: .relaxed) }
    return try work()
  }
}

/// The user stopped the work.
package struct Interrupted: Error, CustomStringConvertible {
  package var description: String

  package init(
    description: String = "interrupted; nothing was written, earlier files are as they were"
  ) {
    self.description = description
  }
}
