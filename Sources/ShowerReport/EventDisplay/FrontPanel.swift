internal import Foundation
internal import ShowerModel

extension EventPicture {
  /// Delays behind the plane front against the distance from the axis, and what is left of them
  /// below.
  func frontPanels(_ page: EventPage) -> [Panel] {
    let timed = stations.filter(\.hasTime)
    let far = 1.08 * max(timed.map(\.distance).filter(\.isFinite).max() ?? 1000, 500)
    return [frontPanel(timed, far, page), frontResidualPanel(timed, far, page)]
  }

  private func frontPanel(_ timed: [DrawnStation], _ far: Double, _ page: EventPage) -> Panel {
    let curve = Figure.Table(
      name: "c_curve", columns: "distance from the axis [m], fitted delay [ns]",
      rows: (1...160).map { Double($0) / 160 * far }.map { [$0, fittedDelay(at: $0)] }
        .filter { abs($0[1]) < 1e12 })
    let ends = timed.flatMap { station in
      let sigma = station.signal?.timeSigma ?? .nan
      return [station.delay, station.delay - sigma, station.delay + sigma]
    }.filter(\.isFinite)
    let low = min(ends.min() ?? 0, 0)
    // The curve may leave the panel, the stations may not.
    let highest = max(ends.max() ?? 0, 100)
    let high = min(max(curve.rows.last?[1] ?? 0, highest), 1.6 * highest)
    let room = 0.06 * (high - low)
    var panel = Panel(
      page.margins(page.front),
      page.title("c", "Shower front, \(curvatureText)", page.front.left, page.titleLine),
      "set xrange [0:\(rounded(far))]",
      "set yrange [\(rounded(low - room)):\(rounded(high + room))]",
      "set format x ''", "set xtics \(EventPicture.distanceStep(far))",
      "set ylabel 'delay behind the plane [ns]' offset 0.3",
      page.key(page.front.left),
      EventPicture.zeroLine.replacing("lw 1.5 lc rgb standard", with: "lw 1 lc rgb aside dt 3"))
    panel.plot(curve, "using 1:2 with lines lw 2 lc rgb standard title 'standard fit'")
    for (part, point, title) in EventPicture.timedParts {
      let table = Figure.Table(
        name: "c_\(part)", columns: "distance from the axis [m], delay [ns], error [ns], station",
        rows: timed.filter { $0.part == part && $0.delay.isFinite }.map {
          [$0.distance, $0.delay, $0.signal?.timeSigma ?? .nan, Double($0.id)]
        })
      panel.plot(table, "using 1:2:3 with yerrorbars \(point) lc rgb data notitle")
      panel.plot(table, "using 1:2 with points \(point) lc rgb data title '\(title)'")
    }
    return panel
  }

  private var curvatureText: String {
    let isFixed = standard.flags.contains(.curvatureFixed)
    return "a = \(measured(standard.curvature, isFixed ? .nan : standard.curvatureSigma)) ns"
      + (isFixed ? " (fixed)" : "")
  }

  private func frontResidualPanel(
    _ timed: [DrawnStation], _ far: Double, _ page: EventPage
  ) -> Panel {
    let size =
      timed.compactMap { station in
        station.signal.map {
          $0.timeResidual.magnitude + ($0.timeSigma.isFinite ? $0.timeSigma : 0)
        }
      }.filter(\.isFinite).max() ?? 100
    let limit = rounded(max(1.1 * size, 60))
    var panel = Panel(
      page.margins(page.frontResidual), "set xrange [0:\(rounded(far))]",
      "set yrange [\(-limit):\(limit)]", "set xtics \(EventPicture.distanceStep(far))",
      "set ytics \(EventPicture.roundStep(atMost: 0.85 * limit))",
      "set xlabel 'distance from the axis [m]'", "set ylabel 'residual [ns]' offset 0.3",
      EventPicture.zeroLine)
    panel.plot(formula: "NaN notitle")
    for (part, point, _) in EventPicture.timedParts {
      let table = Figure.Table(
        name: "c_residual_\(part)",
        columns: "distance from the axis [m], time residual [ns], error [ns], station",
        rows: timed.filter { $0.part == part && $0.signal?.timeResidual.isFinite ?? false }.map {
          [
            $0.distance, $0.signal?.timeResidual ?? .nan, $0.signal?.timeSigma ?? .nan,
            Double($0.id),
          ]
        })
      panel.plot(table, "using 1:2:3 with yerrorbars \(point) lc rgb data notitle")
      panel.plot(table, "using 1:2 with points \(point) lc rgb data notitle")
    }
    return panel
  }

  private static let timedParts: [(DrawnStation.Part, point: String, title: String)] = [
    (.saturated, "pt 6 ps 1.1 lw 1.6", "saturated"), (.fitted, "pt 7 ps 0.9", "in the fit"),
  ]

  /// Distance of the tics of an axis from 0 to `far` [m]: four to eight of them.
  static func distanceStep(_ far: Double) -> Double {
    [200.0, 500, 1000, 2000, 5000].first { far / $0 <= 7 } ?? 10_000
  }
}
