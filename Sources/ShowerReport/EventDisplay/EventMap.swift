internal import Foundation
internal import ShowerModel

/// The part of the array around a shower: stations with signals as areas and times as colours, the
/// edge of the array, cores and axes.
struct EventMap {
  let window: (x: Double, y: Double, side: Double)
  /// Pixels of a metre on the ground.
  let perMetre: Double
  let shown: [DrawnStation]
  let scale: DiscScale

  private let picture: EventPicture
  /// Stations that show their time: those of the fit, or all where none is in the cluster.
  private let timed: [DrawnStation]
  private let times: (first: Double, last: Double)

  static let edgeStyle = "lw 1.2 dt (8,5) lc rgb '#666666'"

  /// - Parameters:
  ///   - picture: the event.
  ///   - pixels: width of the map on the page.
  init(_ picture: EventPicture, pixels: Double) {
    self.picture = picture
    let window = picture.mapWindow
    self.window = window
    perMetre = pixels / window.side
    let used = picture.stations.filter(\.hasTime)
    timed = used.isEmpty ? picture.stations.filter { $0.signal != nil } : used
    let known = timed.compactMap { $0.signal?.time }.filter(\.isFinite)
    times = (known.min() ?? 0, known.max() ?? 0)
    shown = picture.stations.filter {
      ($0.position.x - window.x - window.side / 2).magnitude < window.side / 2
        && ($0.position.y - window.y - window.side / 2).magnitude < window.side / 2
    }
    scale = DiscScale(
      timed.compactMap { $0.signal?.signal },
      radius: min(0.42 * picture.array.spacing, 0.05 * pixels / perMetre))
  }

  /// Whether the edge of the array passes through the map.
  var showsEdge: Bool {
    let far = (window.x + window.side, window.y + window.side)
    let corners = [
      (window.x, window.y), (window.x, far.1), (far.0, window.y), (far.0, far.1),
      (window.x + window.side / 2, window.y + window.side / 2),
    ].map { picture.array.distanceInsideEdge($0.0, $0.1) > 0 }
    return Set(corners).count == 2
      || picture.array.edge.contains {
        (window.x...far.0).contains($0.x) && (window.y...far.1).contains($0.y)
      }
  }

  /// Ranges of the axes and of the colours.
  var ranges: String {
    """
    set xrange [\(kilometres(window.x)):\(kilometres(window.x + window.side))]
    set yrange [\(kilometres(window.y)):\(kilometres(window.y + window.side))]
    set palette defined (0 "#0d0887", 0.25 "#7e03a8", 0.5 "#cc4778", 0.75 "#f89540", 1 "#f0f921")
    set style fill solid 1
    set cbrange [0:\(rounded(max((times.last - times.first) / Units.microsecond, 0.1)))]
    """
  }

  private func kilometres(_ metres: Double) -> Double { rounded(metres / Units.kilometre) }

  /// Draws all, in tables whose names begin with a prefix.
  func plot(in panel: inout Panel, tables prefix: String) {
    if showsEdge, let first = picture.array.edge.first {
      let corners = (picture.array.edge + [first]).map {
        [$0.x / Units.kilometre, $0.y / Units.kilometre]
      }
      panel.plot(
        Figure.Table(name: "\(prefix)_edge", columns: "east [km], north [km]", rows: corners),
        "using 1:2 with lines \(Self.edgeStyle) notitle")
    }
    plotStations(in: &panel, prefix)
    plotShowers(in: &panel, prefix)
  }

  private func plotStations(in panel: inout Panel, _ prefix: String) {
    func table(_ name: String, _ stations: [DrawnStation]) -> Figure.Table {
      Figure.Table(
        name: "\(prefix)_\(name)",
        columns: "east [km], north [km], disc [km], time [us], signal [VEM/m2], station",
        rows: stations.map { station in
          [
            station.position.x / 1000, station.position.y / 1000,
            scale.radius(of: station.signal?.signal ?? 0) / 1000,
            ((station.signal?.time ?? .nan) - times.first) / 1000,
            station.signal?.signal ?? .nan, Double(station.id),
          ]
        })
    }
    let timedIDs = Set(timed.map(\.id))
    // Large discs first, so that none hides another.
    let hit = shown.filter { $0.signal != nil }.sorted {
      $0.signal?.signal ?? 0 > $1.signal?.signal ?? 0
    }
    let plain = "fillstyle solid 1 border lc rgb"
    panel.plot(
      table("silent", shown.filter { $0.part == .silent || $0.part == .away }),
      "using 1:2 with points pt 7 ps 0.45 lc rgb aside notitle")
    panel.plot(
      table("dead", shown.filter { $0.part == .dead }),
      "using 1:2 with points pt 2 ps 0.8 lw 1.4 lc rgb '#B00020' notitle")
    panel.plot(
      table("excluded", hit.filter { !timedIDs.contains($0.id) && $0.part != .badTiming }),
      "using 1:2:3 with circles lw 1.2 lc rgb aside fillstyle empty border lc rgb aside notitle")
    panel.plot(
      table("out_of_time", hit.filter { !timedIDs.contains($0.id) && $0.part == .badTiming }),
      "using 1:2:3 with circles lc rgb '#d0d0d0' \(plain) '#555555' notitle")
    panel.plot(
      table("timed", hit.filter { timedIDs.contains($0.id) }),
      "using 1:2:3:4 with circles lc palette \(plain) data notitle")
    panel.plot(
      table("saturated", hit.filter { $0.signal?.isSaturated ?? false }),
      "using 1:2:($3*1.22) with circles lw 1.8 lc rgb data fillstyle empty border lc rgb data "
        + "notitle")
  }

  private func plotShowers(in panel: inout Panel, _ prefix: String) {
    let showers = picture.showers
    let axes = showers.map { axis("\(prefix)_axis_\($0.name)", $0.shower) }
    for table in axes {
      panel.plot(table, "using 1:2:3:4 with vectors nohead lw 6 lc rgb 'white' notitle")
    }
    for (table, shower) in zip(axes, showers) {
      panel.plot(
        table,
        "using 1:2:3:4 with vectors head filled size screen 0.01,18 lw 2.2 lc rgb "
          + "\(shower.colour) notitle")
    }
    for (name, shower, colour) in showers {
      let core = Figure.Table(
        name: "\(prefix)_core_\(name)", columns: "east [km], north [km]",
        rows: [[shower.coreX / Units.kilometre, shower.coreY / Units.kilometre]])
      panel.plot(core, "using 1:2 with points pt 1 ps 2.5 lw 7 lc rgb 'white' notitle")
      panel.plot(core, "using 1:2 with points pt 1 ps 2.3 lw 3 lc rgb \(colour) notitle")
    }
  }

  /// The axis on the ground, from where the shower came to beyond the core; sin theta long.
  private func axis(_ name: String, _ shower: Shower) -> Figure.Table {
    let n = shower.direction.vector
    let ground = SIMD2(n.x, n.y) * window.side / Units.kilometre
    let tail = SIMD2(shower.coreX, shower.coreY) / Units.kilometre + 0.42 * ground
    return Figure.Table(
      name: name, columns: "start east, north [km], length east, north [km]",
      rows: [[tail.x, tail.y, -0.68 * ground.x, -0.68 * ground.y]])
  }
}
