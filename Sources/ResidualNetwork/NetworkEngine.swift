internal import CTorch

/// The library that computes networks.
public enum NetworkEngine {
  /// Version of libtorch.
  public static var version: String { String(cString: ctorch_version()) }

  /// Keeps freed memory in the process, which doubles the speed of training.
  ///
  /// The activations of a batch are tens of megabytes; glibc would map and unmap each of them. This
  /// concerns the whole process, so the executable calls it once, before the first allocation of
  /// size; the library never does.
  public static func prepareProcess() { ctorch_keep_freed_memory() }
}
