internal import Foundation
internal import ShowerModel

/// The waveforms of one station around the signal that the reconstruction uses.
struct DrawnWaveform: Sendable {
  let station: DrawnStation
  let signal: StationSignal
  /// Windows of the signal, in order of time.
  let hits: [Hit]
  /// What the stations are.
  let detector: DetectorDescription

  /// Length of a sample [ns].
  var samplePeriod: Double { detector.samplePeriod }
  /// Layers that stations have.
  var layers: ArraySlice<Layer> { Layer.allCases.prefix(detector.layerCount) }

  /// Start of the first window, from which the times of the plot count [ns].
  var origin: Double { hits.first?.windowStart ?? 0 }
  /// Leading edge, mean of the layers [us after the origin].
  var onset: Double { (signal.time - origin) / Units.microsecond }
  /// Dashes of marks of time.
  static let dash = "dt (7,4)"

  /// Largest sample of the layers [VEM].
  var largestSample: Double {
    let values: [Double] = hits.flatMap { hit in
      hit.goodLayers.map { layer in
        let waveform = hit[layer]
        return (Double(waveform.samples.max() ?? 0) - waveform.pedestal) / waveform.countsPerVEM
      }
    }
    return values.filter { abs($0) < 1e12 }.max() ?? 0
  }

  /// Where the fitted front passes; NaN without a fit [us after the origin].
  var expected: Double { (signal.time - signal.timeResidual - origin) / Units.microsecond }
  /// End of the last window [us after the origin].
  var end: Double {
    (hits.map { $0.windowStart + samplePeriod * Double($0.upper.samples.count) }.max() ?? 0)
      / Units.microsecond - origin / Units.microsecond
  }

  /// Keeps the windows that hold the signal: that of its onset and those merged into it.
  ///
  /// Takes all windows of the station; nil without one.
  init?(_ station: DrawnStation, hits: [Hit], detector: DetectorDescription) {
    guard let signal = station.signal else { return nil }
    self.station = station
    self.signal = signal
    self.detector = detector
    let ordered = hits.sorted { $0.windowStart < $1.windowStart }
    let start = ordered.lastIndex { $0.windowStart <= signal.time } ?? 0
    self.hits = Array(ordered.dropFirst(start).prefix(max(signal.windowCount, 1)))
    if self.hits.isEmpty { return nil }
  }

  /// Time [us after the origin] and signal of every sample [VEM], and of the end of the last one.
  func steps(_ waveform: Waveform, from start: Double) -> [[Double]] {
    let values = waveform.samples.map { (Double($0) - waveform.pedestal) / waveform.countsPerVEM }
    return (values + values.suffix(1)).enumerated().map { index, value in
      [(start + samplePeriod * Double(index)) / Units.microsecond, value]
    }
  }
}

extension EventPicture {
  /// The stations with the largest signals; those of the fit come before others.
  var drawnWaveforms: [DrawnWaveform] {
    let hits = Dictionary(grouping: event.hits) { array.stations[$0.station].id }
    return stations.filter { $0.signal != nil }.sorted {
      let (a, b) = ($0.part == .excluded, $1.part == .excluded)
      return a == b ? $0.signal?.signal ?? 0 > $1.signal?.signal ?? 0 : b
    }.prefix(waveformCount).compactMap {
      DrawnWaveform($0, hits: hits[$0.id] ?? [], detector: array.detector)
    }
  }

  func waveformPanels(_ page: EventPage) -> [Panel] {
    drawnWaveforms.enumerated().map { number, waveform in
      waveformPanel(waveform, number: number, page)
    }
  }

  private func waveformPanel(
    _ waveform: DrawnWaveform, number: Int, _ page: EventPage
  ) -> Panel {
    let frame = page.waveform(number)
    let top = max(waveform.largestSample, 0.1)
    let sample = "\(rounded(waveform.samplePeriod)) ns"
    var panel = Panel(
      page.margins(frame), "set xrange [0:\(rounded(waveform.end))]",
      "set yrange [\(rounded(-0.08 * top)):\(rounded(1.1 * top))]",
      "set ytics \(EventPicture.roundStep(atMost: 0.45 * top))",
      "set xlabel 'time in the window [µs]'",
      page.label(
        "'\(description(of: waveform))'", frame.left, frame.top - 12,
        "left font ',9' textcolor rgb data"))
    if number % page.waveformsInRow == 0 { panel.set("set ylabel 'VEM / \(sample)'") }
    if number == 0 {
      for line in waveformKey(page) { panel.set(line) }
    }
    for (time, colour) in [(waveform.expected, "standard"), (waveform.onset, "data")]
    where (0...waveform.end).contains(time) {
      panel.set(
        "set arrow from first \(rounded(time)),graph 0 to first \(rounded(time)),graph 1 "
          + "nohead front lw 1.4 \(DrawnWaveform.dash) lc rgb \(colour)")
    }
    for (index, hit) in waveform.hits.enumerated() {
      for layer in waveform.layers {
        let (name, usual) =
          layer == .upper ? ("upper", "data") : ("lower", "'\(MethodColours.lowerLayer)'")
        let colour = hit.badLayers.contains(layer) ? "aside" : usual
        panel.plot(
          Figure.Table(
            name: "d_\(waveform.station.id)_\(index)_\(name)",
            columns: "time in the window [us], signal [VEM / \(sample)]",
            rows: waveform.steps(hit[layer], from: hit.windowStart - waveform.origin)),
          "using 1:2 with steps lw 1.3 lc rgb \(colour) notitle")
      }
    }
    return panel
  }

  /// Station, distance and signal: "1608   812 m   45.2 VEM/m²".
  private func description(of waveform: DrawnWaveform) -> String {
    let signal = waveform.signal
    var parts = ["{/:Bold \(waveform.station.id)}"]
    if waveform.station.distance.isFinite {
      parts.append("\(text(waveform.station.distance, decimals: 0)) m")
    }
    parts.append(
      "\(text(signal.signal, decimals: significantDecimals(signal.signal))) VEM/m²")
    if signal.isSaturated { parts.append("saturated") }
    for layer in waveform.layers where signal.badLayers.contains(layer) {
      parts.append("\(layer) layer bad")
    }
    switch waveform.station.part {
    case .badTiming: parts.append("out of time")
    case .excluded: parts.append("not used")
    default: break
    }
    return parts.joined(separator: "   ")
  }

  private func waveformKey(_ page: EventPage) -> [String] {
    let y = page.waveformTitleLine
    var lines = [
      page.title(
        fitted == nil ? "b" : "d",
        fitted == nil
          ? "Waveforms" : "Waveforms of the largest signals (station, distance from the axis, S)",
        page.waveformLeft, y)
    ]
    var x = page.waveformLeft + (fitted == nil ? 200 : 580)
    let marks: [(text: String, colour: String, dash: String)] =
      (array.detector.layerCount == 2
        ? [
          ("upper layer", "data", "dt 1"), ("lower layer", "'\(MethodColours.lowerLayer)'", "dt 1"),
        ] : [])
      + [("leading edge", "data", DrawnWaveform.dash)]
      + (fitted == nil ? [] : [("fitted front", "standard", DrawnWaveform.dash)])
    for mark in marks {
      lines.append(
        "set arrow from \(page.screen(x, y)) to \(page.screen(x + 28, y)) nohead front lw 2 "
          + "\(mark.dash) lc rgb \(mark.colour)")
      lines.append(page.label("'\(mark.text)'", x + 36, y, "left font ',9' textcolor rgb data"))
      x += 150
    }
    return lines
  }
}
