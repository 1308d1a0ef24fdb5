package import Foundation

/// Why a text file could not be read, without its name.
package struct TextFileError: Error, CustomStringConvertible {
  package let description: String
}

/// Text files of users: tables, settings, lists.
package enum TextFile {
  /// Most bytes of a file that is believed.
  private static let largest = 1 << 30

  /// The text of a file, without the mark (BOM) that programs of Windows put at its begin, and with
  /// lines that end as elsewhere.
  ///
  /// - Parameter path: of a regular file. A pipe or a device could last for ever.
  /// - Returns: its text.
  /// - Throws: `TextFileError`.
  package static func read(_ path: String) throws(TextFileError) -> String {
    // Without O_NONBLOCK a pipe waits for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw TextFileError(
        description: errno == ENOENT || errno == ENOTDIR
          ? "no such file" : "cannot be read: \(systemReason())")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw TextFileError(description: "is no regular file")
    }
    guard status.st_size <= largest else {
      throw TextFileError(description: "has more than \(largest >> 20) MiB")
    }
    let data: Data
    do { data = try file.readToEnd() ?? Data() } catch {
      throw TextFileError(description: "cannot be read: \(error.localizedDescription)")
    }
    guard let text = String(data: withPlainLines(withoutMark(data)), encoding: .utf8) else {
      throw TextFileError(description: "cannot be read as text in UTF-8")
    }
    return text
  }

  private static func withPlainLines(_ data: Data) -> Data {
    let (newline, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    guard data.contains(carriageReturn) else { return data }
    var plain = Data(capacity: data.count)
    for (byte, next) in zip(data, data.dropFirst() + [0])
    where byte != carriageReturn || next != newline {
      plain.append(byte)
    }
    return plain
  }

  /// Bytes without the mark at their begin.
  package static func withoutMark(_ data: Data) -> Data {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    return data.starts(with: mark) ? data.dropFirst(mark.count) : data
  }
}
