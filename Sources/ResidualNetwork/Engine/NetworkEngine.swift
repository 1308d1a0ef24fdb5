internal import CTorch
internal import Glibc
internal import ShowerModel
internal import Synchronization

/// The library that computes networks.
public enum NetworkEngine {
  /// Keeps freed memory in the process, which doubles the speed of training.
  ///
  /// The activations of a batch are tens of megabytes; glibc would map and unmap each of them. This
  /// concerns the whole process, so the executable calls it once, before the first allocation of
  /// size; the library never does.
  public static func prepareProcess() { ctorch_keep_freed_memory() }

  /// Makes threads that are started later share the memory of the first one.
  ///
  /// glibc gives each thread its own heaps of 64 MB, whose freed memory is not kept. So the pages
  /// of the activations were made anew for every batch: a third of the time of `correct`. Use it
  /// only for threads that compute networks, because they then wait for each other at every small
  /// block.
  public static func prepareThreads() { ctorch_share_memory() }

  /// libtorch, loaded with the first network.
  ///
  /// - Throws: `NetworkError.engine` where it cannot be loaded.
  static func torch() throws(NetworkError) -> ctorch_functions { try loaded.get() }

  /// GPUs that libtorch can use, and why there are none; the reason may be empty.
  ///
  /// - Throws: `NetworkError.engine`.
  static func gpus() throws(NetworkError) -> (count: Int, reason: String) {
    let torch = try torch()
    var (count, reason) = (Int32(0), "")
    try TorchModule.check { message, capacity in
      let status = torch.cuda_count(&count, message, capacity)
      if status == Int32(CTORCH_DONE) { reason = String(cString: message) }
      return status
    }
    return (Int(count), reason)
  }

  /// From here on, a crash is attributed to networks from elsewhere. It ends the process with a
  /// message and exit code 65. Not nested.
  ///
  /// - Parameters:
  ///   - names: files of the networks.
  ///   - memory: bytes that the process may take beside what it has; 0 for any.
  ///   - part: working file to be removed.
  public static func guardCrashes(of names: String, memory: UInt64, removing part: String? = nil) {
    let message =
      "airshower: error: \(EscapedText.terminal(names)): the network crashed. Use another one\n"
    ctorch_guard_crashes(message, memory, part)
  }

  public static func endGuard() { ctorch_end_guard() }

  private static let hasLeftThread = Atomic<Bool>(false)

  /// A thread goes on within libtorch, and nothing can stop it.
  static func leavesThread() { hasLeftThread.store(true, ordering: .relaxed) }

  /// Ends the process at once if a network that did not end its first batch still runs. The
  /// ordinary end would destroy libtorch while it runs. Otherwise returns.
  public static func exitIfRunning(_ status: Int32) {
    if hasLeftThread.load(ordering: .relaxed) { _exit(status) }
  }

  private static let loaded: Result<ctorch_functions, NetworkError> = {
    var message = [CChar](repeating: 0, count: 2048)
    guard let functions = ctorch_open(&message, message.count) else {
      let reason = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
      return .failure(
        .engine("\(reason). libairshower-torch.so belongs beside the program: make builds both"))
    }
    return .success(functions.pointee)
  }()
}
