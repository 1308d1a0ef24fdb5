import ShowerModel

/// Measures quantities of an event that depend on the mass of its primary, beyond those of a fit.
struct EventComposition {
  let array: DetectorArray
  /// Later pulses of a station within this time belong to the same signal [ns].
  let mergeTime: Double

  /// The quantities of an event that depend on the mass of its primary.
  ///
  /// - Parameters:
  ///   - event: with its waveforms.
  ///   - stations: every station with a waveform, in order of station, with its role in the fit.
  ///   - axis: the fitted one.
  /// - Returns: finite numbers, or NaN where `CompositionQuantities` says so.
  func quantities(
    of event: Event, _ stations: [StationSignal], around axis: ShowerAxis
  ) -> CompositionQuantities {
    let peaks = tracePeaks(event, stations)
    var sums = CompositionSums(absentLayers: array.detector.absentLayers)
    for (station, peaks) in zip(stations, peaks) where isInCluster(station) {
      sums.add(
        station, peaks, distance: axis.distance(of: array.stations[station.station].position))
    }
    return sums.quantities
  }

  private func isInCluster(_ station: StationSignal) -> Bool {
    (station.role == .fitted || station.role == .saturated) && station.signal.isFinite
  }

  /// Peaks of every station, in the windows that its signal is made of.
  ///
  /// These windows overlap the time from the leading edge to the end of merging. Other windows of
  /// the station hold unrelated muons.
  private func tracePeaks(_ event: Event, _ stations: [StationSignal]) -> [TracePeaks] {
    let samplePeriod = array.detector.samplePeriod
    var peaks = [TracePeaks](repeating: TracePeaks(array.detector), count: stations.count)
    for hit in event.hits {
      guard let index = index(of: hit.station, in: stations), isInCluster(stations[index]) else {
        continue
      }
      let time = stations[index].time
      let length = Double(hit.upper.samples.count) * samplePeriod
      if hit.windowStart + length > time && hit.windowStart < time + mergeTime {
        peaks[index].add(hit)
      }
    }
    return peaks
  }

  /// Place of a station in a list in order of station, by halving.
  private func index(of station: Int, in stations: [StationSignal]) -> Int? {
    var range = stations.indices
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      if stations[middle].station == station { return middle }
      range =
        stations[middle].station < station
        ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return nil
  }
}

/// The sums over the stations of a cluster that `CompositionQuantities` are made of.
private struct CompositionSums {
  /// Layers that stations do not have.
  let absentLayers: LayerSet
  private var unsaturatedCount = 0
  private var moment3 = 0.0
  private var moment4 = 0.0
  private var line = StraightLine()
  private var peakCount = 0
  private var oneLayerPeakCount = 0
  private var largestStation: (signal: Double, peakCount: Int)?
  private var difference = 0.0
  private var total = 0.0
  private var signalSum = 0.0
  private var largestSignal = -Double.infinity

  /// Distance at which area over peak is given [m].
  private static let areaOverPeakDistance = 1200.0

  init(absentLayers: LayerSet) { self.absentLayers = absentLayers }

  mutating func add(_ station: StationSignal, _ peaks: TracePeaks, distance: Double) {
    let signal = station.signal
    signalSum += signal
    largestSignal = max(largestSignal, signal)
    peakCount += peaks.count
    oneLayerPeakCount += peaks.oneLayerCount
    guard station.role == .fitted else { return }
    unsaturatedCount += 1
    let r = distance / 1000
    moment3 += signal * r * r * r
    moment4 += signal * r * r * r * r
    // What compares or sums the layers needs all that there are.
    guard station.badLayers == absentLayers else { return }
    let charge = absentLayers.isEmpty ? station.upper + station.lower : station.upper
    difference += abs(station.upper - station.lower)
    total += charge
    if signal > largestStation?.signal ?? -.infinity { largestStation = (signal, peaks.count) }
    if distance > 600 && signal > 0.1 && peaks.largestSum > 0 {
      line.add(
        distance - Self.areaOverPeakDistance,
        charge / peaks.largestSum * peaks.samplePeriod)
    }
  }

  var quantities: CompositionQuantities {
    let hasStations = largestSignal > -.infinity
    let line = line.fit(smallestSpread: 100)
    return CompositionQuantities(
      signalMoment3: unsaturatedCount > 0 ? moment3 : .nan,
      signalMoment4: unsaturatedCount > 0 ? moment4 : .nan,
      areaOverPeak1200: line?.valueAtZero ?? .nan, areaOverPeakSlope: line?.slope ?? .nan,
      peakCount: Double(peakCount),
      largestStationPeakCount: largestStation.map { Double($0.peakCount) } ?? .nan,
      oneLayerPeakCount: absentLayers.isEmpty ? Double(oneLayerPeakCount) : .nan,
      layerAsymmetry: total > 0 ? difference / total : .nan,
      signalSum: hasStations ? signalSum : .nan, largestSignal: hasStations ? largestSignal : .nan)
  }
}

/// Least squares of y on x, all points of one weight.
private struct StraightLine {
  private var count = 0.0
  private var x = 0.0
  private var y = 0.0
  private var xx = 0.0
  private var xy = 0.0

  mutating func add(_ newX: Double, _ newY: Double) {
    count += 1
    x += newX
    y += newY
    xx += newX * newX
    xy += newX * newY
  }

  /// The line; nil for fewer than 3 points, or for an r.m.s. spread in x below `smallestSpread`.
  func fit(smallestSpread: Double) -> (valueAtZero: Double, slope: Double)? {
    guard count >= 3 else { return nil }
    let spread2 = xx / count - (x / count) * (x / count)
    guard spread2 >= smallestSpread * smallestSpread else { return nil }
    let slope = (xy / count - x * y / (count * count)) / spread2
    return ((y - slope * x) / count, slope)
  }
}
