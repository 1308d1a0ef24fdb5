internal import Glibc
internal import ShowerModel

extension WaveformBank {
  /// Counts of a vertical muon, over those of the muon peak of the monitoring: the cosine of 35
  /// degrees, the mean zenith angle of muons.
  static let verticalMuon = cos(35 * Units.degree)
  /// Full width at half height over the standard deviation of a normal distribution, to the digits
  /// of the INR chain. The histogram is that of sums of 8 samples.
  static let pedestalWidth = 2.33

  /// Windows of the event, by station and time, on a clock that starts at `microsecond`.
  ///
  /// A station's clock may be in the second before or after that of the trigger. Each window is
  /// put into the second nearest to the trigger. A window that follows another one of its station
  /// without a gap stays a window of its own: the reconstruction joins them.
  ///
  /// - Parameters:
  ///   - indexOfID: index of each station of the array by its number.
  ///   - omissions: counts what is left out.
  /// - Returns: the windows.
  func hits(_ indexOfID: [Int: Int], omissions: inout [String: Int]) -> [Hit] {
    var hits: [Hit] = []
    hits.reserveCapacity(rows.count)
    let origin = Double(microsecond) * Units.microsecond
    for row in rows {
      guard let station = indexOfID[row.station] else {
        omissions["windows of stations that the array has not", default: 0] += 1
        continue
      }
      guard let clock = row.clock else {
        omissions["windows without a clock", default: 0] += 1
        continue
      }
      let (lower, upper) = (row.layers[0], row.layers[1])
      var bad: LayerSet = []
      if !upper.isCalibrated { bad.insert(.upper) }
      if !lower.isCalibrated { bad.insert(.lower) }
      hits.append(
        Hit(
          station: station, windowStart: Self.nearest(clock - origin),
          upper: upper.waveform, lower: lower.waveform, badLayers: bad))
    }
    return hits.sorted { ($0.station, $0.windowStart) < ($1.station, $1.windowStart) }
  }

  /// A time difference, brought to within half a second by whole seconds [ns].
  private static func nearest(_ difference: Double) -> Double {
    difference - (difference / 1e9).rounded() * 1e9
  }
}

extension WaveformBank.LayerRow {
  /// Whether the monitoring found the muon peak.
  fileprivate var isCalibrated: Bool {
    degreesOfFreedom > 0 && muonPeak.isFinite && muonPeak > 0 && muonPeak < 1e6
  }

  fileprivate var waveform: Waveform {
    Waveform(
      samples: samples, pedestal: Double(pedestal) / 8,
      pedestalDeviation: Double(pedestalHigh - pedestalLow) / 8 / WaveformBank.pedestalWidth,
      countsPerVEM: muonPeak.isFinite ? muonPeak * WaveformBank.verticalMuon : 0)
  }
}
