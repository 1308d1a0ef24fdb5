import Testing

@testable import ShowerModel

struct TextLinesTests {
  @Test(arguments: [
    ("", [""]), ("a", ["a"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b", ""]),
    ("a\rb", ["a", "b"]), ("\n\n", ["", "", ""]), ("\r\n\r\nz", ["", "", "z"]),
    ("é, ü\n\u{1F30D}\u{0301}\n", ["é, ü", "\u{1F30D}\u{0301}", ""]),
  ])
  func endsOfAllSystems(text: String, lines: [String]) {
    #expect(text.lines.map(String.init) == lines)
  }

  @Test(arguments: [
    ("", [""]), ("a", ["a"]), ("a,b,", ["a", "b", ""]), (",,", ["", "", ""]),
    (" é , \u{1F30D}", [" é ", " \u{1F30D}"]),
  ])
  func emptyFieldsStay(line: String, fields: [String]) {
    #expect(line[...].fields.map(String.init) == fields)
  }
}
