internal import Foundation
private import Synchronization

/// Outputs that are being made in this process, under their working names.
///
/// Whoever ends the process before its time removes them, from any thread.
package enum UnfinishedOutputs {
  private struct State {
    var names: Set<String> = []
    var isClosed = false
  }

  private static let state = Mutex(State())

  static func add(_ name: String) { state.withLock { _ = $0.names.insert(name) } }

  static func forget(_ name: String) { state.withLock { _ = $0.names.remove(name) } }

  /// Gives an output its final name, in one step with forgetting its working name.
  ///
  /// - Parameters:
  ///   - name: the working name.
  ///   - alsoAtTheEnd: whether it gets its name although the process is being ended.
  ///   - rename: the step; returns 0, or -1 with errno.
  /// - Returns: what `rename` returned; -1 with `ECANCELED` where the process is being ended.
  static func complete(_ name: String, alsoAtTheEnd: Bool, _ rename: () -> Int32) -> Int32 {
    state.withLock { state in
      guard alsoAtTheEnd || !state.isClosed else {
        errno = ECANCELED
        return -1
      }
      let status = rename()
      if status == 0 { state.names.remove(name) }
      return status
    }
  }

  /// From now on no output gets its final name, but checkpoints.
  package static func close() { state.withLock { $0.isClosed = true } }

  /// Removes all of them. The process must end at once: other threads wait for ever when they next
  /// begin or complete an output.
  package static func removeAll() {
    state.withLock { state in
      for name in state.names { remove(name) }
      // Children that draw into a folder end with this process, so no other call may follow.
      state.names = []
      state.isClosed = true
    }
  }

  /// Removes a file, or a folder into which another process may still be writing.
  private static func remove(_ name: String) {
    for _ in 0..<20 where unlink(name) != 0 && errno != ENOENT {
      try? FileManager.default.removeItem(atPath: name)
      usleep(5000)
    }
  }
}
