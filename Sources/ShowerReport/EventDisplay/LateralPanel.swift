internal import Foundation
internal import ShowerModel

extension EventPicture {
  /// Distances of the lateral distribution: from inside the nearest station to beyond the farthest
  /// [m].
  var lateralRange: ClosedRange<Double> {
    let used = stations.filter { $0.hasTime || $0.part == .badTiming }.map(\.distance)
      .filter(\.isFinite)
    let (near, far) = (used.min() ?? 500, used.max() ?? 2000)
    return max(0.75 * min(near, 700), 20)...max(1.3 * far, 1500)
  }

  /// Signals against the distance from the axis, and what is left of them below.
  func lateralPanels(_ page: EventPage) -> [Panel] {
    let range = lateralRange
    let shown = stations.filter { range.contains($0.distance) }
    return [lateralPanel(shown, range, page), lateralResidualPanel(shown, range, page)]
  }

  private func lateralPanel(
    _ shown: [DrawnStation], _ range: ClosedRange<Double>, _ page: EventPage
  ) -> Panel {
    let used = stations.filter { $0.hasTime || $0.part == .badTiming }.compactMap(\.signal?.signal)
    let positive = (used + [standard.signal800]).filter { $0 > 0 }
    let silentLimit = DrawnStation.silentLimit(area: array.detector.stationArea)
    let low = 0.45 * min(positive.min() ?? 1, silentLimit)
    // The curve is steep near the core: it may leave the panel, the stations may not.
    let high = 4 * (positive.max() ?? 1)
    var panel = Panel(
      page.margins(page.lateral),
      page.title("b", "Lateral distribution\(signal800Text)", page.lateral.left, page.titleLine),
      // Ranges first: the old ones may have no logarithm.
      "set xrange [\(rounded(range.lowerBound)):\(rounded(range.upperBound))]",
      "set yrange [\(rounded(low)):\(rounded(high))]", "set logscale xy", "set format x ''",
      "set xtics (\(EventPicture.distanceTics))", "set format y '10^{%L}'",
      "set ylabel 'S [VEM/m^2]' offset 0.5",
      page.key(page.lateral.left),
      "set arrow from first 800,graph 0 to first 800,graph 1 nohead back lw 1 dt 3 lc rgb standard")
    // A fit of the front alone has no lateral distribution.
    if standard.signal800 > 0 { panel.set(signal800Mark) }

    let curve = Figure.Table(
      name: "b_curve", columns: "distance from the axis [m], fitted signal [VEM/m2]",
      rows: EventPicture.logarithmicSteps(range, count: 160).map { [$0, fittedSignal(at: $0)] }
        .filter { abs($0[1]) < 1e12 })
    panel.plot(curve, "using 1:2 with lines lw 2 lc rgb standard title 'standard fit'")
    func table(_ part: DrawnStation.Part) -> Figure.Table {
      Figure.Table(
        name: "b_\(part)",
        columns: "distance from the axis [m], signal [VEM/m2], error [VEM/m2], station",
        rows: shown.filter { $0.part == part && $0.signal?.signal ?? 0 > 0 }.map {
          [
            $0.distance, $0.signal?.signal ?? .nan, $0.signal?.signalSigma ?? .nan, Double($0.id),
          ]
        })
    }
    let silent = Figure.Table(
      name: "b_silent", columns: "distance from the axis [m], upper limit [VEM/m2], station",
      rows: shown.filter { $0.part == .silent }.map {
        [$0.distance, silentLimit, Double($0.id)]
      })
    let arrow = "with vectors head filled size screen 0.005,25 lw 1.2 lc rgb"
    panel.plot(silent, "using 1:2:(0):(-0.4*$2) \(arrow) '#b0b0b0' title 'silent: S below (95 %)'")
    panel.plot(table(.excluded), "using 1:2 with points pt 6 ps 0.9 lc rgb aside title 'not used'")
    panel.plot(table(.badTiming), "using 1:2:3 with yerrorbars pt 5 ps 0.9 lc rgb aside notitle")
    panel.plot(
      table(.badTiming), "using 1:2 with points pt 5 ps 0.9 lc rgb aside title 'out of time'")
    let limits = Figure.Table(
      name: "b_lower_limits", columns: "distance from the axis [m], lower limit [VEM/m2], station",
      rows: shown.filter { $0.signal?.isSaturated ?? false && $0.part != .excluded }.map {
        [$0.distance, $0.signal?.signal ?? .nan, Double($0.id)]
      })
    panel.plot(limits, "using 1:2:(0):(0.9*$2) \(arrow) data notitle")
    panel.plot(
      table(.saturated),
      "using 1:2 with points pt 6 ps 1.1 lw 1.6 lc rgb data title 'saturated: S above'")
    panel.plot(table(.fitted), "using 1:2:3 with yerrorbars pt 7 ps 0.9 lw 1.3 lc rgb data notitle")
    panel.plot(table(.fitted), "using 1:2 with points pt 7 ps 0.9 lc rgb data title 'in the fit'")
    return panel
  }

  /// S800 with its error; nothing for a fit of the front alone.
  private var signal800Text: String {
    guard standard.signal800 > 0 else { return "" }
    return ", S_{800} = \(measured(standard.signal800, standard.signal800Sigma))"
  }

  /// S800 on the curve.
  private var signal800Mark: String {
    "set label '' at first 800,first \(rounded(standard.signal800)) point pt 7 ps 0.9 "
      + "lc rgb standard front"
  }

  private func lateralResidualPanel(
    _ shown: [DrawnStation], _ range: ClosedRange<Double>, _ page: EventPage
  ) -> Panel {
    let hasPulls = shown.contains { $0.signal?.signalPull.isFinite ?? false }
    func residual(_ station: DrawnStation) -> Double {
      guard let signal = station.signal else { return .nan }
      return hasPulls ? signal.signalPull : log(signal.signal / signal.expectedSignal)
    }
    func table(_ part: DrawnStation.Part) -> Figure.Table {
      Figure.Table(
        name: "b_residual_\(part)", columns: "distance from the axis [m], residual, station",
        rows: shown.filter { $0.part == part && residual($0).isFinite }.map {
          [$0.distance, residual($0), Double($0.id)]
        })
    }
    let tables = [table(.badTiming), table(.fitted)]
    let size = tables.flatMap(\.rows).map { $0[1].magnitude }.max() ?? 1
    let limit = rounded(hasPulls ? max(1.15 * size, 3) : max(1.2 * size, 0.5))
    var panel = Panel(
      page.margins(page.lateralResidual),
      "set xrange [\(rounded(range.lowerBound)):\(rounded(range.upperBound))]",
      "set logscale x", "set yrange [\(-limit):\(limit)]",
      "set xtics (\(EventPicture.distanceTics))",
      "set ytics \(EventPicture.roundStep(atMost: 0.85 * limit))",
      "set xlabel 'distance from the axis [m]'",
      "set ylabel '\(hasPulls ? "pull [σ]" : "ln(S / S_{fit})")' offset 1",
      EventPicture.zeroLine)
    if hasPulls {
      panel.set(
        "set object rectangle from graph 0,first -1 to graph 1,first 1 behind fillcolor rgb "
          + "'#f0f0f0' fillstyle solid 1 noborder"
      )
    }
    panel.plot(formula: "NaN notitle")
    panel.plot(tables[0], "using 1:2 with points pt 5 ps 0.9 lc rgb aside notitle")
    panel.plot(tables[1], "using 1:2 with points pt 7 ps 0.9 lc rgb data notitle")
    return panel
  }

  static let distanceTics =
    [20.0, 50, 100, 200, 500, 1000, 2000, 5000, 10_000].map(shortText).joined(separator: ", ")
    + [30.0, 40, 60, 70, 80, 90, 300, 400, 600, 700, 800, 900, 3000, 4000, 6000, 7000, 8000, 9000]
    .map { ", '' \(shortText($0)) 1" }.joined()
  static let zeroLine =
    "set arrow from graph 0,first 0 to graph 1,first 0 nohead back lw 1.5 lc rgb standard"

  /// A distance of tics: the largest of 1, 2, 5, 10, 20... times a power of ten that is not above a
  /// limit.
  static func roundStep(atMost limit: Double) -> Double {
    let decade = pow(10, log10(limit).rounded(.down))
    return rounded(decade * (limit < 2 * decade ? 1 : limit < 5 * decade ? 2 : 5))
  }

  /// Distances with equal ratios.
  static func logarithmicSteps(_ range: ClosedRange<Double>, count: Int) -> [Double] {
    let ratio = log(range.upperBound / range.lowerBound)
    return (0...count).map { range.lowerBound * exp(ratio * Double($0) / Double(count)) }
  }
}
