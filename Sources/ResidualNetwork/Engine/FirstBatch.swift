internal import Foundation
internal import Glibc
internal import Synchronization

/// How long a network may take for its first batch, two empty events, and who may end the wait.
///
/// That batch takes milliseconds. A network that does not end it would not end any.
public struct FirstBatch: Sendable {
  /// Memory that the first batch may take beside what the process has [bytes].
  private static let memory: UInt64 = 4 << 30

  /// Longest time [s].
  public var seconds: Double
  /// Whether the user asked to stop; asked every twentieth of a second.
  public var isCancelled: @Sendable () -> Bool

  public init(seconds: Double = 30, isCancelled: @escaping @Sendable () -> Bool = { false }) {
    self.seconds = seconds
    self.isCancelled = isCancelled
  }

  /// Runs `body` on a thread of its own and waits for it.
  ///
  /// A thread within libtorch cannot be stopped. Where the wait ends early it goes on, and the
  /// process must then end by `NetworkEngine.exitIfRunning`.
  ///
  /// - Throws: `endless` after the time, `cancelled`, and what `body` throws.
  func run(
    path: String, _ body: @escaping @Sendable () throws(NetworkError) -> Void
  ) throws(NetworkError) {
    let outcome = Outcome()
    // While it runs nothing else does: a crash is that of the network.
    NetworkEngine.guardCrashes(of: path, memory: Self.memory)
    defer { NetworkEngine.endGuard() }
    let thread = Thread {
      do throws(NetworkError) {
        try body()
        outcome.set(.success(()))
      } catch { outcome.set(.failure(error)) }
    }
    thread.stackSize = 64 << 20
    thread.start()
    let start = ContinuousClock.now
    while !outcome.waits(seconds: 0.05) {
      let isCancelled = isCancelled()
      guard isCancelled || ContinuousClock.now - start > .seconds(seconds) else { continue }
      NetworkEngine.leavesThread()
      throw isCancelled ? .cancelled : .endless(path: path, seconds: seconds)
    }
    try outcome.get()
  }

  /// What the thread leaves for the one that waits.
  private final class Outcome: Sendable {
    private let result = Mutex<Result<Void, NetworkError>?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    func set(_ value: Result<Void, NetworkError>) {
      result.withLock { $0 = value }
      isDone.signal()
    }

    func waits(seconds: Double) -> Bool { isDone.wait(timeout: .now() + seconds) == .success }

    func get() throws(NetworkError) { try result.withLock { $0 }?.get() }
  }
}
