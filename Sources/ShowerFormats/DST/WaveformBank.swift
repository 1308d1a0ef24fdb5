internal import ShowerModel

/// The bank rusdraw: the readout of an event, as the experiment has it.
struct WaveformBank {
  /// The 16 numbers at the begin of the bank.
  var eventNumber: Int
  var isData: Bool
  /// The second of the trigger.
  var second: CalendarTime
  /// The trigger within its second [us].
  var microsecond: Int
  var rows: [Row]

  /// One readout window of one station.
  struct Row {
    /// Number of the station, column * 100 + row.
    var station: Int
    /// Time of the first sample within the second of the station's clock [ns]; nil where the clock
    /// tells none.
    var clock: Double?
    /// By the numbers of the bank: 0 the lower layer, 1 the upper one.
    var layers: [LayerRow]
  }

  /// The trace of a layer with its calibration.
  struct LayerRow {
    var samples: [UInt16]
    /// Pedestal of 8 samples, and the half heights of its histogram [counts].
    var pedestal: Int
    var pedestalLow: Int
    var pedestalHigh: Int
    /// Peak of the histogram of single muons [counts].
    var muonPeak: Double
    /// Degrees of freedom of the fit of that histogram; none for a layer without a calibration.
    var degreesOfFreedom: Int
  }

  static let sampleCount = 128
  /// Bytes of one row after the six numbers that come first.
  private static let rowLength = 4 * (2 + 2 + 2 * sampleCount + 14) + 8 * (2 + 2 + 16)

  /// - Throws: `FormatError` for a bank whose fields cannot be.
  init(_ bank: Bank, path: String) throws(FormatError) {
    var fields = BankFields(bank, path: path)
    let head = try fields.integers(16)
    eventNumber = head[0]
    isData = head[1] == 1
    microsecond = head[12]
    second = try Self.second(date: head[10], time: head[11], fields)
    let count = head[15]
    guard (0...50_000).contains(count) else {
      throw fields.error("bank \(bank.number) states \(count) waveforms")
    }
    try fields.require(count * (24 + Self.rowLength))
    try fields.skip(3 * 4 * count)
    let stations = try fields.integers(count)
    let clocks = try fields.integers(count)
    let clockPeriods = try fields.integers(count)
    rows = []
    rows.reserveCapacity(count)
    for index in 0..<count {
      let period = clockPeriods[index]
      rows.append(
        Row(
          station: stations[index],
          clock: period > 0 ? 1e9 * Double(clocks[index]) / Double(period) : nil,
          layers: try Self.layers(&fields)))
    }
  }

  private static func layers(_ fields: inout BankFields) throws(FormatError) -> [LayerRow] {
    try fields.skip(16)
    guard let lower = try fields.samples(sampleCount), let upper = try fields.samples(sampleCount)
    else { throw fields.error("a sample that is no count of 16 bits") }
    // Pairs (lower, upper): muon peak and pedestal, where they fall to half below and above.
    let numbers = try fields.integers(14)
    let peaks = try fields.float64s(2)
    try fields.skip(8 * 18)
    return [lower, upper].enumerated().map { layer, samples in
      LayerRow(
        samples: samples, pedestal: numbers[2 + layer], pedestalLow: numbers[6 + layer],
        pedestalHigh: numbers[10 + layer], muonPeak: peaks[layer],
        degreesOfFreedom: numbers[12 + layer])
    }
  }

  private static func second(
    date: Int, time: Int, _ fields: BankFields
  ) throws(FormatError) -> CalendarTime {
    let (month, day) = (date / 100 % 100, date % 100)
    let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100)
    guard date >= 0, date < 1_000_000, time >= 0, (1...12).contains(month),
      (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { throw fields.error("the date \(date) and the time \(time)") }
    return CalendarTime(2000 + date / 10_000, month, day, hour, minute, second)
  }
}
