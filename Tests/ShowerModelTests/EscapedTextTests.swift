import Foundation
import HostileText
import Testing

@testable import ShowerModel

/// Every target gets its text without a part that it would take for something else.
@Suite struct EscapedTextTests {
  private func isVisible(_ text: String) -> Bool {
    !text.unicodeScalars.contains(where: EscapedText.isHidden)
  }

  @Test func theListIsLong() {
    #expect(Set(HostileText.names.map { Array($0.utf8) }).count == HostileText.names.count)
    #expect(HostileText.names.count >= 60)
  }

  @Test func theUnseenIsWrittenOut() {
    #expect(EscapedText.visible("a\r\nb\tc") == #"a\r\nb\tc"#)
    #expect(
      EscapedText.visible("\u{1B}[0m\u{202E}\u{85}\u{0}") == #"\u{1B}[0m\u{202E}\u{85}\u{00}"#)
    #expect(EscapedText.visible("é e\u{301} 😀 日本 \\n ~") == "é e\u{301} 😀 日本 \\n ~")
    for scalar in [
      "\u{7F}", "\u{200F}", "\u{061C}", "\u{2069}", "\u{2028}", "\u{FEFF}", "\u{FFFF}",
    ] {
      #expect(EscapedText.visible(scalar).hasPrefix("\\u{"), "\(scalar.unicodeScalars)")
    }
  }

  @Test func aKeyOfADamagedFileDoesNotFillTheTerminal() {
    let key = "begin " + String(repeating: "[", count: 200_000) + " end"
    let shown = EscapedText.terminal(key)
    #expect(shown.count < 6000)
    #expect(shown.hasPrefix("begin [[") && shown.hasSuffix("[[ end"))
    #expect(shown.contains("(195510 characters)"))
    #expect(nearestName(to: "zenith" + key, in: ["azimuth", "zenith"]) == "zenith")
  }

  @Test(arguments: HostileText.names) func gnuplotGetsNoSignOfItsOwn(name: String) {
    let text = EscapedText.gnuplot(name)
    #expect(text.hasPrefix("'") && text.hasSuffix("'"))
    let inner = text.dropFirst().dropLast().replacing("\\U+", with: "")
    for sign in "'\"`$%#!|<>&;{}^_@~\\".unicodeScalars where sign != ";" {
      #expect(!inner.unicodeScalars.contains(sign), "\(text)")
    }
    #expect(isVisible(text) && text.unicodeScalars.count < 3000)
  }

  @Test func gnuplotReadsNoDigitTooMany() {
    #expect(EscapedText.gnuplot("'ab g{1}") == #"'\U+0027\U+0061\U+0062 g\U+007B\U+0031\U+007D'"#)
    #expect(EscapedText.gnuplot("E = 1-2 (m/s)") == "'E = 1-2 (m/s)'")
  }

  @Test(arguments: HostileText.names) func pagesGetNoMarkup(name: String) {
    let text = EscapedText.html(name)
    for sign in "<>\"'".unicodeScalars { #expect(!text.unicodeScalars.contains(sign)) }
    #expect(isVisible(text))
    let back = text.replacing("&lt;", with: "<").replacing("&gt;", with: ">")
      .replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    #expect(back == EscapedText.visible(name))
  }

  @Test(arguments: HostileText.names) func fieldsAreOneFieldAndNoFormula(name: String) {
    var text = EscapedText.csv(name)
    #expect(isVisible(text))
    if text.hasPrefix("\"") {
      #expect(text.hasSuffix("\"") && text.count >= 2)
      text = String(text.dropFirst().dropLast()).replacing("\"\"", with: "\"")
    } else {
      #expect(!text.contains(",") && !text.contains("\""))
    }
    if let first = text.first { #expect(!"=+-@".contains(first)) }
    #expect(text == EscapedText.visible(name) || text == "'" + EscapedText.visible(name))
  }

  @Test func jsonKeepsValues() throws {
    let encoded = String(decoding: try JSONEncoder().encode(HostileText.names), as: UTF8.self)
    let text = EscapedText.json(encoded)
    #expect(isVisible(text))
    let back = try JSONDecoder().decode([String].self, from: Data(text.utf8))
    #expect(back.map { Array($0.utf8) } == HostileText.names.map { Array($0.utf8) })
  }

  @Test(arguments: HostileText.names) func terminalsGetLinesOfOursOnly(name: String) {
    let page = EscapedText.terminal(page: "first: \(name)\nsecond\n", with: [name, "other"])
    let lines = page.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { isVisible(String($0)) })
    // A name of blanks and line breaks alone cannot be told from the text around it.
    if name.contains(where: { !$0.isWhitespace }) { #expect(lines.count == 3, "\(page)") }
  }

  @Test(arguments: HostileText.names) func fewOfThemAreNamesOfMethods(name: String) {
    #expect(MethodName.isValid(name) == ["notitle", "null"].contains(name))
  }
}
