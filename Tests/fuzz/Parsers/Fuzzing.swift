internal import Foundation

/// The parser under test, named by AIRSHOWER_PARSER: libFuzzer has `main`, and the command line.
private let parser: Parser = {
  guard let parser = parsers[ProcessInfo.processInfo.environment["AIRSHOWER_PARSER"] ?? ""] else {
    FileHandle.standardError.write(
      Data("AIRSHOWER_PARSER is none of \(parsers.keys.sorted().joined(separator: " "))\n".utf8))
    exit(64)
  }
  return parser
}()

/// What libFuzzer calls with ever other bytes. Tests/fuzz/libfuzzer.sh starts it.
@_cdecl("LLVMFuzzerTestOneInput")
public func parse(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  parser(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
