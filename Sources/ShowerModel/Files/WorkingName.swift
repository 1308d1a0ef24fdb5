internal import Foundation

/// The working name of an output, held by one run at a time.
///
/// The file or folder is locked, so that two runs with the same output cannot mix. What a killed
/// run left behind is taken over.
package final class WorkingName {
  package enum Kind {
    case file, folder
  }

  /// The final name.
  package let path: String
  /// The name until the output is complete.
  package let workingPath: String
  /// Of the locked file; -1 after the end.
  package private(set) var descriptor: Int32

  /// Makes the file or folder, or takes over what a killed run left.
  ///
  /// A folder may then have content, which the caller removes.
  /// - Throws: `WorkingFileError` where another run has it.
  package init(of path: String, _ kind: Kind = .file) throws(WorkingFileError) {
    self.path = path
    workingPath = WorkingFile.path(of: path)
    switch kind {
    case .file:
      // A link in its place could lead anywhere.
      descriptor = open(workingPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    case .folder:
      mkdir(workingPath, 0o777)
      descriptor = open(workingPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    }
    guard descriptor >= 0 else {
      throw WorkingFileError(
        description: errno == ELOOP ? "\(workingPath) is a link: remove it" : systemReason())
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK, isStillNamed else {
      close(descriptor)
      descriptor = -1
      throw WorkingFileError(description: "another run is writing \(workingPath)")
    }
    UnfinishedOutputs.add(workingPath)
  }

  deinit { discard() }

  /// Whether the locked file still has its working name: a run that just ended may have renamed it.
  private var isStillNamed: Bool {
    var (locked, named) = (stat(), stat())
    return fstat(descriptor, &locked) == 0 && lstat(workingPath, &named) == 0
      && locked.st_ino == named.st_ino && locked.st_dev == named.st_dev
  }

  /// Gives the output its final name.
  ///
  /// - Parameters:
  ///   - alsoAtTheEnd: whether it gets its name although the user asked to stop.
  ///   - rename: does so: returns 0, or -1 with errno. What `path` was before is gone by default.
  /// - Throws: `WorkingFileError`.
  package func complete(
    alsoAtTheEnd: Bool = false, _ rename: ((_ from: String, _ to: String) -> Int32)? = nil
  ) throws(WorkingFileError) {
    let status = UnfinishedOutputs.complete(workingPath, alsoAtTheEnd: alsoAtTheEnd) {
      rename.map { $0(workingPath, path) } ?? Foundation.rename(workingPath, path)
    }
    guard status == 0 else { throw WorkingFileError(description: systemReason()) }
    close(descriptor)
    descriptor = -1
  }

  /// Removes the working file, unless it has become the output.
  package func discard() {
    guard descriptor >= 0 else { return }
    if unlink(workingPath) != 0 { try? FileManager.default.removeItem(atPath: workingPath) }
    UnfinishedOutputs.forget(workingPath)
    close(descriptor)
    descriptor = -1
  }

  /// Removes what a killed run left in a folder.
  ///
  /// - Throws: of Foundation.
  package func empty() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: workingPath) {
      try FileManager.default.removeItem(atPath: workingPath + "/" + name)
    }
  }
}

/// The system's words for the last failed call.
package func systemReason() -> String { String(cString: strerror(errno)) }
