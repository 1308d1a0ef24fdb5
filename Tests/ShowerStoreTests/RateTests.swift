import Foundation
import Glibc
import ShowerModel
import ShowerStore
import Testing

/// Rates and peak memory on realistic events, in a release build:
/// `AIRSHOWER_MEASURE=10000 swift test -c release --filter RateTests`.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["AIRSHOWER_MEASURE"] != nil,
    "AIRSHOWER_MEASURE=EVENTS is not set"))
struct RateTests {
  /// Ten hits of two pulses in noise: pedestal 6 counts, rms 0.75.
  static func event(_ number: Int) -> Event {
    var random = CounterRandom(seed: 11, event: number)
    let hits = (0..<10).map { station in
      func layer() -> Waveform {
        let height = exp(random.uniform(1..<6))
        let samples = (0..<128).map { sample in
          let delay = Double(sample - 40)
          let pulse = delay < 0 ? 0 : height * delay / 5 * exp(1 - delay / 5)
          return UInt16(max(6 + 0.75 * random.normal() + pulse, 0))
        }
        return Waveform(
          samples: samples, pedestal: 6 + 0.1 * random.normal(), pedestalDeviation: 0.26,
          countsPerVEM: 45 + random.normal())
      }
      return Hit(
        station: station, windowStart: 1e4 * random.uniform(), upper: layer(), lower: layer(),
        truth: HitTruth(muonSignal: random.uniform(), electromagneticSignal: random.uniform()))
    }
    let truth = Truth(
      shower: Sample.shower(&random), primary: .proton, xmax: 700 + 60 * random.normal(),
      muonScale: 1)
    return Event(id: number, showerID: number, hits: hits, truth: truth)
  }

  @Test func ratesAndPeakMemory() throws {
    let environment = ProcessInfo.processInfo.environment
    let count = Int(environment["AIRSHOWER_MEASURE"] ?? "") ?? 10_000
    let folder = try Folder()
    let path = folder.file("events.h5")
    let pool = (0..<1000).map(RateTests.event)
    let start = peakMemory()
    let clock = ContinuousClock()
    let megabytes = Double(count) * 10 * 512 / 1e6
    func report(_ what: String, _ time: Duration) {
      let seconds = time / .seconds(1)
      print(
        what, "\(Int(Double(count) / seconds)) events/s, \(Int(megabytes / seconds)) MB/s,",
        "peak +\(peakMemory() - start) kB")
    }

    let writer = try EventFileWriter(
      path: path, array: Sample.array, sampleCount: 128, simulated: true, overwrite: false)
    let writing = try clock.measure {
      for _ in 0..<count / 1000 { try writer.append(pool) }
      try writer.finish(adding: Sample.step)
    }
    let bytes = try EventFileReader(path: path).summary().fileBytes
    report("write, \(bytes / count) bytes an event:", writing)

    let file = try EventFileReader(path: path)
    report(
      "read:",
      try clock.measure { for rows in file.chunks(of: 1000) { _ = try file.events(rows) } })
    report(
      "read in random chunks of 100:",
      try clock.measure {
        var random = CounterRandom(seed: 1, event: 1)
        for rows in file.chunks(of: 100).shuffled(using: &random) { _ = try file.events(rows) }
      })
    report(
      "read without waveforms:",
      try clock.measure {
        for rows in file.chunks(of: 1000) { _ = try file.events(rows, waveforms: false) }
      })
    report(
      "copy and append standard results:",
      try clock.measure {
        let copy = try EventFileWriter(
          copying: file, to: folder.file("copy.h5"), overwrite: false)
        for rows in file.chunks(of: 1000) {
          try copy.append(
            standard: rows.map { Sample.standard($0 % 1000) },
            stations: rows.map { Sample.stations($0 % 1000) })
        }
        try copy.finish(adding: Sample.step)
      })
    report(
      "copy all but one event:",
      try clock.measure {
        let copy = try EventFileWriter(
          copying: file, to: folder.file("short.h5"), rows: 0..<count - 1, overwrite: false)
        try copy.finish(adding: Sample.step)
      })
  }

  /// Largest resident size so far [kB].
  private func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }
}
