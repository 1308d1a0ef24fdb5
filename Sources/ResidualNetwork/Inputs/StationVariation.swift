import Glibc
internal import ShowerModel

/// One random change of a station with a waveform: its clock, the gain of its layers, a layer gone
/// bad.
///
/// Changes what comes from the station itself. The standard reconstruction is not made again. Its
/// results, and the fitted front to which times refer, stay as they were.
struct StationVariation {
  /// Shift of the clock [ns].
  let delay: Double
  /// ln of the gains of upper and lower layer.
  let logGains: SIMD2<Double>
  let badLayer: Layer?

  init(_ augmentation: Augmentation, _ random: inout CounterRandom) {
    delay = augmentation.time > 0 ? augmentation.time * random.normal() : 0
    logGains =
      augmentation.gain > 0
      ? augmentation.gain * SIMD2(random.normal(), random.normal()) : .zero
    badLayer =
      augmentation.badLayers > 0 && random.uniform() < augmentation.badLayers
      ? (random.uniform() < 0.5 ? .upper : .lower) : nil
  }

  /// Changes a row of station inputs before its normalisation.
  func apply(to row: UnsafeMutablePointer<Float>, _ columns: StationColumns) {
    applyDelay(to: row, columns)
    let asymmetry = columns.asymmetry.map { Double(row[$0]) } ?? 0
    let (upper, lower) = (0.5 * (1 + asymmetry), 0.5 * (1 - asymmetry))
    let (changedUpper, changedLower) = (upper * exp(logGains.x), lower * exp(logGains.y))
    let isBad = columns.flags.contains { row[$0] > 0 }
    // Of a station with a bad layer only the other counts, for its signal and always.
    guard !isBad else {
      scaleSignal(of: row, columns, by: exp(logGains.x))
      return
    }
    guard let badLayer, let flag = columns.flag(of: badLayer) else {
      scaleSignal(of: row, columns, by: changedUpper + changedLower)
      if let column = columns.asymmetry {
        row[column] = Float((changedUpper - changedLower) / (changedUpper + changedLower))
      }
      return
    }
    row[flag] = 1
    scaleSignal(of: row, columns, by: 2 * (badLayer == .upper ? changedLower : changedUpper))
    if let column = columns.asymmetry { row[column] = 0 }
    for column in columns.features(of: badLayer) { row[column] = .nan }
  }

  private func applyDelay(to row: UnsafeMutablePointer<Float>, _ columns: StationColumns) {
    guard delay != 0 else { return }
    let shift = Float(delay / 100)
    if let column = columns.timeResidual {
      row[column] = max(-10, min(10, row[column] + shift))
    }
    if let column = columns.logTimeResidual {
      let value = row[column]
      let t = (value < 0 ? -expm1f(-value) : expm1f(value)) + shift
      row[column] = t < 0 ? -log1pf(-t) : log1pf(t)
    }
    if let column = columns.traceDelay {
      row[column] = max(-10, min(10, row[column] + Float(delay / Units.microsecond)))
    }
  }

  private func scaleSignal(
    of row: UnsafeMutablePointer<Float>, _ columns: StationColumns, by factor: Double
  ) {
    guard let column = columns.logSignal else { return }
    let before = Double(row[column])
    let after = log(0.1 + max(0, (exp(before) - 0.1) * factor))
    row[column] = Float(after)
    if let column = columns.logSignalRatio {
      row[column] = max(-3, min(3, row[column] + Float(after - before)))
    }
  }

  /// Changes a trace in the network's units, y = ln(1 + 10 x). A gain g gives y + ln g (1 -
  /// exp(-y)), to first order in ln g.
  func apply(
    toTrace trace: UnsafeMutablePointer<Float>, from fixed: UnsafePointer<Int16>, samples: Int
  ) {
    for layer in Layer.allCases {
      let index = layer.rawValue
      if layer == badLayer {
        for sample in 0..<samples { trace[2 * sample + index] = 0 }
      } else if logGains[index] != 0 {
        let gain = Float(logGains[index])
        Self.responses.withUnsafeBufferPointer { responses in
          for sample in 0..<samples {
            let place = 2 * sample + index
            trace[place] += gain * responses[Int(fixed[place]) >> Self.shift]
          }
        }
      }
    }
  }

  private static let shift = 7
  /// 1 - exp(-y) in steps of 128 units of the fixed-point numbers, y / 32.
  private static let responses: [Float] = (0...(32767 >> shift)).map {
    1 - expf(-(Float($0 << shift) + (($0 > 0) ? 64 : 0)) / TraceTransform.scale)
  }
}

/// Where a row of station inputs holds what a `StationVariation` changes.
struct StationColumns {
  let timeResidual: Int?
  let logTimeResidual: Int?
  let traceDelay: Int?
  let logSignal: Int?
  let logSignalRatio: Int?
  let asymmetry: Int?
  private let upperBad: Int?
  private let lowerBad: Int?
  private let upperFeatures: [Int]
  private let lowerFeatures: [Int]

  init(_ names: [String]) {
    var places: [String: Int] = [:]
    var width = 0
    for input in StationInput.all.named(names) {
      places[input.name] = width
      width += input.width
    }
    timeResidual = places["time_residual"]
    logTimeResidual = places["log_time_residual"]
    traceDelay = places["trace_delay"]
    logSignal = places["log_signal"]
    logSignalRatio = places["log_signal_ratio"]
    asymmetry = places["layer_asymmetry"]
    upperBad = places[StationInput.upperBad]
    lowerBad = places[StationInput.lowerBad]
    let both = ["layer_overlap"]
    func features(_ layer: Layer) -> [Int] {
      names.filter {
        TraceFeatures.names.contains($0) && ($0.hasPrefix("\(layer)_") || both.contains($0))
      }.compactMap { places[$0] }
    }
    upperFeatures = features(.upper)
    lowerFeatures = features(.lower)
  }

  var flags: [Int] { [upperBad, lowerBad].compactMap(\.self) }

  func flag(of layer: Layer) -> Int? { layer == .upper ? upperBad : lowerBad }

  func features(of layer: Layer) -> [Int] { layer == .upper ? upperFeatures : lowerFeatures }
}
