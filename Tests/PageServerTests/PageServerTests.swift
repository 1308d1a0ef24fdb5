import Foundation
import Synchronization
import Testing

@testable import PageServer

/// What the server answers, and whom.
@Suite struct PageServerTests {
  /// A server that runs until it is let go, and what it was asked.
  final class Running: Sendable {
    let address: URL
    let stop = Atomic(false)
    let ended = DispatchSemaphore(value: 0)

    init() throws {
      let server = try PageServer()
      address = try #require(URL(string: server.address))
      nonisolated(unsafe) let moved = server
      Thread { [self] in
        try? moved.run(until: { self.stop.load(ordering: .relaxed) }, idle: { false }) { request in
          request.path == "event"
            ? .json("{\"index\": \"\(request["index"] ?? "")\"}")
            : request.path.isEmpty ? .html("<p>page</p>") : .notFound
        }
        self.ended.signal()
      }.start()
    }

    var host: String { "127.0.0.1:\(address.port ?? 0)" }
    var token: String { address.pathComponents[1] }

    /// Sends text to the port and reads the answer to its end.
    func answer(to text: String) -> String {
      let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(socket) }
      var place = sockaddr_in()
      place.sin_family = sa_family_t(AF_INET)
      place.sin_port = in_port_t(address.port ?? 0).bigEndian
      place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      let isConnected = withUnsafePointer(to: &place) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
      guard isConnected else { return "" }
      _ = Array(text.utf8).withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, 0) }
      var (all, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
      while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 {
        all += buffer[..<count]
      }
      return String(decoding: all, as: UTF8.self)
    }

    func get(_ path: String, host: String? = nil) -> String {
      answer(to: "GET \(path) HTTP/1.1\r\nHost: \(host ?? self.host)\r\n\r\n")
    }
  }

  @Test func thePageIsThereForThoseWhoKnowTheAddress() throws {
    let running = try Running()
    defer { running.stop.store(true, ordering: .relaxed) }
    #expect(running.token.count == 32)
    let page = running.get("/\(running.token)/")
    #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n") && page.hasSuffix("\r\n\r\n<p>page</p>"))
    #expect(page.contains("Content-Length: 11\r\n") && page.contains("no-store"))
    let event = running.get("/\(running.token)/event?index=a%20b%26c&x=1")
    #expect(event.hasSuffix("{\"index\": \"a b&c\"}"))
    // Another server has another token.
    #expect(try Running().token != running.token)
  }

  @Test func everybodyElseIsRefused() throws {
    let running = try Running()
    defer { running.stop.store(true, ordering: .relaxed) }
    let token = running.token
    let wrong = String(token.reversed())
    for (path, status) in [
      ("/", "403"), ("/\(wrong)/", "403"), ("/\(token)", "403"), ("/\(token.dropLast())/", "403"),
      ("/\(token)/../../etc/passwd", "404"), ("/\(token)//etc/passwd", "404"),
      ("/\(token)/%2e%2e/x", "404"), ("http://127.0.0.1/\(token)/", "403"),
    ] {
      #expect(running.get(path).hasPrefix("HTTP/1.1 \(status) "), "\(path)")
    }
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:1", "\(running.host)\r\nHost: x", ""] {
      #expect(
        running.get("/\(token)/", host: host).hasPrefix("HTTP/1.1 403 "), "\(host)")
    }
    let target = "/\(token)/ HTTP/1.1\r\nHost: \(running.host)\r\n\r\n"
    for method in ["POST", "PUT", "OPTIONS", "get"] {
      #expect(running.answer(to: "\(method) \(target)").hasPrefix("HTTP/1.1 405 "))
    }
    #expect(running.answer(to: "nonsense\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
    let long = String(repeating: "x", count: 70_000)
    #expect(running.answer(to: "GET /\(long)").hasPrefix("HTTP/1.1 431 "))
    // A HEAD has no body, and a silent connection keeps nobody waiting.
    #expect(running.answer(to: "HEAD \(target)").hasSuffix("\r\n\r\n"))
  }

  @Test func itEndsAtOnce() throws {
    let running = try Running()
    _ = running.get("/")
    running.stop.store(true, ordering: .relaxed)
    #expect(running.ended.wait(timeout: .now() + 1) == .success)
  }
}
