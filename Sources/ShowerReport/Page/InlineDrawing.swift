internal import ShowerModel

/// A drawing of gnuplot as a part of a page: without XML head, with names of its own.
///
/// Bytes, because a drawing may have a megabyte of them, and `String.replacing` takes a tenth of a
/// second for one.
func inlineDrawing(_ svg: some Collection<UInt8>, name: String, title: String) -> String {
  let bytes = Array(svg)
  let head = Array("<svg".utf8)
  guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: head) }) else {
    return ""
  }
  let tag = "<svg role=\"img\" aria-label=\"\(EscapedText.html(title))\""
  let changes = [
    (" xmlns=\"http://www.w3.org/2000/svg\"", ""),
    (" xmlns:xlink=\"http://www.w3.org/1999/xlink\"", ""), ("xlink:href='#gp", "href='#\(name)-gp"),
    ("xlink:href", "href"), ("id='gp", "id='\(name)-gp"), ("id=\"gp", "id=\"\(name)-gp"),
    ("href='#gp", "href='#\(name)-gp"), ("url(#gp", "url(#\(name)-gp"),
  ]
  let drawing = replacing(bytes[(start + head.count)...], changes)
  return tag + String(decoding: drawing, as: UTF8.self)
}

/// Bytes in which texts are replaced by others; the first one that fits counts.
private func replacing(
  _ bytes: ArraySlice<UInt8>, _ changes: [(old: String, new: String)]
) -> [UInt8] {
  var byFirst = [[(old: [UInt8], new: [UInt8])]](repeating: [], count: 256)
  for change in changes {
    let old = Array(change.old.utf8)
    byFirst[Int(old[0])].append((old, Array(change.new.utf8)))
  }
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count + 1024)
  var index = bytes.startIndex
  while index < bytes.endIndex {
    let fitting = byFirst[Int(bytes[index])].first { bytes[index...].starts(with: $0.old) }
    if let fitting {
      result += fitting.new
      index += fitting.old.count
    } else {
      result.append(bytes[index])
      index += 1
    }
  }
  return result
}
