internal import Glibc
internal import ShowerModel

/// Random bits for electronic noise: SplitMix64, started from one draw of a `CounterRandom`.
///
/// Half of all random numbers of an event are noise; this is five times faster and good enough for it.
struct NoiseRandom {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  @inline(__always) mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The FADC samples of both layers of one station around an event, made where something happens.
///
/// Charges are put into 20 ns bins of a fixed range; only blocks of bins that hold charge are convolved
/// with the pulse, and only blocks that a trigger or a window needs get noise.
final class StationTrace {
  /// Bins before the trigger in a window.
  static let preTriggerBins = 30
  static let blockSize = 64
  static let blockCount = 104
  static let binCount = blockSize * blockCount
  /// Start of the range [ns], relative to the plane front at the core.
  static let start = -64_000.0
  /// Bins of zeros before the range, for the pulse that reaches back.
  private static let margin = 16
  /// Counts in 8 samples without noise, below which no noise makes a trigger (5.3 sigma below).
  private static let leastCandidate: Float = 3
  /// Counts above 8 pedestals for L0 and above 128 for L1: 0.3 and 3 single muons.
  static let singleThreshold = 15.0
  static let stationThreshold = 150.0
  static let maximumWindows = 10

  private let deposits: UnsafeMutablePointer<Float>
  private let signals: UnsafeMutablePointer<Float>
  private let samples: UnsafeMutablePointer<UInt16>
  // Pointers, since arrays of a class are checked for exclusive access at every use.
  private let isTouched: UnsafeMutablePointer<Bool>
  private let isConvolved: UnsafeMutablePointer<Bool>
  private let isDigitised: UnsafeMutablePointer<Bool>
  private let noiseTable: NormalTable

  /// Start of bin 0 [ns]: the start of the range and the phase of the station's clock.
  private(set) var origin = start
  private(set) var upper = LayerElectronics()
  private(set) var lower = LayerElectronics()

  private static let stride = margin + binCount + blockSize

  init(noiseTable: NormalTable) {
    self.noiseTable = noiseTable
    deposits = .allocate(capacity: 2 * Self.stride)
    signals = .allocate(capacity: 2 * Self.stride)
    samples = .allocate(capacity: 2 * Self.stride)
    isTouched = .allocate(capacity: Self.blockCount + 1)
    isConvolved = .allocate(capacity: Self.blockCount + 1)
    isDigitised = .allocate(capacity: Self.blockCount + 1)
    isTouched.initialize(repeating: false, count: Self.blockCount + 1)
    isConvolved.initialize(repeating: false, count: Self.blockCount + 1)
    isDigitised.initialize(repeating: false, count: Self.blockCount + 1)
    deposits.initialize(repeating: 0, count: 2 * Self.stride)
    signals.initialize(repeating: 0, count: 2 * Self.stride)
    samples.initialize(repeating: 0, count: 2 * Self.stride)
  }

  deinit {
    deposits.deallocate()
    signals.deallocate()
    samples.deallocate()
    isTouched.deallocate()
    isConvolved.deallocate()
    isDigitised.deallocate()
  }

  /// Empties the trace for a station.
  func begin(upper: LayerElectronics, lower: LayerElectronics, clockPhase: Double) {
    self.upper = upper
    self.lower = lower
    origin = Self.start + clockPhase
    for block in 0...Self.blockCount where isTouched[block] || isDigitised[block] {
      for layer in 0..<2 {
        let first = layer * Self.stride + Self.margin + block * Self.blockSize
        (deposits + first).update(repeating: 0, count: Self.blockSize)
        (signals + first).update(repeating: 0, count: Self.blockSize)
      }
      isTouched[block] = false
      isConvolved[block] = false
      isDigitised[block] = false
    }
  }

  /// Adds the charge [counts] of a pulse at a time [ns]; outside the range it is lost.
  ///
  /// The pulse between two phases of the clock is the linear mean of both.
  func add(time: Double, upper: Double, lower: Double) {
    let position = (time - origin) / Units.samplePeriod
    guard position >= 0, position < Double(Self.binCount - 16) else { return }
    let bin = Int(position)
    let late = Float(position - Double(bin))
    let index = Self.margin + bin
    deposits[index] += Float(upper) * (1 - late)
    deposits[index + 1] += Float(upper) * late
    deposits[Self.stride + index] += Float(lower) * (1 - late)
    deposits[Self.stride + index + 1] += Float(lower) * late
    isTouched[bin / Self.blockSize] = true
    isTouched[(bin + 12) / Self.blockSize] = true
  }

  private func convolve(block: Int) {
    guard !isConvolved[block] else { return }
    isConvolved[block] = true
    SinglePulse.shape.withUnsafeBufferPointer { shape in
      for layer in 0..<2 {
        let first = layer * Self.stride + Self.margin + block * Self.blockSize
        let target = signals + first
        for k in 0..<shape.count {
          let weight = shape[k]
          let source = deposits + first - k
          for i in 0..<Self.blockSize { target[i] += weight * source[i] }
        }
      }
    }
  }

  /// Whether the charge in and shortly before a block can make an L0 trigger there.
  private func isCandidate(block: Int) -> Bool {
    for layer in 0..<2 {
      // 8 samples and the length of a pulse.
      let first = deposits + layer * Self.stride + Self.margin + block * Self.blockSize - 20
      var sum: Float = 0
      for i in 0..<Self.blockSize + 20 { sum += first[i] }
      if sum < Self.leastCandidate { return false }
    }
    return true
  }

  /// Pedestal, noise, compression, rounding and the full scale, 12 bits unless told otherwise.
  private func digitise(block: Int, using random: inout NoiseRandom) {
    guard !isDigitised[block] else { return }
    if isTouched[block] { convolve(block: block) }
    isDigitised[block] = true
    noiseTable.values.withUnsafeBufferPointer { table in
      for layer in 0..<2 {
        let first = layer * Self.stride + Self.margin + block * Self.blockSize
        let electronics = layer == 0 ? upper : lower
        let (pedestal, noise) = (Float(electronics.pedestal), Float(electronics.noise))
        let (start, fullScale) = (electronics.compressionStart, electronics.fullScale)
        let (x, counts) = (signals + first, samples + first)
        var highest: Float = 0
        for i in Swift.stride(from: 0, to: Self.blockSize, by: 4) {
          var bits = random.next()
          for k in i..<i + 4 {
            x[k] += pedestal + noise * table[Int(bits & 0xffff)]
            highest = max(highest, x[k])
            bits >>= 16
          }
        }
        if highest > start {
          for i in 0..<Self.blockSize { x[i] = SinglePulse.compressed(x[i], above: start) }
        }
        for i in 0..<Self.blockSize {
          // Adding 2^23 leaves the rounded number in the low bits.
          let held = min(max(x[i], 0), fullScale) + 8_388_608
          counts[i] = UInt16(truncatingIfNeeded: held.bitPattern)
        }
      }
    }
  }

  /// A readout window of the station.
  struct Window {
    /// First bin.
    var firstBin: Int
    /// Whether both layers hold more than three single muons.
    var passesStationTrigger: Bool
  }

  /// Finds the L0 triggers and hands their windows over, in order of time.
  ///
  /// L0: the sum of the last 8 samples exceeds the pedestal by 15 counts in both layers; the window has
  /// 30 samples before it, and the next trigger is not taken before the window's length has passed.
  func findWindows(
    length: Int, using random: inout NoiseRandom, _ record: (Window) -> Void
  ) {
    var earliest = Self.preTriggerBins
    var found = 0
    let upperLimit = 8 * upper.pedestal + Self.singleThreshold
    let lowerLimit = 8 * lower.pedestal + Self.singleThreshold
    let lastBin = Self.binCount - length
    for block in 1..<Self.blockCount where isTouched[block] {
      guard isCandidate(block: block) else { continue }
      digitise(block: block - 1, using: &random)
      digitise(block: block, using: &random)
      var bin = max(block * Self.blockSize, earliest)
      let end = min((block + 1) * Self.blockSize, lastBin)
      guard bin < end else { continue }
      var upperSum = sum(layer: 0, from: bin - 7, count: 8)
      var lowerSum = sum(layer: 1, from: bin - 7, count: 8)
      while bin < end {
        if upperSum > upperLimit && lowerSum > lowerLimit {
          record(window(at: bin, length: length, using: &random))
          found += 1
          guard found < Self.maximumWindows else { return }
          bin += length
          earliest = bin
          guard bin < end else { break }
          upperSum = sum(layer: 0, from: bin - 7, count: 8)
          lowerSum = sum(layer: 1, from: bin - 7, count: 8)
        } else {
          bin += 1
          upperSum += step(layer: 0, to: bin)
          lowerSum += step(layer: 1, to: bin)
        }
      }
    }
  }

  /// Change of the sum of the last 8 samples that comes with a bin.
  @inline(__always) private func step(layer: Int, to bin: Int) -> Double {
    let source = samples + layer * Self.stride + Self.margin + bin
    return Double(Int(source[0]) - Int(source[-8]))
  }

  private func window(
    at trigger: Int, length: Int, using random: inout NoiseRandom
  ) -> Window {
    let first = trigger - Self.preTriggerBins
    for block in first / Self.blockSize...(first + length - 1) / Self.blockSize {
      digitise(block: block, using: &random)
    }
    let passes =
      sum(layer: 0, from: first, count: 128) > 128 * upper.pedestal + Self.stationThreshold
      && sum(layer: 1, from: first, count: 128) > 128 * lower.pedestal + Self.stationThreshold
    return Window(firstBin: first, passesStationTrigger: passes)
  }

  @inline(__always) private func sum(layer: Int, from bin: Int, count: Int) -> Double {
    let source = samples + layer * Self.stride + Self.margin + bin
    var total = 0
    for i in 0..<count { total += Int(source[i]) }
    return Double(total)
  }

  /// Samples of a digitised window of one layer.
  func samples(layer: Layer, from bin: Int, count: Int) -> UnsafeBufferPointer<UInt16> {
    UnsafeBufferPointer(
      start: samples + layer.rawValue * Self.stride + Self.margin + bin, count: count)
  }
}
