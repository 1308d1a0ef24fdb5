internal import Glibc
public import ShowerModel

/// Writes events as a DST file that the programs of the Telescope Array read: a bank rusdmc of each
/// simulated event and a bank rusdraw of each event.
///
/// The format keeps times of windows to 1 ns, pedestals to 1/8 count and their deviations
/// to 0.05 counts.
public final class DSTWriter {
  private let banks: BankWriter
  private let array: DetectorArray
  /// For messages.
  private let name: String

  /// The second that simulated events get, and the microsecond of their clock's start.
  private static let simulatedSecond = CalendarTime(2013, 1, 1, 12)
  private static let simulatedMicrosecond = 500_000
  /// Counts of a station's clock in a second: one a nanosecond.
  private static let clockCounts = 1_000_000_000
  /// Half width of the histogram of single muons over its peak, as the monitoring has it.
  private static let muonWidth = 0.4
  /// What the monitoring's fits have for a good layer.
  private static let goodFit = (degreesOfFreedom: 40, chi2: 30.0)

  /// - Parameters:
  ///   - path: to write to.
  ///   - name: of the output, for messages.
  ///   - packs: whether to pack it by gzip.
  ///   - array: of the events.
  ///   - sampleCount: samples of a waveform.
  /// - Throws: `FormatError` for events that the format cannot hold, or a file that cannot be made.
  public init(
    path: String, name: String, packs: Bool, array: DetectorArray, sampleCount: Int
  ) throws(FormatError) {
    let detector = array.detector
    var problem: String?
    if detector.layerCount != 2 { problem = "stations of one layer" }
    if detector.samplePeriod != 20 { problem = "samples of \(detector.samplePeriod) ns" }
    if sampleCount != WaveformBank.sampleCount { problem = "waveforms of \(sampleCount) samples" }
    if let station = array.stations.first(where: { !(0...9999).contains($0.id) }) {
      problem = "the station number \(station.id)"
    }
    if let problem {
      throw FormatError(
        name,
        "cannot hold \(problem): DST is for 128 samples of 20 ns, two layers and station "
          + "numbers up to 9999", remedy: "Export as csv", isOutput: true)
    }
    self.array = array
    self.name = name
    banks = BankWriter(try PackedOutput(path: path, name: name, packs: packs))
  }

  /// Appends an event.
  ///
  /// - Throws: `FormatError` where the system refuses.
  public func append(_ event: Event) throws(FormatError) {
    try banks.write(BankBytes(.eventStart))
    for bank in content(of: event) { try banks.write(bank) }
    try banks.write(BankBytes(.eventStop))
  }

  /// The banks between start and stop.
  func content(of event: Event) -> [BankBytes] {
    (event.truth.map { [truthBank($0, event)] } ?? []) + [waveformBank(event)]
  }

  /// Completes the file.
  public func finish() throws(FormatError) { try banks.finish() }

  /// Start of the event's clock: second, and nanoseconds after it.
  private func start(of event: Event) -> (second: CalendarTime, nanoseconds: Int) {
    guard let utc = event.utc, event.time.isFinite else {
      return (Self.simulatedSecond, Self.simulatedMicrosecond * 1000)
    }
    let nanoseconds = Int(event.time.rounded())
    let whole = Int((Double(nanoseconds) / 1e9).rounded(.down))
    return (CalendarTime(seconds: utc.seconds + whole), nanoseconds - whole * 1_000_000_000)
  }

  private func truthBank(_ truth: Truth, _ event: Event) -> BankBytes {
    let shower = truth.shower
    let nearest = array.stations.min { distance($0, shower) < distance($1, shower) }
    var bank = BankBytes(.truth)
    bank.integer(event.id)
    bank.integer(TruthBank.particles.first { $0.primary == truth.primary }?.code ?? 0)
    bank.integer(nearest?.id ?? 0)
    let time = shower.time + Double(start(of: event).nanoseconds)
    bank.integer(time.isFinite ? Int((time / TruthBank.timeCount).rounded()) : 0)
    bank.float32(shower.energy)
    // The height of the first interaction, which is not known.
    bank.float32(0)
    bank.float32(shower.zenith)
    let travel = wrappedAngle(shower.azimuth + .pi)
    bank.float32(Units.positive(travel))
    for coordinate in [shower.coreX, shower.coreY, 0] { bank.float32(100 * coordinate) }
    return bank
  }

  private func distance(_ station: Station, _ shower: Shower) -> Double {
    hypot(station.position.x - shower.coreX, station.position.y - shower.coreY)
  }

  private func waveformBank(_ event: Event) -> BankBytes {
    let start = start(of: event)
    let (date, second) = (start.second.date, start.second.secondOfDay)
    let day = date.year % 100 * 10_000 + date.month * 100 + date.day
    let time = second / 3600 * 10_000 + second % 3600 / 60 * 100 + second % 60
    let count = event.hits.count
    var bank = BankBytes(.waveforms, version: 1)
    bank.integers([event.id, event.truth == nil ? 1 : 0, 6])
    bank.integers([-1, -1, -1, -1, -1, -1, 0])
    bank.integers([day, time, start.nanoseconds / 1000, day, time, count])
    bank.integers(event.hits.map { _ in 0 })
    bank.integers(event.hits.indices)
    bank.integers(event.hits.map { _ in 2 })
    bank.integers(event.hits.map { array.stations[$0.station].id })
    bank.integers(
      event.hits.map { hit in
        // The trigger is written to a microsecond, the clocks to a nanosecond.
        let counts = start.nanoseconds + Int(hit.windowStart.rounded())
        return (counts % Self.clockCounts + Self.clockCounts) % Self.clockCounts
      })
    bank.integers(event.hits.map { _ in Self.clockCounts })
    for hit in event.hits { append(hit, to: &bank) }
    return bank
  }

  private func append(_ hit: Hit, to bank: inout BankBytes) {
    let layers = [Layer.lower, .upper]
    let waveforms = layers.map { hit[$0] }
    let sums = waveforms.map { $0.samples.reduce(0) { $0 + Int($1) } }
    bank.integers(sums)
    bank.integers(sums.map { $0 / WaveformBank.sampleCount })
    for waveform in waveforms { bank.integers(waveform.samples.map(Int.init)) }
    let pedestals = waveforms.map { whole(8 * $0.pedestal) }
    let widths = waveforms.map { whole(8 * WaveformBank.pedestalWidth * $0.pedestalDeviation) }
    let muons = waveforms.map {
      $0.countsPerVEM.isFinite ? $0.countsPerVEM / WaveformBank.verticalMuon : 0
    }
    // A muon is integrated over 12 samples.
    let peaks = zip(waveforms, muons).map { whole(12 * $0.pedestal + $1) }
    let halfWidths = muons.map { whole(Self.muonWidth * $0) }
    bank.integers(peaks)
    bank.integers(pedestals)
    bank.integers(zip(peaks, halfWidths).map { $0 - $1 })
    bank.integers(zip(pedestals, widths).map { $0 - $1 / 2 })
    bank.integers(zip(peaks, halfWidths).map { $0 + $1 })
    bank.integers(zip(pedestals, widths).map { $0 - $1 / 2 + $1 })
    bank.integers(layers.map { hit.badLayers.contains($0) ? 0 : Self.goodFit.degreesOfFreedom })
    muons.forEach { bank.float64($0) }
    for _ in layers { bank.float64(Self.goodFit.chi2) }
    for _ in 0..<16 { bank.float64(0) }
  }

  private func whole(_ value: Double) -> Int {
    value.isFinite && abs(value) < 1e9 ? Int(value.rounded()) : 0
  }
}
