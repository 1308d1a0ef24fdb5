internal import Foundation
internal import ShowerModel

extension EventPicture {
  /// The square part of the array that is shown: lower corner and side [m].
  var mapWindow: (x: Double, y: Double, side: Double) {
    var points = stations.filter { $0.hasTime || $0.part == .badTiming }.map {
      SIMD2($0.position.x, $0.position.y)
    }
    // Nothing belongs together: show what is around the largest signal.
    if points.isEmpty {
      let largest = stations.filter { $0.signal != nil }.max {
        $0.signal?.signal ?? 0 < $1.signal?.signal ?? 0
      }
      points = [largest?.position ?? array.stations.first?.position ?? .zero].map {
        SIMD2($0.x, $0.y)
      }
    }
    points += showers.map { SIMD2($0.shower.coreX, $0.shower.coreY) }
    let low = points.dropFirst().reduce(points[0]) { pointwiseMin($0, $1) }
    let high = points.dropFirst().reduce(points[0]) { pointwiseMax($0, $1) }
    let side = max((high - low).max() + 2 * array.spacing, 5 * array.spacing)
    let corner = (low + high) / 2 - side / 2
    return (corner.x, corner.y, side)
  }

  /// Stations on the ground, signals as areas, times as colours, with core and axis.
  func footprintPanel(_ page: EventPage) -> Panel {
    let map = EventMap(self, pixels: page.footprint.width)
    var panel = Panel(
      page.margins(page.footprint),
      page.title(
        "a", "Footprint, core and axis on the ground", page.footprint.left, page.titleLine),
      map.ranges, "set xlabel 'east [km]'", "set ylabel 'north [km]' offset 0.3",
      "set cblabel 'time after the first station [µs]' offset 0.8",
      "set colorbox vertical user origin "
        + "\(page.fractions(page.footprint.right + 12, page.footprint.bottom)) "
        + "size \(rounded(14 / page.width)),\(rounded(page.footprint.width / page.height))")
    for line in sizeKey(map.scale, perMetre: map.perMetre, page) + partKey(map, page) {
      panel.set(line)
    }
    map.plot(in: &panel, tables: "a")
    return panel
  }

  /// Showers to draw, the one on top last.
  var showers: [(name: String, shower: Shower, colour: String)] {
    (truth.map { [("truth", $0, "truth")] } ?? [])
      + drawnMethods.reversed().map { ($0.colour, $0.shower, $0.colour) }
      + (fitted.map { [("standard", $0, "standard")] } ?? [])
  }

  private func sizeKey(_ scale: DiscScale, perMetre: Double, _ page: EventPage) -> [String] {
    var x = page.footprint.left
    let y = page.sizeKeyLine
    var lines: [String] = []
    for signal in scale.examples {
      let radius = scale.radius(of: signal) * perMetre
      x += radius
      lines.append(
        "set object circle at \(page.screen(x, y)) size graph "
          + "\(rounded(radius / page.footprint.width)) "
          + "fillcolor rgb '#e4e4e4' fillstyle solid 1 border lc rgb data front")
      x += radius + 6
      lines.append(page.label("'\(shortText(signal))'", x, y, "left font ',9'"))
      x += 9 * Double(shortText(signal).count) + 14
    }
    lines.append(
      page.label("'VEM/m^2,  \(scale.explanation)'", x, y, "left font ',9' textcolor rgb data"))
    return lines
  }

  /// Marks of what is there: kinds of stations, and the edge of the array.
  private func partKey(_ map: EventMap, _ page: EventPage) -> [String] {
    let shown = map.shown
    let parts = Set(shown.map(\.part))
    let isSaturated = shown.contains { $0.signal?.isSaturated ?? false }
    let marks: [(isThere: Bool, text: String, point: String)] = [
      (isSaturated, "saturated", "pt 6 ps 1.7 lw 1.8 lc rgb data"),
      (parts.contains(.badTiming), "out of time", "pt 7 ps 1.5 lc rgb '#c4c4c4'"),
      (
        parts.contains(.excluded) && parts.contains(.fitted), "not used",
        "pt 6 ps 1.5 lw 1.2 lc rgb aside"
      ),
      (
        parts.contains(.silent) || parts.contains(.away), "silent",
        "pt 7 ps 0.45 lc rgb aside"
      ),
      (parts.contains(.dead), "dead", "pt 2 ps 0.8 lw 1.4 lc rgb '#B00020'"),
    ]
    let (style, y) = ("left font ',9' textcolor rgb data", page.partKeyLine)
    var x = page.footprint.left + 7
    var lines = marks.filter(\.isThere).flatMap { mark in
      defer { x += 7.4 * Double(mark.text.count) + 36 }
      return page.mark(mark.point, "'\(mark.text)'", x, y, style)
    }
    if map.showsEdge {
      lines += [
        "set arrow from \(page.screen(x, y)) to \(page.screen(x + 24, y)) nohead front "
          + EventMap.edgeStyle,
        page.label("'edge of the array'", x + 30, y, style),
      ]
    }
    return lines
  }
}
