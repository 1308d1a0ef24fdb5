import Foundation
import ShowerModel

/// Where a run writes.
package struct OutputFile: Sendable, Equatable {
  package var path: String
  /// Whether an earlier file of that name is replaced, when the new one is complete.
  package var overwrites: Bool

  package init(_ path: String, overwrites: Bool = false) {
    self.path = path
    self.overwrites = overwrites
  }

  /// Refuses an output that exists or has no folder, before any work.
  ///
  /// - Throws: `OutputError`.
  func check() throws {
    let files = FileManager.default
    if files.fileExists(atPath: path) && !overwrites {
      throw OutputError(description: "\(path): exists. Choose another name, or give --overwrite")
    }
    let folder = URL(filePath: path).deletingLastPathComponent().path
    guard files.isWritableFile(atPath: folder) else {
      throw OutputError(
        description: "\(path): the folder \(folder) does not exist or is read-only. Choose another")
    }
  }
}

extension OutputFile {
  /// Writes the file under its working name, and then in the place of an earlier one.
  ///
  /// - Parameter body: writes the content to the path that it is given, into the file there.
  /// - Throws: `OutputError`, and what `body` throws; an earlier file is untouched then.
  func write(_ body: (_ part: String) throws -> Void) throws {
    do {
      try WorkingFile.write(path, durably: true, body)
    } catch let error as WorkingFileError {
      throw OutputError(description: "\(path): cannot be written (\(error.description))")
    }
  }
}

/// Writes a text file, in the place of an earlier one when it is complete.
///
/// - Throws: `OutputError`; an earlier file is untouched then.
func writeText(_ text: String, to path: String) throws(OutputError) {
  do {
    try WorkingFile.write(Data(text.utf8), to: path)
  } catch {
    throw OutputError(description: "\(path): cannot be written (\(error.description))")
  }
}

/// A value as JSON to be read by people and compared by programs.
///
/// Indented, keys in order, all characters visible.
func prettyJSON(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  return EscapedText.json(String(decoding: try encoder.encode(value), as: UTF8.self))
}
