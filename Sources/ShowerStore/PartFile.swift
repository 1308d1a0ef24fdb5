internal import Glibc
internal import ShowerModel

/// An output under its working name `path.part`, until it is complete.
///
/// The working file is locked, so that two runs with the same output cannot mix. A file that a
/// killed run left behind is taken over.
final class PartFile {
  let path: String
  let partPath: String
  private let overwrite: Bool
  private var descriptor: Int32

  /// Whether a file is called as unfinished ones are.
  static func isPart(_ path: String) -> Bool { path.hasSuffix(WorkingFile.suffix) }

  /// Refuses an existing output before any work, then makes the working file.
  init(path: String, overwrite: Bool) throws(StoreError) {
    self.path = path
    self.overwrite = overwrite
    partPath = WorkingFile.path(of: path)
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw .cannotCreate(file: path, reason: "it is no regular file")
      }
      guard overwrite else { throw .outputExists(file: path) }
    }
    // A link in its place could lead anywhere.
    descriptor = open(partPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else {
      throw .cannotCreate(
        file: path,
        reason: errno == ELOOP ? "\(partPath) is a link: remove it" : systemReason())
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK, isStillNamed else {
      Glibc.close(descriptor)
      descriptor = -1
      throw .cannotCreate(file: path, reason: "another run is writing \(partPath)")
    }
  }

  deinit { discard() }

  /// Whether the locked file still has its working name: a run that just ended may have renamed it.
  private var isStillNamed: Bool {
    var (locked, named) = (stat(), stat())
    return fstat(descriptor, &locked) == 0 && lstat(partPath, &named) == 0
      && locked.st_ino == named.st_ino && locked.st_dev == named.st_dev
  }

  /// Gives the file its final name, `durably` after its content is on the disk.
  func commit(durably: Bool) throws(StoreError) {
    guard !durably || fsync(descriptor) == 0 else { throw failure("flushing to the disk") }
    guard overwrite || access(path, F_OK) != 0 else { throw .outputExists(file: path) }
    guard rename(partPath, path) == 0 else { throw failure("renaming \(partPath)") }
    Glibc.close(descriptor)
    descriptor = -1
    if durably { syncFolder() }
  }

  /// Removes the working file, unless it has become the output.
  func discard() {
    guard descriptor >= 0 else { return }
    unlink(partPath)
    Glibc.close(descriptor)
    descriptor = -1
  }

  private func failure(_ place: String) -> StoreError {
    .writeFailed(file: path, place: place, reason: systemReason())
  }

  /// Makes the new name last; where a file system cannot, the content is safe all the same.
  private func syncFolder() {
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "."
    let handle = open(String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else { return }
    fsync(handle)
    Glibc.close(handle)
  }
}

/// The system's words for the last failed call.
func systemReason() -> String { String(cString: strerror(errno)) }
