internal import Glibc

/// Why there is no server.
package struct PageServerError: Error, CustomStringConvertible {
  package let description: String
}

/// A server of one page for the browser of the same user: HTTP/1.1 on 127.0.0.1, GET only.
///
/// The address has a random token, so that other users of the machine and other pages of the
/// browser cannot ask. The header `Host` must be the address itself, which stops names that were
/// made to point to 127.0.0.1 (DNS rebinding). There are no files behind it: a request has a path
/// that the caller knows, or gets 404. All runs on one thread; each connection has one request.
package final class PageServer {
  private let listener: Int32
  private let port: UInt16
  private let token: String
  private var connections: [Connection] = []

  /// A request with a longer head is refused [bytes].
  private static let longestHead = 65_536
  /// A connection without a whole request is closed after so many turns of 0.1 s.
  private static let patience = 100
  private static let mostConnections = 64

  private struct Connection {
    let socket: Int32
    var head: [UInt8] = []
    var waited = 0
  }

  /// Opens a free port.
  ///
  /// - Throws: `PageServerError`.
  package init() throws(PageServerError) {
    func failure(_ what: String) -> PageServerError {
      PageServerError(description: "\(what): \(String(cString: strerror(errno)))")
    }
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard listener >= 0 else { throw failure("no socket") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isOpen else {
      let error = failure("no port of 127.0.0.1")
      close(listener)
      throw error
    }
    port = UInt16(bigEndian: address.sin_port)
    var random = SystemRandomNumberGenerator()
    token = (0..<32).map { _ in String(UInt8.random(in: 0..<16, using: &random), radix: 16) }
      .joined()
  }

  deinit {
    connections.forEach { close($0.socket) }
    close(listener)
  }

  /// Where the page is.
  package var address: String { "http://127.0.0.1:\(port)/\(token)/" }

  /// Answers until the caller wants to stop, within 0.1 s.
  ///
  /// - Parameters:
  ///   - isStopped: asked between requests.
  ///   - idle: does a part of other work, under 0.1 s; false where there is none left.
  ///   - respond: the answer to a request.
  /// - Throws: what `idle` and `respond` throw.
  package func run(
    until isStopped: () -> Bool, idle: () throws -> Bool,
    respond: (PageRequest) throws -> PageResponse
  ) throws {
    var hasWork = true
    while !isStopped() {
      let isQuiet = !waitForInput(milliseconds: hasWork ? 0 : 100)
      acceptNew()
      for index in connections.indices.reversed() {
        if let answer = try answer(index, respond) {
          Self.send(answer, to: connections[index].socket, isStopped)
          close(connections.remove(at: index).socket)
        }
      }
      if hasWork && isQuiet { hasWork = try idle() }
    }
  }

  /// Whether something has come.
  private func waitForInput(milliseconds: Int32) -> Bool {
    var polled = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    polled += connections.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
    return poll(&polled, nfds_t(polled.count), milliseconds) > 0
  }

  private func acceptNew() {
    var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    while poll(&waiting, 1, 0) > 0 {
      let socket = accept(listener, nil, nil)
      guard socket >= 0 else { return }
      _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
      _ = fcntl(socket, F_SETFL, O_NONBLOCK)
      if connections.count < Self.mostConnections {
        connections.append(Connection(socket: socket))
      } else {
        close(socket)
      }
    }
  }

  /// Reads what has come; the bytes to send, nothing for a connection to close, nil to wait.
  private func answer(
    _ index: Int, _ respond: (PageRequest) throws -> PageResponse
  ) throws -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = recv(connections[index].socket, &buffer, buffer.count, 0)
      if count == 0 { return [] }
      if count < 0 {
        guard errno == EAGAIN || errno == EINTR else { return [] }
        break
      }
      connections[index].head += buffer[..<count]
      if connections[index].head.count > Self.longestHead {
        return PageResponse.refusal("431 Request Header Fields Too Large").bytes(withBody: true)
      }
    }
    let head = String(decoding: connections[index].head, as: UTF8.self)
    guard let end = head.firstRange(of: "\r\n\r\n") else {
      connections[index].waited += 1
      return connections[index].waited > Self.patience ? [] : nil
    }
    let lines = head[..<end.lowerBound].split(separator: "\r\n")
    let isHead = lines.first?.hasPrefix("HEAD ") ?? false
    return try response(lines, respond).bytes(withBody: !isHead)
  }

  private func response(
    _ lines: [Substring], _ respond: (PageRequest) throws -> PageResponse
  ) throws -> PageResponse {
    let words = (lines.first ?? "").split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
      return .refusal("400 Bad Request")
    }
    guard words[0] == "GET" || words[0] == "HEAD" else {
      return .refusal("405 Method Not Allowed")
    }
    let hosts = lines.dropFirst().compactMap { line -> String? in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "host" else { return nil }
      return parts[1].filter { $0 != " " }.lowercased()
    }
    guard hosts == ["127.0.0.1:\(port)"] || hosts == ["localhost:\(port)"] else {
      return .refusal("403 Forbidden")
    }
    let target = words[1]
    let start = "/\(token)/"
    guard target.utf8.count >= start.utf8.count,
      zip(target.utf8, start.utf8).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0
    else { return .refusal("403 Forbidden") }
    return try respond(PageRequest(target: target.dropFirst(start.count)))
  }

  /// Sends all bytes, as far as the other side takes them within 5 s.
  private static func send(_ bytes: [UInt8], to socket: Int32, _ isStopped: () -> Bool) {
    var (sent, waited) = (0, 0)
    while sent < bytes.count, waited < 50, !isStopped() {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        (sent, waited) = (sent + count, 0)
      } else {
        guard count < 0, errno == EAGAIN || errno == EINTR else { return }
        var polled = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
        _ = poll(&polled, 1, 100)
        waited += 1
      }
    }
    shutdown(socket, Int32(SHUT_WR))
  }
}
