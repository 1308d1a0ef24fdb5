internal import Glibc
internal import ShowerModel

/// An event file or another HDF5 file under its working name `path.part`, until it is complete.
final class PartFile {
  let path: String
  var partPath: String { name.workingPath }
  private let overwrite: Bool
  private let name: WorkingName

  /// Whether a file is called as unfinished ones are.
  static func isPart(_ path: String) -> Bool { path.hasSuffix(WorkingFile.suffix) }

  /// Refuses an existing output before any work, then makes the working file.
  init(path: String, overwrite: Bool) throws(StoreError) {
    self.path = path
    self.overwrite = overwrite
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw .cannotCreate(file: path, reason: "it is no regular file")
      }
      guard overwrite else { throw .outputExists(file: path) }
    }
    do throws(WorkingFileError) { name = try WorkingName(of: path) } catch {
      throw .cannotCreate(file: path, reason: error.description)
    }
  }

  /// Gives the file its final name, `durably` after its content is on the disk.
  func commit(durably: Bool) throws(StoreError) {
    guard !durably || fsync(name.descriptor) == 0 else {
      throw failure("flushing to the disk", systemReason())
    }
    guard overwrite || access(path, F_OK) != 0 else { throw .outputExists(file: path) }
    do throws(WorkingFileError) { try name.complete() } catch {
      throw failure("renaming \(partPath)", error.description)
    }
    if durably { syncFolder() }
  }

  /// Removes the working file, unless it has become the output.
  func discard() { name.discard() }

  private func failure(_ place: String, _ reason: String) -> StoreError {
    .writeFailed(file: path, place: place, reason: reason)
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
