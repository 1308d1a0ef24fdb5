import Foundation

/// Writes a text file as `path.part` and gives it its name when it is complete.
///
/// - Throws: `OutputError`; an earlier file is untouched then.
func writeText(_ text: String, to path: String) throws {
  let part = path + ".part"
  do {
    try Data(text.utf8).write(to: URL(filePath: part))
  } catch {
    try? FileManager.default.removeItem(atPath: part)
    throw OutputError(description: "\(path): cannot be written")
  }
  guard rename(part, path) == 0 else {
    let reason = String(cString: strerror(errno))
    try? FileManager.default.removeItem(atPath: part)
    throw OutputError(description: "\(path): cannot be given its name, \(reason)")
  }
}
