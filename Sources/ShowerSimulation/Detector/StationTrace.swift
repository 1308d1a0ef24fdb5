internal import Glibc
internal import ShowerModel

/// Random bits for electronic noise: SplitMix64, started from one draw of a `CounterRandom`.
///
/// Half of all random numbers of an event are noise; this is five times faster and good enough for
/// it.
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

/// The FADC samples of the layers of one station around an event, made where something happens.
///
/// Charges are put into bins of one sample, of a fixed range. Only blocks of bins that a trigger or
/// a window needs are computed, four samples at a time: the convolution with the pulse where there
/// is charge, noise, compression and rounding.
final class StationTrace {
  /// Bins before the trigger in a window.
  static let preTriggerBins = 30
  static let blockSize = 64
  /// Start of the range [ns], relative to the plane front at the core.
  static let start = -64_000.0
  /// Length of the range [ns], and bins behind it for the window of its last trigger.
  private static let duration = 128_000.0
  private static let binsAfter = 256
  static let maximumWindows = 10
  /// Counts that noise adds to 8 samples at most, 5.3 sigma.
  private static let largestNoise = 12.0

  /// Length of a bin [ns].
  let samplePeriod: Double
  /// Counts above 8 pedestals for L0 and above 128 for L1: of the Telescope Array 0.3 and 3 single
  /// muons.
  private let storageThreshold: Double
  private let triggerThreshold: Double
  /// Counts in 8 samples without noise, below which no noise makes a trigger.
  private let leastCandidate: Float
  private let blockCount: Int
  private let binCount: Int
  /// 1 or 2; without a lower layer its charge is held, but nothing is made of it.
  private let layerCount: Int
  /// Bins of zeros before the range, for the pulse that reaches back.
  private let margin: Int
  /// From a layer to the next one.
  private let stride: Int

  private let deposits: UnsafeMutablePointer<Float>
  private let samples: UnsafeMutablePointer<UInt16>
  // Pointers, since arrays of a class are checked for exclusive access at every use.
  private let isTouched: UnsafeMutablePointer<Bool>
  private let isDigitised: UnsafeMutablePointer<Bool>
  private let noiseTable: NormalTable
  /// Fraction of the charge in each bin after a particle, with zeros to a multiple of four.
  private let pulse: UnsafeMutablePointer<Float>
  private let pulseLength: Int
  /// Of samples of 20 ns.
  private static let usualLength = 12

  /// Start of bin 0 [ns]: the start of the range and the phase of the station's clock.
  private(set) var origin = start
  private(set) var upper = LayerElectronics()
  private(set) var lower = LayerElectronics()
  private(set) var charges = LayerCharges(upper: LayerElectronics(), lower: LayerElectronics())

  init(noiseTable: NormalTable, detector: DetectorDescription) {
    self.noiseTable = noiseTable
    samplePeriod = detector.samplePeriod
    layerCount = detector.layerCount
    storageThreshold = detector.storageThreshold
    triggerThreshold = detector.triggerThreshold
    leastCandidate = Float(detector.storageThreshold - Self.largestNoise)
    let shape = SinglePulse.shape(samplePeriod: samplePeriod)
    pulseLength = (shape.count + 3) / 4 * 4
    pulse = .allocate(capacity: pulseLength)
    pulse.initialize(repeating: 0, count: pulseLength)
    for (bin, fraction) in shape.enumerated() { pulse[bin] = fraction }
    let bins = Self.duration / samplePeriod + Double(Self.binsAfter)
    blockCount = Int((bins / Double(Self.blockSize)).rounded(.up))
    binCount = Self.blockSize * blockCount
    margin = pulseLength + 4
    stride = margin + binCount + Self.blockSize
    deposits = .allocate(capacity: 2 * stride)
    samples = .allocate(capacity: 2 * stride)
    isTouched = .allocate(capacity: blockCount + 1)
    isDigitised = .allocate(capacity: blockCount + 1)
    isTouched.initialize(repeating: false, count: blockCount + 1)
    isDigitised.initialize(repeating: false, count: blockCount + 1)
    deposits.initialize(repeating: 0, count: 2 * stride)
    samples.initialize(repeating: 0, count: 2 * stride)
  }

  deinit {
    pulse.deallocate()
    deposits.deallocate()
    samples.deallocate()
    isTouched.deallocate()
    isDigitised.deallocate()
  }

  /// Empties the trace for a station.
  func begin(upper: LayerElectronics, lower: LayerElectronics, clockPhase: Double) {
    self.upper = upper
    self.lower = lower
    charges = LayerCharges(upper: upper, lower: lower)
    origin = Self.start + clockPhase
    for block in 0...blockCount where isTouched[block] {
      for layer in 0..<2 {
        let first = layer * stride + margin + block * Self.blockSize
        (deposits + first).update(repeating: 0, count: Self.blockSize)
      }
    }
    isTouched.update(repeating: false, count: blockCount + 1)
    isDigitised.update(repeating: false, count: blockCount + 1)
  }

  /// Adds the charge [counts] of a pulse at a time [ns]; outside the range it is lost.
  ///
  /// The pulse between two phases of the clock is the linear mean of both.
  func add(time: Double, upper: Double, lower: Double) {
    let position = (time - origin) / samplePeriod
    guard position >= 0, position < Double(binCount - margin) else { return }
    let bin = Int(position)
    let late = Float(position - Double(bin))
    let index = margin + bin
    deposits[index] += Float(upper) * (1 - late)
    deposits[index + 1] += Float(upper) * late
    deposits[stride + index] += Float(lower) * (1 - late)
    deposits[stride + index + 1] += Float(lower) * late
    var block = bin / Self.blockSize
    let last = (bin + pulseLength) / Self.blockSize
    isTouched[last] = true
    repeat {
      isTouched[block] = true
      block += 1
    } while block < last
  }

  /// Whether the charge in and shortly before a block can make an L0 trigger there.
  private func isCandidate(block: Int) -> Bool {
    // Loops of constant length are faster, here and below.
    pulseLength == Self.usualLength
      ? isCandidate(block: block, pulseLength: Self.usualLength)
      : isCandidate(block: block, pulseLength: pulseLength)
  }

  @inline(__always) private func isCandidate(block: Int, pulseLength: Int) -> Bool {
    // 8 samples and the length of a pulse.
    let before = 8 + pulseLength
    for layer in 0..<layerCount {
      let first = deposits + layer * stride + margin + block * Self.blockSize - before
      var sum = SIMD4<Float>.zero
      for i in Swift.stride(from: 0, to: Self.blockSize + before, by: 4) {
        sum += vector(first + i)
      }
      if sum.sum() < leastCandidate { return false }
    }
    return true
  }

  @inline(__always) private func vector(_ pointer: UnsafeMutablePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
  }

  /// Makes the samples of a block.
  private func digitise(block: Int, using random: inout NoiseRandom) {
    guard !isDigitised[block] else { return }
    isDigitised[block] = true
    for layer in 0..<layerCount {
      let electronics = layer == 0 ? upper : lower
      let first = layer * stride + margin + block * Self.blockSize
      if isTouched[block] {
        if pulseLength == Self.usualLength {
          digitise(first, electronics, using: &random) { convolved($0, Self.usualLength) }
        } else {
          digitise(first, electronics, using: &random) { convolved($0, pulseLength) }
        }
      } else {
        digitise(first, electronics, using: &random) { _ in .zero }
      }
    }
  }

  /// Pulses of the charge at and before four neighbouring bins [counts].
  @inline(__always) private func convolved(_ index: Int, _ pulseLength: Int) -> SIMD4<Float> {
    var sum = SIMD4<Float>.zero
    for k in 0..<pulseLength { sum += pulse[k] * vector(deposits + index - k) }
    return sum
  }

  /// Pedestal, noise, compression, rounding and the full scale, of 64 samples.
  @inline(__always) private func digitise(
    _ first: Int, _ electronics: LayerElectronics, using random: inout NoiseRandom,
    signal: (Int) -> SIMD4<Float>
  ) {
    let (pedestal, noise) = (Float(electronics.pedestal), Float(electronics.noise))
    let start = electronics.compressionStart
    let fullScale = SIMD4(repeating: electronics.fullScale)
    for index in Swift.stride(from: first, to: first + Self.blockSize, by: 4) {
      let bits = random.next()
      let z = SIMD4(
        noiseTable.single(bits), noiseTable.single(bits >> 16), noiseTable.single(bits >> 32),
        noiseTable.single(bits >> 48))
      var x = signal(index) + (pedestal + noise * z)
      if any(x .> start) {
        for k in 0..<4 { x[k] = SinglePulse.compressed(x[k], above: start) }
      }
      // Adding 2^23 leaves the rounded number in the low bits.
      let held = VectorFunctions.smaller(VectorFunctions.larger(x, .zero), fullScale) + 8_388_608
      let counts = SIMD4<UInt16>(truncatingIfNeeded: unsafeBitCast(held, to: SIMD4<UInt32>.self))
      UnsafeMutableRawPointer(samples + index).storeBytes(of: counts, as: SIMD4<UInt16>.self)
    }
  }

  /// A readout window of the station.
  struct Window {
    /// First bin.
    var firstBin: Int
    /// Whether all layers hold more than the trigger threshold.
    var passesStationTrigger: Bool
  }

  /// Finds the L0 triggers and hands their windows over, in order of time.
  ///
  /// L0: the sum of the last 8 samples exceeds the pedestal by the storage threshold in all
  /// layers. The window has 30 samples before it. The next trigger is taken after the window has
  /// ended.
  func findWindows(
    length: Int, using random: inout NoiseRandom, _ record: (Window) -> Void
  ) {
    var earliest = Self.preTriggerBins
    var found = 0
    // Sums are whole numbers: the largest that does not trigger.
    let upperLimit = Int(8 * upper.pedestal + storageThreshold)
    // Without a lower layer its samples are 0, above a limit of -1.
    let lowerLimit = layerCount == 2 ? Int(8 * lower.pedestal + storageThreshold) : -1
    let lastBin = binCount - length
    for block in 1..<blockCount where isTouched[block] {
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
  @inline(__always) private func step(layer: Int, to bin: Int) -> Int {
    let source = samples + layer * stride + margin + bin
    return Int(source[0]) - Int(source[-8])
  }

  private func window(
    at trigger: Int, length: Int, using random: inout NoiseRandom
  ) -> Window {
    let first = trigger - Self.preTriggerBins
    for block in first / Self.blockSize...(first + length - 1) / Self.blockSize {
      digitise(block: block, using: &random)
    }
    func passes(_ layer: Int, _ electronics: LayerElectronics) -> Bool {
      Double(sum(layer: layer, from: first, count: 128))
        > 128 * electronics.pedestal + triggerThreshold
    }
    return Window(
      firstBin: first,
      passesStationTrigger: passes(0, upper) && (layerCount == 1 || passes(1, lower)))
  }

  @inline(__always) private func sum(layer: Int, from bin: Int, count: Int) -> Int {
    let source = samples + layer * stride + margin + bin
    var total: UInt32 = 0
    for i in 0..<count { total &+= UInt32(source[i]) }
    return Int(total)
  }

  /// Samples of a digitised window of one layer.
  func samples(layer: Layer, from bin: Int, count: Int) -> UnsafeBufferPointer<UInt16> {
    UnsafeBufferPointer(
      start: samples + layer.rawValue * stride + margin + bin, count: count)
  }
}
