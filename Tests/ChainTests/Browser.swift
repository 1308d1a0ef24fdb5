import Foundation
import Testing

/// A browser without a window, where one is installed.
enum Browser {
  static let path = ["chromium", "chromium-browser", "google-chrome"].map { "/usr/bin/\($0)" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Opens a page of a folder at 1280 and 390 pixels, as a user does.
  ///
  /// - Parameters:
  ///   - page: name of the page.
  ///   - harness: folder in Fixtures with `harness.html`, which says what it saw.
  ///   - folder: of the page.
  /// - Returns: what it saw at each width.
  /// - Throws: where there is no browser, or where it says nothing.
  static func look<Seen: Decodable>(
    at page: String, by harness: String, in folder: TemporaryFolder
  ) throws -> [Seen] {
    let browser = try #require(path)
    let copy = folder.url.appending(path: "harness.html")
    if !FileManager.default.fileExists(atPath: copy.path) {
      try FileManager.default.copyItem(
        at: Program.repository.appending(path: "Fixtures/\(harness)/harness.html"), to: copy)
    }
    let outcome = try Program.run(
      URL(filePath: browser),
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
        "--allow-file-access-from-files", "--user-data-dir=\(folder.path("profile"))",
        "--window-size=1400,1400", "--virtual-time-budget=20000", "--dump-dom",
        "file://\(folder.url.path)/harness.html?page=\(page)",
      ])
    // Errors of scripts and refusals of the policy.
    let complaints = outcome.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }
    #expect(complaints.isEmpty, "\(complaints)")
    let start = try #require(outcome.output.range(of: "<pre id=\"out\">"))
    let rest = outcome.output[start.upperBound...]
    let end = try #require(rest.range(of: "</pre>"))
    let text = rest[..<end.lowerBound].replacing("&lt;", with: "<").replacing("&gt;", with: ">")
      .replacing("&amp;", with: "&")
    return try JSONDecoder().decode([Seen].self, from: Data(text.utf8))
  }
}
