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

  /// Whether a station shows its time: those of the fit, or all where none is in the cluster.
  private var timedStations: [DrawnStation] {
    let used = stations.filter(\.hasTime)
    return used.isEmpty ? stations.filter { $0.signal != nil } : used
  }

  /// Stations on the ground, signals as areas, times as colours, with core and axis.
  func footprintPanel(_ page: EventPage) -> Panel {
    let window = mapWindow
    let perMetre = page.footprint.width / window.side
    let timed = timedStations
    let times = timed.compactMap { $0.signal?.time }.filter(\.isFinite)
    let (first, last) = (times.min() ?? 0, times.max() ?? 0)
    let timedIDs = Set(timed.map(\.id))
    let shown = stations.filter {
      ($0.position.x - window.x - window.side / 2).magnitude < window.side / 2
        && ($0.position.y - window.y - window.side / 2).magnitude < window.side / 2
    }
    let scale = DiscScale(
      timed.compactMap { $0.signal?.signal }, radius: min(0.42 * array.spacing, 21 / perMetre))

    var panel = Panel(
      page.margins(page.footprint),
      page.title(
        "a", "Footprint, core and axis on the ground", page.footprint.left, page.titleLine),
      "set xrange [\(kilometres(window.x)):\(kilometres(window.x + window.side))]",
      "set yrange [\(kilometres(window.y)):\(kilometres(window.y + window.side))]",
      "set xlabel 'east [km]'", "set ylabel 'north [km]' offset 0.3",
      "set palette defined (0 \"#0d0887\", 0.25 \"#7e03a8\", 0.5 \"#cc4778\", 0.75 \"#f89540\", 1 "
        + "\"#f0f921\")",
      "set style fill solid 1",
      "set cbrange [0:\(rounded(max((last - first) / Units.microsecond, 0.1)))]",
      "set cblabel 'time after the first station [µs]' offset 0.8",
      "set colorbox vertical user origin "
        + "\(page.fractions(page.footprint.right + 12, page.footprint.bottom)) "
        + "size \(rounded(14 / page.width)),\(rounded(page.footprint.width / page.height))")
    for line in sizeKey(scale, perMetre: perMetre, page) + partKey(shown, page) { panel.set(line) }

    func table(_ name: String, _ stations: [DrawnStation]) -> Figure.Table {
      Figure.Table(
        name: name,
        columns: "east [km], north [km], disc [km], time [us], signal [VEM/m2], station",
        rows: stations.map { station in
          [
            station.position.x / 1000, station.position.y / 1000,
            scale.radius(of: station.signal?.signal ?? 0) / 1000,
            ((station.signal?.time ?? .nan) - first) / 1000, station.signal?.signal ?? .nan,
            Double(station.id),
          ]
        })
    }
    // Large discs first, so that none hides another.
    let hit = shown.filter { $0.signal != nil }.sorted {
      $0.signal?.signal ?? 0 > $1.signal?.signal ?? 0
    }
    let plain = "fillstyle solid 1 border lc rgb"
    panel.plot(
      table("a_silent", shown.filter { $0.part == .silent || $0.part == .away }),
      "using 1:2 with points pt 7 ps 0.45 lc rgb '#b0b0b0' notitle")
    panel.plot(
      table("a_dead", shown.filter { $0.part == .dead }),
      "using 1:2 with points pt 2 ps 0.8 lw 1.4 lc rgb aside notitle")
    panel.plot(
      table("a_excluded", hit.filter { !timedIDs.contains($0.id) && $0.part != .badTiming }),
      "using 1:2:3 with circles lw 1.2 lc rgb aside fillstyle empty border lc rgb aside notitle")
    panel.plot(
      table("a_out_of_time", hit.filter { !timedIDs.contains($0.id) && $0.part == .badTiming }),
      "using 1:2:3 with circles lc rgb '#d0d0d0' \(plain) '#555555' notitle")
    panel.plot(
      table("a_timed", hit.filter { timedIDs.contains($0.id) }),
      "using 1:2:3:4 with circles lc palette \(plain) data notitle")
    panel.plot(
      table("a_saturated", hit.filter { $0.signal?.isSaturated ?? false }),
      "using 1:2:($3*1.22) with circles lw 1.8 lc rgb data fillstyle empty border lc rgb data "
        + "notitle"
    )
    let showers = showers
    let axes = showers.map { axisTable($0.name, $0.shower, side: window.side) }
    for table in axes {
      panel.plot(table, "using 1:2:3:4 with vectors nohead lw 6 lc rgb 'white' notitle")
    }
    for (table, shower) in zip(axes, showers) {
      panel.plot(
        table,
        "using 1:2:3:4 with vectors head filled size screen 0.01,18 lw 2.2 lc rgb \(shower.colour) "
          + "notitle"
      )
    }
    for (name, shower, colour) in showers {
      let core = Figure.Table(
        name: "a_core_\(name)", columns: "east [km], north [km]",
        rows: [[shower.coreX / Units.kilometre, shower.coreY / Units.kilometre]])
      panel.plot(core, "using 1:2 with points pt 1 ps 2.5 lw 7 lc rgb 'white' notitle")
      panel.plot(core, "using 1:2 with points pt 1 ps 2.3 lw 3 lc rgb \(colour) notitle")
    }
    return panel
  }

  /// Showers to draw, the one on top last.
  private var showers: [(name: String, shower: Shower, colour: String)] {
    (truth.map { [("truth", $0, "truth")] } ?? [])
      + drawnMethods.reversed().map { ($0.colour, $0.shower, $0.colour) }
      + (fitted.map { [("standard", $0, "standard")] } ?? [])
  }

  /// The axis on the ground, from where the shower came to beyond the core; sin theta long.
  private func axisTable(_ name: String, _ shower: Shower, side: Double) -> Figure.Table {
    let n = shower.direction.vector
    let ground = SIMD2(n.x, n.y) * side / Units.kilometre
    let tail = SIMD2(shower.coreX, shower.coreY) / Units.kilometre + 0.42 * ground
    return Figure.Table(
      name: "a_axis_\(name)", columns: "start east, north [km], length east, north [km]",
      rows: [[tail.x, tail.y, -0.68 * ground.x, -0.68 * ground.y]])
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

  /// Marks of the stations that are there.
  private func partKey(_ shown: [DrawnStation], _ page: EventPage) -> [String] {
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
        "pt 7 ps 0.45 lc rgb '#b0b0b0'"
      ),
      (parts.contains(.dead), "dead", "pt 2 ps 0.8 lw 1.4 lc rgb aside"),
    ]
    var x = page.footprint.left + 7
    return marks.filter(\.isThere).flatMap { mark in
      defer { x += 7.4 * Double(mark.text.count) + 36 }
      return page.mark(
        mark.point, "'\(mark.text)'", x, page.partKeyLine, "left font ',9' textcolor rgb data")
    }
  }

  private func kilometres(_ metres: Double) -> Double { rounded(metres / Units.kilometre) }
}
