import Foundation

@testable import ShowerReport

extension PageAssets {
  /// Those of the report in the repository.
  static let ofRepository: PageAssets = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "tables/browse")
    func text(_ name: String) -> String {
      (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }
    let (library, script) = (text("uPlot.iife.min.js"), text("page.js") + text("report.js"))
    return PageAssets(
      script: script, style: text("report.css"), library: library,
      libraryStyle: text("uPlot.min.css"), libraryLicence: text("uPlot-LICENSE.txt"),
      hashes: [library, script].map(hash))
  }()

  /// SHA-256 in base 64, by coreutils.
  private static func hash(_ text: String) -> String {
    let (process, input, output) = (Process(), Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/sha256sum")
    (process.standardInput, process.standardOutput) = (input, output)
    guard (try? process.run()) != nil else { return "" }
    input.fileHandleForWriting.write(Data(text.utf8))
    try? input.fileHandleForWriting.close()
    let digits = Array(
      String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).prefix(64))
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0..<$0 + 2]), radix: 16)
    }
    return Data(bytes).base64EncodedString()
  }
}
