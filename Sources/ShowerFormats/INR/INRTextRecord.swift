internal import Glibc
internal import ShowerModel

/// One line of the text: its kind and its fields.
struct INRLine {
  let kind: Substring
  let number: Int
  private let fields: [Substring]
  private let path: String

  init(_ text: Substring, number: Int, path: String) {
    let all = text.split(whereSeparator: \.isWhitespace)
    kind = all.first ?? ""
    fields = Array(all.dropFirst())
    self.number = number
    self.path = path
  }

  var count: Int { fields.count }

  func text(_ index: Int) -> Substring { fields[index] }

  /// - Throws: `FormatError` for a line of fewer fields.
  func require(_ count: Int) throws(FormatError) {
    guard fields.count >= count else {
      throw error("\(fields.count) fields after \(kind), where \(count) are needed")
    }
  }

  func value(_ index: Int) throws(FormatError) -> Double {
    try require(index + 1)
    guard let value = Double(fields[index]) else {
      throw error("field \(index + 1) after \(kind) is no number: \"\(fields[index])\"")
    }
    return value
  }

  func error(_ reason: String) -> FormatError {
    FormatError(
      path, reason, at: "line \(number)", remedy: "The file is damaged: run the INR fit again")
  }
}

/// What the lines of one event say.
struct INRTextRecord {
  let line: Int
  let second: CalendarTime
  /// After the second [ns].
  let fraction: Double
  let published: Reconstruction?
  private(set) var joint: Reconstruction?
  private(set) var truth: Truth?
  /// Number of a simulated event.
  private(set) var number: Int?
  private var windows: [Window] = []

  private struct Window {
    var station: Int
    var start: Double
    var lower: Waveform?
    var upper: Waveform?
  }

  /// Energies on the scale of the simulation over those of the text; not of photons.
  static let energyScale = 1.27

  /// From the line ML.
  init(_ line: INRLine) throws(FormatError) {
    self.line = line.number
    try line.require(21)
    let (day, clock) = (try line.value(0), try line.value(1))
    guard (19_700_101...99_991_231).contains(day), (0..<240_000).contains(clock) else {
      throw line.error("the date \(line.text(0)) and the time \(line.text(1))")
    }
    let (date, time) = (Int(day), Int(clock))
    second = CalendarTime(
      date / 10_000, date / 100 % 100, date % 100, time / 10_000, time / 100 % 100, time % 100)
    fraction = ((clock - Double(time)) * 1e6).rounded() * 1000
    var errors: [Double] = []
    for field in 10..<15 { errors.append(try line.value(field)) }
    published = Reconstruction(
      shower: Self.shower(
        try line.value(2), try line.value(3), try line.value(4), try line.value(5),
        energy: try line.value(8) * Self.energyScale), sigma: Self.errors(errors),
      status: .good)
  }

  /// Angles [deg] to the source, core [km], energy [EeV].
  static func shower(
    _ zenith: Double, _ azimuth: Double, _ x: Double, _ y: Double, energy: Double
  ) -> Shower {
    Shower(
      logEnergy: energy > 0 ? log10(energy) + Units.logEnergyOfEeV : .nan,
      zenith: zenith * Units.degree, azimuth: wrappedAngle(azimuth * Units.degree),
      coreX: x * Units.kilometre, coreY: y * Units.kilometre, time: .nan)
  }

  /// Errors of the angles [deg], the core [km] and S800 [relative], which is that of the energy.
  static func errors(_ values: [Double]) -> Shower {
    var sigma = Shower.undefined
    sigma.zenith = values[0] * Units.degree
    sigma.azimuth = values[1] * Units.degree
    sigma.coreX = values[2] * Units.kilometre
    sigma.coreY = values[3] * Units.kilometre
    sigma.logEnergy = values[4] / log(10)
    return sigma
  }

  /// Another line of the event; lines of other kinds are left out.
  mutating func add(_ line: INRLine) throws(FormatError) {
    switch line.kind {
    case "MLG":
      joint = Reconstruction(
        shower: Self.shower(
          try line.value(0), try line.value(1), try line.value(2), try line.value(3),
          energy: try line.value(5)), sigma: .undefined, status: .good)
    case "MCEV": try addTruth(line)
    case "DT": try addWindow(line)
    default: break
    }
  }

  private mutating func addTruth(_ line: INRLine) throws(FormatError) {
    try line.require(10)
    let code = try line.value(1)
    guard let primary = TruthBank.particles.first(where: { Double($0.code) == code })?.primary
    else { throw line.error("the particle \(line.text(1))") }
    number = Int(exactly: try line.value(0))
    truth = Truth(
      shower: Self.shower(
        try line.value(4), try line.value(5), try line.value(7), try line.value(8),
        energy: try line.value(3) * (primary == .photon ? 1 : Self.energyScale)),
      primary: primary, xmax: .nan, muonScale: .nan)
  }

  private mutating func addWindow(_ line: INRLine) throws(FormatError) {
    try line.require(11 + WaveformBank.sampleCount)
    guard let station = Int(line.text(0)) else {
      throw line.error("the station \"\(line.text(0))\"")
    }
    let start = (try line.value(7) + line.value(8)) * 1e9
    var values: [Double] = []
    for index in 0..<WaveformBank.sampleCount { values.append(try line.value(11 + index)) }
    let waveform = Waveform(vem: values)
    // The layers of a window have the same times, to the digits of the text.
    let known = windows.firstIndex { $0.station == station && abs($0.start - start) < 2 }
    let index = known ?? windows.count
    if known == nil { windows.append(Window(station: station, start: start)) }
    if line.text(9) == "0" {
      windows[index].lower = waveform
    } else {
      windows[index].upper = waveform
    }
  }

  /// The windows by station and time; a layer that is not in the text is bad.
  func hits(_ indexOfID: [Int: Int], omissions: inout [String: Int]) -> [Hit] {
    var hits: [Hit] = []
    for window in windows {
      guard let station = indexOfID[window.station] else {
        omissions["windows of stations that the array has not", default: 0] += 1
        continue
      }
      var bad: LayerSet = []
      if window.upper == nil { bad.insert(.upper) }
      if window.lower == nil { bad.insert(.lower) }
      let blank = Waveform(vem: [Double](repeating: 0, count: WaveformBank.sampleCount))
      hits.append(
        Hit(
          station: station, windowStart: window.start, upper: window.upper ?? blank,
          lower: window.lower ?? blank, badLayers: bad))
    }
    return hits.sorted { ($0.station, $0.windowStart) < ($1.station, $1.windowStart) }
  }
}
