internal import CFolderExchange
internal import Foundation
internal import ShowerModel

/// A folder that is made under its working name and then takes the place of an earlier one.
///
/// At any moment there is the earlier folder or the whole new one, also after a crash. What was
/// there before is removed last.
struct ReplacedFolder {
  private let name: WorkingName

  /// Makes the working folder, and the folders above it.
  ///
  /// - Throws: `WorkingFileError` where another run makes the same folder.
  init(_ place: URL) throws {
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    name = try WorkingName(of: Self.path(place), .folder)
    try name.empty()
  }

  private static func path(_ place: URL) -> String {
    let path = place.path
    return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  var workingFolder: URL { URL(fileURLWithPath: name.workingPath, isDirectory: true) }

  /// Puts the new folder in place and removes the earlier one.
  ///
  /// - Throws: `WorkingFileError`.
  func complete() throws(WorkingFileError) {
    let files = FileManager.default
    guard files.fileExists(atPath: name.path) else { return try name.complete() }
    // Where the file system cannot exchange names, the earlier folder waits under this one.
    let old = name.path + ".old"
    try name.complete { from, to in
      if folder_exchange(from, to) == 0 { return 0 }
      guard errno == EINVAL || errno == ENOSYS else { return -1 }
      try? files.removeItem(atPath: old)
      guard rename(to, old) == 0 else { return -1 }
      guard rename(from, to) == 0 else {
        let reason = errno
        rename(old, to)
        errno = reason
        return -1
      }
      return 0
    }
    for earlier in [name.workingPath, old] { try? files.removeItem(atPath: earlier) }
  }
}
