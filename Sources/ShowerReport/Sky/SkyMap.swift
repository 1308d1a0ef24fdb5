internal import Foundation
package import ShowerModel

/// Where in the sky methods see the showers of events with a time, in two frames.
package struct SkyMap: Sendable {
  /// A shower as a method sees it.
  package struct Place: Sendable {
    package let coordinates: SkyCoordinates
    /// Radius that holds 68 % of the true directions, if the errors are right [rad]; NaN where they
    /// are unknown.
    package let radius: Double

    /// The radius of a circular normal distribution with the mean variance of both directions:
    /// `√(-2 ln 0.32) σ`, `σ² = (σ_θ² + sin² θ σ_φ²) / 2`.
    package init(_ coordinates: SkyCoordinates, zenith: Double, sigma: Shower) {
      self.coordinates = coordinates
      let azimuth = sin(zenith) * sigma.azimuth
      let variance = (sigma.zenith * sigma.zenith + azimuth * azimuth) / 2
      radius = (-2 * log(0.32) * variance).squareRoot()
    }
  }

  package let title: String
  /// The standard fit first.
  package let methods: [(name: String, places: [Place])]

  package init(title: String, methods: [(name: String, places: [Place])]) {
    self.title = title
    self.methods = methods
  }

  /// Events up to which each has its circles.
  static let mostCircles = 300

  private struct Frame {
    let name: String
    let longitudeName: String
    let projection: HammerProjection
    let longitude: @Sendable (SkyCoordinates) -> Double
    let latitude: @Sendable (SkyCoordinates) -> Double
    /// The plane of the other frame, and what it is.
    let plane: [(longitude: Double, latitude: Double)]
    let planeName: String
  }

  private static let frames = [
    Frame(
      name: "equatorial", longitudeName: "right ascension",
      projection: HammerProjection(centre: .pi), longitude: { $0.rightAscension },
      latitude: { $0.declination },
      plane: skyCircle(
        192.85948 * Units.degree, 27.12825 * Units.degree, radius: .pi / 2, points: 180),
      planeName: "galactic plane"),
    Frame(
      name: "galactic", longitudeName: "galactic longitude",
      projection: HammerProjection(centre: 0), longitude: { $0.galacticLongitude },
      latitude: { $0.galacticLatitude },
      plane: skyCircle(
        122.93192 * Units.degree, 27.12825 * Units.degree, radius: .pi / 2, points: 180),
      planeName: "celestial equator"),
  ]

  private var colours: [String] {
    ["standard", "corrected"] + MethodColours.others.indices.map { "other\($0 + 1)" }
  }

  /// Both maps, as a script and its data.
  func figure(name: String) -> Figure {
    let drawn = Array(zip(methods, colours))
    let panels = Self.frames.enumerated().map { panel($0.element, number: $0.offset, drawn) }
    let count = methods.map(\.places.count).max() ?? 0
    return Figure(
      name: name, title: title,
      caption: "Hammer projection of \(count) events. Circles hold 68 % if the errors are right.",
      width: 900, height: 1010,
      commands: """
        set multiplot
        \(legend(drawn))
        \(panels.map(\.commands).joined(separator: "\nunset label\nunset arrow\n"))
        unset multiplot
        """, tables: panels.flatMap(\.tables))
  }

  private func legend(_ drawn: [(method: (name: String, places: [Place]), colour: String)])
    -> String
  {
    let title = "set label \(EscapedText.gnuplot(title)) at screen 0.02,0.98 left font ',11'"
    return
      ([title]
      + drawn.enumerated().flatMap { number, entry in
        let x = 0.04 + 0.22 * Double(number % 4)
        let y = 0.955 - 0.02 * Double(number / 4)
        return [
          "set label '' at screen \(x),\(y) point pt 7 ps 1 lc rgb \(entry.colour)",
          "set label \(EscapedText.gnuplot(entry.method.name)) at screen \(x + 0.015),\(y) left",
        ]
      }).joined(separator: "\n")
  }

  private func panel(
    _ frame: Frame, number: Int,
    _ drawn: [(method: (name: String, places: [Place]), colour: String)]
  ) -> Panel {
    let top = 0.90 - 0.46 * Double(number)
    var panel = Panel(
      "set lmargin at screen 0.03\nset rmargin at screen 0.97",
      "set tmargin at screen \(rounded(top))\nset bmargin at screen \(rounded(top - 0.419))",
      "set xrange [-2.9:2.9]\nset yrange [-1.45:1.45]", "unset border\nunset tics\nunset key",
      "unset grid")
    for line in graticuleLabels(frame, top) { panel.set(line) }
    panel.plot(graticule(frame), "using 1:2 with lines lw 0.8 lc rgb '#c8c8c8' notitle")
    panel.plot(
      Figure.Table(
        name: "\(frame.name)_plane", columns: "x, y of the \(frame.planeName)",
        rows: frame.projection.line(frame.plane)),
      "using 1:2 with lines lw 1.6 dt (8,5) lc rgb '#666666' notitle")
    for (place, entry) in drawn.enumerated() {
      let points = Figure.Table(
        name: "\(frame.name)_\(place)", columns: "x, y of each event",
        rows: entry.method.places.map { shown in
          let point = frame.projection.point(
            frame.longitude(shown.coordinates), frame.latitude(shown.coordinates))
          return [point.x, point.y]
        })
      panel.plot(points, "using 1:2 with points pt 7 ps 0.5 lc rgb \(entry.colour) notitle")
      guard entry.method.places.count <= Self.mostCircles else { continue }
      let circles = Figure.Table(
        name: "\(frame.name)_\(place)_circles", columns: "x, y of circles that hold 68 %",
        rows: entry.method.places.filter(\.radius.isFinite).flatMap { shown in
          frame.projection.line(
            skyCircle(
              frame.longitude(shown.coordinates), frame.latitude(shown.coordinates),
              radius: shown.radius)) + [[]]
        })
      panel.plot(circles, "using 1:2 with lines lw 1.4 lc rgb \(entry.colour) notitle")
    }
    return panel
  }

  /// Circles of latitude and meridians every 30 degrees, and the border.
  private func graticule(_ frame: Frame) -> Figure.Table {
    let steps = (0...120).map { Double($0) / 120 }
    var rows: [[Double]] = []
    for longitude in stride(from: -180.0, through: 180, by: 30) {
      // Just inside of both ends, which are the border.
      let l = frame.projection.centre + longitude * 0.999999 * Units.degree
      rows += frame.projection.line(steps.map { (l, ($0 - 0.5) * .pi) }) + [[]]
    }
    for latitude in stride(from: -60.0, through: 60, by: 30) {
      rows +=
        frame.projection.line(
          steps.map {
            (frame.projection.centre + ($0 - 0.5) * 1.999999 * .pi, latitude * Units.degree)
          }) + [[]]
    }
    return Figure.Table(name: "\(frame.name)_grid", columns: "x, y of the grid", rows: rows)
  }

  private func graticuleLabels(_ frame: Frame, _ top: Double) -> [String] {
    let small = "font ',8' textcolor rgb '#595959'"
    let meridians = stride(from: 60.0, through: 300, by: 60).map { offset in
      let longitude = frame.projection.centre / Units.degree - 180 + offset
      let point = frame.projection.point(longitude * Units.degree, 0)
      let shown = Int((longitude + 720).truncatingRemainder(dividingBy: 360).rounded())
      return "set label '\(shown)°' at \(rounded(point.x)),\(rounded(point.y)) "
        + "center offset 0,0.5 \(small)"
    }
    let circles = [-60.0, -30, 30, 60].map { latitude in
      let point = frame.projection.point(
        frame.projection.centre + 0.9999 * .pi, latitude * Units.degree)
      return "set label '\(Int(latitude))°' at \(rounded(point.x)),\(rounded(point.y)) "
        + "right offset -0.6,0 \(small)"
    }
    return meridians + circles + [
      "set label '\(frame.name): \(frame.longitudeName) to the left; dashed: \(frame.planeName)' "
        + "at screen 0.03,\(rounded(top + 0.012)) left font ',9'"
    ]
  }
}
