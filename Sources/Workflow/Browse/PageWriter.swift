import Foundation
import ShowerModel
import ShowerReport

/// Writes a page part by part, up to a size that browsers open.
struct PageWriter {
  /// Bytes so far.
  private(set) var count = 0
  private let file: FileHandle
  private let name: String
  private let limit: Int
  private var waiting = Data()

  /// - Parameters:
  ///   - path: the file to write, which is there.
  ///   - name: of the page in messages.
  ///   - limit: its size [bytes].
  /// - Throws: `OutputError`.
  init(_ path: String, name: String, limit: Int) throws(OutputError) {
    guard let file = FileHandle(forWritingAtPath: path) else {
      throw OutputError(description: "\(name): cannot be made")
    }
    self.file = file
    self.name = name
    self.limit = limit
  }

  /// - Throws: `InputError` beyond the limit, `OutputError`.
  mutating func write(_ text: String) throws {
    waiting.append(contentsOf: text.utf8)
    count += text.utf8.count
    guard count <= limit else {
      throw InputError(
        description: "\(name): would be larger than \(limit / 1_000_000) MB. Choose fewer events "
          + "by --where, --events or --max-events, or give --waveforms none")
    }
    if waiting.count > 1 << 20 { try flush() }
  }

  /// - Throws: `OutputError`.
  mutating func close() throws(OutputError) {
    try flush()
    do { try file.close() } catch { throw failure(error) }
  }

  private mutating func flush() throws(OutputError) {
    do { try file.write(contentsOf: waiting) } catch { throw failure(error) }
    waiting.removeAll(keepingCapacity: true)
  }

  private func failure(_ error: any Error) -> OutputError {
    OutputError(description: "\(name): cannot be written (\(error.localizedDescription))")
  }
}

extension TableFolder {
  /// Script, style and library of a page: `browse` or `report`.
  ///
  /// - Throws: `InputError` where one is missing.
  func pageAssets(_ page: String) throws -> PageAssets {
    func part(_ name: String) throws -> String {
      try text(of: url.appending(path: "browse/\(name)"))
    }
    let (library, script) = (
      try part("uPlot.iife.min.js"), try part("page.js") + part("\(page).js")
    )
    return PageAssets(
      script: script, style: try part("\(page).css"), library: library,
      libraryStyle: try part("uPlot.min.css"), libraryLicence: try part("uPlot-LICENSE.txt"),
      hashes: [library, script].map { Data(sha256Hash(Data($0.utf8))).base64EncodedString() })
  }
}
