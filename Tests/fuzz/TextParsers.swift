import Foundation

/// A target of libFuzzer: the parsers of text in ShowerModel, chosen by the first byte.
///
/// `libfuzzer.sh` compiles it together with the sources of the module.
@_cdecl("LLVMFuzzerTestOneInput")
public func parse(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 0 else { return 0 }
  let text = String(
    decoding: UnsafeBufferPointer(start: bytes + 1, count: count - 1), as: UTF8.self)
  switch bytes[0] % 6 {
  case 0: _ = try? StationLists(parsing: text, file: "input", array: nil)
  case 1: _ = try? DetectorArray(parsing: text, file: "input")
  case 2: _ = try? ResponseTable(parsing: text, file: "input")
  case 3: _ = try? QualityCuts(parsing: text, file: "input")
  case 4: _ = try? TunedFrontFile(parsing: text, file: "input")
  default: _ = (EscapedText.terminal(text), EscapedText.csv(text), EscapedText.json(text))
  }
  return 0
}
