package import Foundation

/// Why a file could not be written.
package struct WorkingFileError: Error, CustomStringConvertible {
  /// In the words of the system.
  package let description: String
}

/// A file that is written under another name, and gets its own when it is complete.
///
/// What was there before is still there when anything fails. Event files have `PartFile` instead,
/// which also keeps two runs apart.
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
  ///   - body: writes the content to the path that it is given.
  /// - Throws: `WorkingFileError`, and what `body` throws.
  package static func write(
    _ path: String, durably: Bool = false, _ body: (String) throws -> Void
  ) throws {
    let part = Self.path(of: path)
    // A link in its place could lead anywhere.
    unlink(part)
    do {
      try body(part)
      guard !durably || flush(part), rename(part, path) == 0 else {
        throw WorkingFileError(description: String(cString: strerror(errno)))
      }
    } catch {
      unlink(part)
      throw error
    }
  }

  /// Writes bytes as a file.
  ///
  /// - Throws: `WorkingFileError`.
  package static func write(
    _ data: Data, to path: String, durably: Bool = false
  ) throws(WorkingFileError) {
    do {
      try write(path, durably: durably) { try data.write(to: URL(filePath: $0)) }
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

  private static func flush(_ path: String) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return fsync(file) == 0
  }
}
