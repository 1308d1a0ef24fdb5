internal import CHDF5

/// The file that a call of HDF5 is about: turns return codes into errors that name it.
struct FileContext: Sendable {
  let path: String
  let isOutput: Bool
  /// Texts of variable length in attributes, of a file that is read.
  var texts = AttributeTexts()

  /// The result of one HDF5 call, or the error that a negative result stands for.
  ///
  /// Printing is switched off before each call, since it belongs to a thread and tasks move.
  @discardableResult
  func check<Result: SignedInteger>(_ place: String, _ call: @autoclosure () -> Result)
    throws(StoreError) -> Result
  {
    HDF5.start()
    let result = call()
    guard result >= 0 else {
      let reason = HDF5.lastError
      throw isOutput
        ? .writeFailed(file: path, place: place, reason: reason)
        : .readFailed(file: path, place: place, reason: reason)
    }
    return result
  }

  func damaged(_ place: String, _ reason: String) -> StoreError {
    .damaged(file: path, place: place, reason: reason)
  }

  func unsupported(_ place: String, _ reason: String, remedy: String) -> StoreError {
    .unsupported(file: path, place: place, reason: reason, remedy: remedy)
  }

  func invalid(_ place: String, _ reason: String) -> StoreError {
    .invalidContent(file: path, place: place, reason: reason)
  }
}

/// The library as a whole.
enum HDF5 {
  /// Without its exit handler: every handle is closed by its owner. After a full disk the handler
  /// would try the same writes again.
  private static let opened: Bool = {
    H5dont_atexit()
    // A file must not make this process load code.
    H5PLset_loading_state(0)
    return H5open() >= 0
  }()

  /// Makes the library ready and quiet on this thread.
  static func start() {
    _ = opened
    chdf5_silence()
  }

  /// The innermost message of the last failed call on this thread.
  ///
  /// A failed system call is reported by the system's own words alone.
  static var lastError: String {
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
      chdf5_last_error(buffer.baseAddress, buffer.count)
      return buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
    guard !text.isEmpty else { return "HDF5 gave no reason" }
    let pieces = text.split(separator: "error message = '", maxSplits: 1)
    guard pieces.count == 2, let message = pieces[1].split(separator: "'").first else {
      return text
    }
    return String(message)
  }
}
