/// What a browser asks for: `GET /TOKEN/path?name=value`.
package struct PageRequest: Sendable, Equatable {
  /// Without the token: "", "rows", "event".
  package let path: String
  /// Names and values of the query, in their order.
  package let query: [(name: String, value: String)]

  /// The first value of a name; nil where it has none.
  package subscript(name: String) -> String? { query.first { $0.name == name }?.value }

  /// All values of a name.
  package func all(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

  package static func == (a: Self, b: Self) -> Bool {
    a.path == b.path
      && a.query.elementsEqual(b.query) { $0.name == $1.name && $0.value == $1.value }
  }

  /// - Parameter target: path and query, after the token.
  init(target: Substring) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = Self.decoded(parts[0])
    query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { field in
      let sides = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (Self.decoded(sides[0]), sides.count > 1 ? Self.decoded(sides[1]) : "")
    }
  }

  /// Text without percent escapes; an escape that is none stays as it is.
  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// What the server answers.
package struct PageResponse: Sendable {
  var status: String
  var type: String
  var body: [UInt8]

  package static func html(_ text: String) -> Self {
    Self(status: "200 OK", type: "text/html; charset=utf-8", body: Array(text.utf8))
  }

  package static func json(_ text: String) -> Self {
    Self(status: "200 OK", type: "application/json", body: Array(text.utf8))
  }

  /// A refusal without details.
  package static let notFound = refusal("404 Not Found")

  static func refusal(_ status: String) -> Self {
    Self(status: status, type: "text/plain; charset=utf-8", body: Array("\(status)\n".utf8))
  }

  /// The bytes of HTTP/1.1. A browser keeps nothing and shows nothing of it on other pages.
  func bytes(withBody: Bool) -> [UInt8] {
    let head = """
      HTTP/1.1 \(status)\r
      Content-Type: \(type)\r
      Content-Length: \(body.count)\r
      Connection: close\r
      Cache-Control: no-store\r
      X-Content-Type-Options: nosniff\r
      X-Frame-Options: SAMEORIGIN\r
      Referrer-Policy: no-referrer\r
      Cross-Origin-Resource-Policy: same-origin\r
      \r

      """
    return Array(head.utf8) + (withBody ? body : [])
  }
}
