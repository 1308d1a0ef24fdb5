package import Foundation

/// Why a file could not be written.
package struct WorkingFileError: Error, CustomStringConvertible {
  /// In the words of the system.
  package let description: String
}

/// A file that is written under another name, and gets its own when it is complete.
///
/// What was there before is still there when anything fails. Two runs are kept apart by the lock of
/// `WorkingName`.
package enum WorkingFile {
  /// What the name of an unfinished file or folder ends with.
  package static let suffix = ".part"

  /// The name while a file is written.
  package static func path(of path: String) -> String { path + suffix }

  /// Writes a file.
  ///
  /// - Parameters:
  ///   - path: the final name.
  ///   - durably: whether the content is to be on the disk before the file gets its name.
  ///   - alsoAtTheEnd: whether it gets its name although the user asked to stop.
  ///   - body: writes the content to the path that it is given, into the file that is there.
  /// - Throws: `WorkingFileError`, and what `body` throws.
  package static func write(
    _ path: String, durably: Bool = false, alsoAtTheEnd: Bool = false,
    _ body: (String) throws -> Void
  ) throws {
    let name = try WorkingName(of: path)
    defer { name.discard() }
    guard ftruncate(name.descriptor, 0) == 0 else {
      throw WorkingFileError(description: systemReason())
    }
    try body(name.workingPath)
    guard !durably || fsync(name.descriptor) == 0 else {
      throw WorkingFileError(description: systemReason())
    }
    try name.complete(alsoAtTheEnd: alsoAtTheEnd)
  }

  /// Writes bytes as a file.
  ///
  /// - Throws: `WorkingFileError`.
  package static func write(
    _ data: Data, to path: String, durably: Bool = false, alsoAtTheEnd: Bool = false
  ) throws(WorkingFileError) {
    do {
      try write(path, durably: durably, alsoAtTheEnd: alsoAtTheEnd) {
        try data.write(to: URL(filePath: $0))
      }
    } catch {
      throw error as? WorkingFileError ?? WorkingFileError(description: reason(error))
    }
  }

  /// The system's words for an error of Foundation, which has its own for most.
  private static func reason(_ error: any Error) -> String {
    let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    guard let cause, cause.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
    return String(cString: strerror(Int32(cause.code)))
  }
}
