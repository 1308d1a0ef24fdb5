internal import Foundation
package import ShowerModel

/// One event of a page of `browse`.
package struct BrowserEvent: Sendable {
  /// The event with its fit, as a picture has it.
  package let picture: EventPicture
  /// Results of all methods, in the order of the page.
  package let methods: [Reconstruction]
  package let waveforms: WaveformExtent

  package init(picture: EventPicture, methods: [Reconstruction], waveforms: WaveformExtent) {
    self.picture = picture
    self.methods = methods
    self.waveforms = waveforms
  }

  /// What the script draws, as JSON on one line. `tables/browse/browse.js` names its parts.
  package var json: String {
    var json = CompactJSON()
    json.object { json in
      json.member("state") { $0.string(picture.statusText + picture.verdict) }
      json.member("methods") { json in
        json.list(methods) { write($1, to: &$0) }
      }
      json.member("truth") { writeTruth(to: &$0) }
      json.member("stations") { json in
        let hit = picture.stations.enumerated().filter { $0.element.signal != nil }
        json.list(hit) { write($1.element, $1.offset, to: &$0) }
      }
      json.member("dead") { json in
        json.list(picture.event.deadStations) { $0.integer($1) }
      }
      json.member("lateral") { write(lateralCurve, to: &$0) }
      json.member("front") { write(frontCurve, to: &$0) }
      json.member("waveforms") { writeWaveforms(to: &$0) }
    }
    return json.text
  }

  private func write(_ result: Reconstruction, to json: inout CompactJSON) {
    json.object { json in
      json.member("values") { json in
        guard result.hasGeometry else { return json.null() }
        json.numbers(Self.values(result.shower, result.sigma))
      }
      if let truth = picture.event.truth {
        json.member("errors") { json in
          json.numbers([
            (Observable.spaceAngle.error(result.shower, truth.shower) / Units.degree, 3),
            (Observable.logEnergy.error(result.shower, truth.shower), 4),
            (Observable.coreDistance.error(result.shower, truth.shower), 1),
          ])
        }
      }
      if let note = Self.note(result) { json.member("note") { $0.string(note) } }
    }
  }

  /// Why there is no result, or why it is the standard one; nil for a good one.
  static func note(_ result: Reconstruction) -> String? {
    if result.fallback != .none { return "not corrected: \(result.fallback.explanation)" }
    return result.status == .good ? nil : "no energy: \(result.status.explanation)"
  }

  private static func values(_ shower: Shower, _ sigma: Shower) -> [(Double, decimals: Int)] {
    [
      (shower.energy, 4), (shower.energy * log(10) * sigma.logEnergy, 4),
      (shower.zenith / Units.degree, 3), (sigma.zenith / Units.degree, 3),
      (Units.positive(shower.azimuth) / Units.degree, 3), (sigma.azimuth / Units.degree, 3),
      (shower.coreX, 1), (sigma.coreX, 1), (shower.coreY, 1), (sigma.coreY, 1),
    ]
  }

  private func writeTruth(to json: inout CompactJSON) {
    guard let truth = picture.event.truth else { return json.null() }
    let shower = truth.shower
    json.object { json in
      json.member("text") {
        $0.string(
          "\(truth.primary), Xmax \(text(truth.xmax, decimals: 0)) g/cm², "
            + "shower \(picture.event.showerID)")
      }
      json.member("values") {
        $0.numbers([
          (shower.energy, 4), (shower.zenith / Units.degree, 3),
          (Units.positive(shower.azimuth) / Units.degree, 3), (shower.coreX, 1), (shower.coreY, 1),
        ])
      }
    }
  }

  /// Number, part, signal and its error, delay and its error, distance, pulls and residual, fitted
  /// signal, time.
  private func write(_ station: DrawnStation, _ index: Int, to json: inout CompactJSON) {
    guard let signal = station.signal else { return json.null() }
    json.numbers([
      (Double(index), 0), (Double(station.part.rawValue), 0), (signal.signal, 3),
      (signal.signalSigma, 3), (station.delay, 0), (signal.timeSigma, 0), (station.distance, 0),
      (signal.signalPull, 2), (signal.timeResidual, 0), (signal.timePull, 2),
      (signal.expectedSignal, 3), (signal.time, 0),
    ])
  }

  private func write(_ curve: [[Double]], to json: inout CompactJSON) {
    json.list(curve) { $0.numbers([($1[0], 0), ($1[1], 3)]) }
  }

  private static let curvePoints = 30

  private var lateralCurve: [[Double]] {
    guard picture.fitted != nil, picture.standard.signal800 > 0 else { return [] }
    return EventPicture.logarithmicSteps(picture.lateralRange, count: Self.curvePoints)
      .map { [$0, picture.fittedSignal(at: $0)] }.filter { $0[1] > 0 && $0[1] < 1e12 }
  }

  private var frontCurve: [[Double]] {
    guard picture.fitted != nil else { return [] }
    let timed = picture.stations.filter(\.hasTime).map(\.distance).filter(\.isFinite)
    let far = 1.08 * max(timed.max() ?? 1000, 500)
    return (1...Self.curvePoints).map { Double($0) / Double(Self.curvePoints) * far }
      .map { [$0, picture.fittedDelay(at: $0)] }.filter { abs($0[1]) < 1e12 }
  }

  /// Windows by the index of their station: start, and by layer pedestal, counts per VEM and
  /// samples.
  private func writeWaveforms(to json: inout CompactJSON) {
    guard waveforms != .none else { return json.null() }
    let layers = Layer.allCases.prefix(picture.array.detector.layerCount)
    json.object { json in
      for run in picture.event.hits.stationRuns {
        let hits = picture.event.hits[run].sorted { $0.windowStart < $1.windowStart }
        let station = hits[0].station
        if waveforms == .fitted, picture.stations[station].part == .excluded { continue }
        json.member("\(station)") { json in
          json.list(hits) { json, hit in
            json.text(ofWindow: hit, layers)
          }
        }
      }
    }
  }
}

/// Of which stations a page holds the waveforms.
package enum WaveformExtent: String, Sendable, CaseIterable {
  case all
  /// Those with a part in the fit.
  case fitted = "fit"
  case none
}

extension CompactJSON {
  fileprivate mutating func text(ofWindow hit: Hit, _ layers: ArraySlice<Layer>) {
    list([nil] + layers.map(Optional.some)) { json, layer in
      guard let layer else { return json.number(hit.windowStart, decimals: 0) }
      let waveform = hit[layer]
      guard !hit.badLayers.contains(layer), waveform.countsPerVEM > 0 else { return json.null() }
      json.list(0..<3) { json, part in
        switch part {
        case 0: json.number(waveform.pedestal, decimals: 2)
        case 1: json.number(waveform.countsPerVEM, decimals: 2)
        default: json.plain(packed(waveform.samples))
        }
      }
    }
  }
}
