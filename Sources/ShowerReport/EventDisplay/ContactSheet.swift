internal import Foundation
internal import ShowerModel

/// Many events on one page, each with its footprint and a line a method.
package struct ContactSheet: Sendable {
  package let title: String
  package let pictures: [EventPicture]

  /// More could not be read.
  package static let mostEvents = 60

  private static let columns = 4

  /// - Parameters:
  ///   - title: which events these are.
  ///   - pictures: the first `mostEvents` of them are drawn.
  package init(title: String, pictures: [EventPicture]) {
    self.title = title
    self.pictures = Array(pictures.prefix(Self.mostEvents))
  }

  private struct Layout: PixelLayout {
    let columns: Int
    let rows: Int
    /// Lines of text above a map.
    let lines: Int

    var cellHeight: Double { 16 * Double(lines) + 330 }
    var width: Double { 30 + 325 * Double(columns) }
    var height: Double { 50 + cellHeight * Double(rows) }

    func corner(_ number: Int) -> (x: Double, y: Double) {
      let (row, column) = number.quotientAndRemainder(dividingBy: columns)
      return (20 + 325 * Double(column), 40 + cellHeight * Double(row))
    }

    func map(_ number: Int) -> PixelFrame {
      let (x, y) = corner(number)
      let top = y + 16 * Double(lines) + 10
      return PixelFrame(left: x + 38, right: x + 298, top: top, bottom: top + 260)
    }
  }

  /// The whole page, as a script and its data.
  func figure(name: String) -> Figure {
    let columns = min(Self.columns, max(pictures.count, 1))
    let layout = Layout(
      columns: columns, rows: (pictures.count + columns - 1) / columns,
      lines: (pictures.map(\.sheetLines.count).max() ?? 0) + 1)
    let panels = pictures.indices.map { panel($0, layout) }
    return Figure(
      name: name, title: title, caption: title, width: Int(layout.width),
      height: Int(layout.height),
      commands: """
        \(EventPicture.colours)
        unset colorbox
        set multiplot
        \(layout.label(EscapedText.gnuplot(title), 20, 20, "left font ',12' textcolor rgb data"))
        \(panels.map(\.commands).joined(separator: "\n\(Panel.end)\nunset colorbox\n"))
        unset multiplot
        """, tables: panels.flatMap(\.tables))
  }

  private func panel(_ number: Int, _ layout: Layout) -> Panel {
    let picture = pictures[number]
    let (x, y) = layout.corner(number)
    let frame = layout.map(number)
    let map = EventMap(picture, pixels: frame.width)
    var panel = Panel(
      layout.margins(frame), map.ranges, "set xtics font ',8' offset 0,0.4",
      "set ytics font ',8' offset 0.5,0",
      layout.label(
        "'{/:Bold Event \(picture.event.id)}'", x, y + 8, "left font ',11' textcolor rgb data"))
    for (line, text) in picture.sheetLines.enumerated() {
      panel.set(
        layout.label(
          EscapedText.gnuplot(text.text), x, y + 26 + 16 * Double(line),
          "left font ',8' textcolor rgb \(text.colour)"))
    }
    map.plot(in: &panel, tables: "e\(number)")
    return panel
  }
}

extension EventPicture {
  /// What a contact sheet says of the event: its standard result, then each method against it.
  fileprivate var sheetLines: [(text: String, colour: String)] {
    guard let fitted else { return [("not reconstructed: \(standard.status.explanation)", "data")] }
    var lines = [("\(Self.short(fitted))\(offTruth(fitted))", "standard")]
    for (method, colour) in zip(corrected, Self.methodColours) {
      let result = method.reconstruction
      let said = words(of: result)
      lines.append(("\(method.name): \(said[0])", colour))
      lines += said.dropFirst().map { ($0, colour) }
    }
    if let truth { lines.append(("truth: \(Self.short(truth))", "truth")) }
    return lines
  }

  /// The result in a line; a reason for none has a line of its own.
  private func words(of result: Reconstruction) -> [String] {
    if result.fallback != .none { return ["not corrected:", result.fallback.explanation] }
    guard result.shower.isDrawable else { return ["no result:", result.status.explanation] }
    return [Self.short(result.shower) + offTruth(result.shower)]
  }

  private static func short(_ shower: Shower) -> String {
    "\(text(shower.energy, decimals: significantDecimals(shower.energy))) EeV, "
      + "\(text(shower.zenith / Units.degree, decimals: 1))°"
  }

  private func offTruth(_ shower: Shower) -> String {
    distanceFromTruth(shower).map { ", off by \($0)" } ?? ""
  }
}
