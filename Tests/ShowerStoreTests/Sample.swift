import Foundation
import ShowerModel
import ShowerStore

/// Events, results and files for tests: arbitrary but fixed numbers, exact in the type of the file.
enum Sample {
  static let array = DetectorArray(
    name: "sample", spacing: 1200, referenceAltitude: 1370, stations: (0..<20).map(station),
    edge: [SIMD2(1.5, 2), SIMD2(9000.25, -7), SIMD2(4000, 3000), SIMD2(5000, 8000)])

  static func station(_ index: Int) -> Station {
    let (column, row) = (1 + index / 5, 1 + index % 5)
    let x = 1200 * Double(column) + 0.25
    let y = 1200 * Double(row) - 7.125
    return Station(
      id: 100 * column + row, column: column, row: row,
      position: Position(x, y, Double(index) - 9.5))
  }

  static let sampleCount = 32
  static let selection = #"{"name":"sample","minimumStations":5}"#

  static let step = ProvenanceStep(
    activity: "simulate", version: "0.1.0",
    commandLine: ["airshower", "simulate", "--events", "7"],
    settings: ["spectrum": "E^-2"],
    inputs: [.init(path: "tables/array.csv", sha256: "ab12"), .init(path: "Größe \"q\".csv")],
    seed: .max, host: "test", started: "2026-01-01T00:00:00Z", finished: "2026-01-01T00:00:01Z")

  static func events(_ count: Int, sampleCount: Int = sampleCount, simulated: Bool = true)
    -> [Event]
  {
    (0..<count).map { event($0, sampleCount: sampleCount, simulated: simulated) }
  }

  /// Number of hits and of dead stations vary with the number of the event, zero included.
  static func event(_ number: Int, sampleCount: Int, simulated: Bool) -> Event {
    var random = CounterRandom(seed: 5, event: number)
    let hits = (0..<number % 6).map { index in
      hit(station: (3 * index + number) % 20, sampleCount, simulated && index != 1, &random)
    }
    let truth = Truth(
      shower: shower(&random), primary: number % 2 == 0 ? .iron : .photon,
      xmax: random.uniform(600..<900), muonScale: random.uniform(),
      signal800: random.uniform(1..<200), muonMaximum: random.uniform(300..<700),
      delayScale: random.uniform())
    return Event(
      id: 1 << 53 + 1 + number, showerID: -number, time: 1e9 * random.uniform(), hits: hits,
      deadStations: (0..<number % 3).map { 19 - $0 }, truth: simulated ? truth : nil,
      accuracy: DetectorAccuracy(
        clockError: 10 + Double(number % 7), calibrationError: 0.1 / Double(3 + number % 5)))
  }

  private static func hit(
    station: Int, _ sampleCount: Int, _ simulated: Bool, _ random: inout CounterRandom
  ) -> Hit {
    func layer(_ random: inout CounterRandom) -> Waveform {
      Waveform(
        samples: (0..<sampleCount).map { _ in UInt16(truncatingIfNeeded: random.next()) },
        pedestal: single(random.uniform(5..<7)), pedestalDeviation: single(random.uniform()),
        countsPerVEM: single(random.uniform(40..<50)))
    }
    return Hit(
      station: station, windowStart: random.uniform(-1e5..<1e5), upper: layer(&random),
      lower: layer(&random), badLayers: LayerSet(rawValue: UInt8(station % 4)),
      truth: simulated
        ? HitTruth(
          muonSignal: single(random.uniform()), electromagneticSignal: single(random.uniform()))
        : nil)
  }

  static func shower(_ random: inout CounterRandom) -> Shower {
    Shower(
      logEnergy: random.uniform(18..<20), zenith: random.uniform(), azimuth: random.uniform(-3..<3),
      coreX: 5000 * random.normal(), coreY: 5000 * random.normal(), time: 1e4 * random.normal())
  }

  static func errors(_ random: inout CounterRandom) -> Shower {
    let values = shower(&random)
    return Shower(
      logEnergy: values.logEnergy, zenith: values.zenith, azimuth: abs(values.azimuth),
      coreX: abs(values.coreX), coreY: abs(values.coreY), time: abs(values.time))
  }

  static func reconstruction(_ number: Int) -> Reconstruction {
    guard number % 5 != 4 else { return .failed(.notConverged) }
    var random = CounterRandom(seed: 6, event: number)
    return Reconstruction(
      shower: shower(&random), sigma: errors(&random),
      status: number % 5 == 3 ? .outsideEnergyTable : .good)
  }

  /// What a network makes of an event: the same with every reason to keep the standard value.
  static func correction(_ number: Int) -> Reconstruction {
    var result = reconstruction(number)
    let reasons = CorrectionFallback.allCases
    if result.status == .good { result.fallback = reasons[number % reasons.count] }
    return result
  }

  static func standard(_ number: Int) -> StandardResult {
    var random = CounterRandom(seed: 7, event: number)
    var result = StandardResult(reconstruction: reconstruction(number))
    guard result.status == .good else { return result }
    result.signal800 = random.uniform(1..<200)
    result.signal800Sigma = random.uniform()
    result.curvature = random.uniform()
    result.curvatureSigma = 0
    result.directionSigma = random.uniform()
    result.chi2Time = random.uniform()
    result.chi2Signal = random.uniform()
    result.chi2Silent = random.uniform()
    result.degreesOfFreedom = 7.1
    result.stationCount = 5 + number
    result.saturatedCount = 1
    result.badTimingCount = 2
    result.silentCount = 3
    result.passes = 4
    result.iterations = 50 + number
    result.flags = [.coreConstrained, .atEdge]
    result.edgeDistance = random.uniform(-500..<5000)
    result.verdict = CutVerdict.all[number % CutVerdict.all.count]
    result.composition = CompositionQuantities(
      signalMoment3: single(random.uniform()), signalMoment4: single(random.uniform()),
      areaOverPeak1200: single(random.uniform()), areaOverPeakSlope: .nan,
      peakCount: Double(number), largestStationPeakCount: 2, oneLayerPeakCount: 1,
      layerAsymmetry: single(random.uniform()), signalSum: single(random.uniform()),
      largestSignal: single(random.uniform()))
    result.covariance = (0..<49).map { _ in random.normal() }
    return result
  }

  static func stations(_ number: Int) -> [StationSignal] {
    var random = CounterRandom(seed: 8, event: number)
    return (0..<(number + 2) % 4).map { index in
      StationSignal(
        station: (number + index) % 20, time: 1e4 * random.normal(),
        timeError: single(random.uniform()), upper: single(random.uniform()),
        lower: single(random.uniform()), badLayers: LayerSet(rawValue: UInt8(index % 4)),
        windowCount: 1 + index, isSaturated: index == 1,
        level: SelectionLevel.allCases[index], role: StationRole.allCases[index],
        signalTerm: SignalTerm.allCases[index % 3], timeSigma: single(random.uniform()),
        signalSigma: .nan, timePull: single(random.normal()), signalPull: single(random.normal()),
        timeResidual: index == 2 ? .nan : single(random.normal()),
        expectedSignal: single(random.uniform()))
    }
  }

  /// A file with everything in it.
  static func write(
    _ count: Int, to path: String, batch: Int = 100, simulated: Bool = true,
    networks: [String] = ["residual"], overwrite: Bool = false
  ) throws(StoreError) {
    let file = try EventFileWriter(
      path: path, array: array, sampleCount: sampleCount, simulated: simulated,
      overwrite: overwrite)
    for first in stride(from: 0, to: count, by: batch) {
      let rows = first..<min(first + batch, count)
      try file.append(rows.map { event($0, sampleCount: sampleCount, simulated: simulated) })
      try file.append(
        standard: rows.map(standard), stations: rows.map(stations), selection: selection)
      for name in networks {
        try file.append(
          rows.map(correction), as: MethodIdentity(name: name, kind: .network),
          networkDescription: "{\"n\": 1}")
      }
    }
    try file.finish(adding: step)
  }

  /// The nearest number that a float32 holds.
  static func single(_ value: Double) -> Double { Double(Float(value)) }
}

/// A folder that is removed with its contents.
final class Folder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("airshower-store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}

/// Values that are equal bit for bit, NaN included, in the words of Swift.
func same<Value>(_ a: Value, _ b: Value) -> Bool { String(reflecting: a) == String(reflecting: b) }
