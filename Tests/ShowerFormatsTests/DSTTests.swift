import Foundation
import ShowerModel
import Testing

@testable import ShowerFormats

@Suite struct DSTTests {
  @Test func checkSumIsThatOfCCITT() {
    let text = Array("123456789".utf8)
    #expect(text.withUnsafeBytes(DSTFormat.checkSum) == 0x2189)
    // More than eight bytes are summed in steps of eight.
    let long = (0..<1000).map { UInt8(truncatingIfNeeded: 7 * $0) }
    let slow = long.reduce(UInt16(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt16(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0x8408 : 0) }
    }
    #expect(long.withUnsafeBytes(DSTFormat.checkSum) == Int32(slow))
  }

  /// Lines ML of the INR fit's own print of the file: zenith, azimuth [deg], core [km], energy on
  /// the fluorescence scale [EeV].
  private static let printed: [[Double]] = [
    [39.2333, 206.003, -8.65459, -4.26515, 12.385],
    [38.122, 112.73, -0.542396, -3.91255, 8.92342],
    [42.1601, 156.051, -1.87718, 6.11719, 15.7538],
    [37.5609, 86.6993, -5.18524, -9.68304, 7.98009],
    [32.2225, 2.20714, 5.92998, -16.8178, 16.9932],
  ]

  @Test func fiveEventsOfTheExperimentsLibraryHaveTheStoredValues() throws {
    let events = try Samples.events(Samples.fixture("dst/airshower_5.rufldf.dst.gz"))
    #expect(events.map(\.event.id) == [0, 1, 2, 3, 4])
    #expect(events.map(\.event.hits.count) == [40, 53, 45, 46, 46])
    for (event, printed) in zip(events, Self.printed) {
      let result = try #require(event.results["imported_rufldf"])
      #expect(result.status == .good)
      let shower = result.shower
      let azimuth = wrappedAngle(shower.azimuth - printed[1] * Units.degree) / Units.degree
      #expect(abs(shower.zenith / Units.degree - printed[0]) < 1e-4)
      #expect(abs(azimuth) < 1e-3)
      #expect(abs(shower.coreX / 1000 - printed[2]) < 1e-4)
      #expect(abs(shower.coreY / 1000 - printed[3]) < 1e-4)
      #expect(abs(shower.energy / 1.27 / printed[4] - 1) < 1e-5)
    }
    let first = try #require(events.first)
    let sigma = try #require(first.results["imported_rufldf"]).sigma
    #expect(abs(sigma.zenith / Units.degree - 1.59824) < 1e-5)
    #expect(abs(sigma.azimuth / Units.degree - 3.16453) < 1e-5)
    #expect(abs(sigma.coreX / 1000 - 0.0560766) < 1e-6)
    #expect(abs(sigma.coreY / 1000 - 0.0373096) < 1e-6)
    #expect(abs(sigma.logEnergy * log(10) - 0.103124) < 1e-6)
    let truth = try #require(first.event.truth)
    #expect(truth.primary == .proton)
    #expect(abs(truth.shower.energy - 15.0415 * 1.27) < 1e-3)
    #expect(abs(truth.shower.zenith / Units.degree - 39.0247) < 1e-4)
    #expect(
      abs(wrappedAngle(truth.shower.azimuth - 204.379 * Units.degree)) < 1e-3 * Units.degree)
    #expect(abs(truth.shower.coreX + 8565.04) < 0.01)
    #expect(abs(truth.shower.coreY + 4256.10) < 0.01)
    let hit = try #require(first.event.hits.first)
    let array = try Samples.array("telescope-array")
    #expect(array.stations[hit.station].id == 210)
    #expect(hit.windowStart == 6168)
    #expect(hit.lower.pedestal == 45.0 / 8 && hit.upper.pedestal == 39.0 / 8)
    #expect(abs(hit.lower.countsPerVEM - 40.09959336414239 * cos(35 * Units.degree)) < 1e-9)
    #expect(abs(hit.lower.pedestalDeviation - 5.0 / 8 / 2.33) < 1e-12)
    #expect(hit.lower.samples.reduce(0) { $0 + Int($1) } == 744)
    #expect(hit.upper.samples.reduce(0) { $0 + Int($1) } == 689)
    #expect(hit.badLayers == [])
  }

  @Test func packingDoesNotMatter() throws {
    let folder = try TemporaryFolder()
    let packed = Samples.fixture("dst/airshower_5.rusdraw.dst.bz2")
    let plain = try folder.write(Samples.unpacked(packed), to: "no-ending")
    let events = try Samples.events(packed)
    #expect(events.count == 5)
    let passes = try Samples.events(Samples.fixture("dst/airshower_5.rufldf.dst.gz"))
    for (index, event) in try Samples.events(plain).enumerated() {
      // Truths have times that are not known.
      #expect(event.event.hits == events[index].event.hits)
      #expect(event.event.hits == passes[index].event.hits)
      #expect(event.event.truth?.shower.logEnergy == events[index].event.truth?.shower.logEnergy)
    }
  }

  @Test func windowsCrossTheSecond() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("second.dst")
    // The clock starts 1 us before the second ends, so windows of both seconds surround it.
    let event = Samples.data(
      time: 999_999_000, windows: [(10, -5000), (20, 500), (20, 3060), (30, 7123)])
    try Samples.write([event], to: path)
    let read = try #require(try Samples.events(path).first).event
    #expect(read.utc == event.utc)
    #expect(read.time == event.time)
    #expect(read.hits.map(\.windowStart) == event.hits.map(\.windowStart))
    #expect(read.hits.map(\.station) == [10, 20, 20, 30])
  }

  @Test func layersWithoutCalibrationAreBad() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("bad.dst")
    try Samples.write([Samples.data(windows: [(3, 0)], bad: .lower)], to: path)
    let hit = try #require(try Samples.events(path).first?.event.hits.first)
    #expect(hit.badLayers == .lower)
    #expect(hit.goodLayers == [.upper])
  }

  @Test func positionsAreThoseOfTheDate() throws {
    let folder = try TemporaryFolder()
    let (path, surveys) = (folder.path("date.dst"), try Samples.surveys())
    for (day, name) in [(10, "telescope-array-2008"), (11, "telescope-array")] {
      let utc = CalendarTime(2008, 11, day, 12)
      try Samples.write([Samples.data(utc: utc, windows: [(3, 0)])], to: path)
      #expect(try ForeignFile.open(path: path, surveys: surveys).array.name == name)
    }
    let before = Samples.data(utc: CalendarTime(2008, 11, 10, 23, 59, 59), windows: [(3, 0)])
    let after = Samples.data(id: 2, utc: CalendarTime(2008, 11, 11), windows: [(3, 0)])
    try Samples.write([before, after], to: path)
    #expect(
      Samples.error(of: path)
        == "FILE: event 2 has other positions of stations than those before it: they were surveyed "
        + "anew on 11 November 2008 (block 0, byte 1430). Import the files before and after that "
        + "date apart, or choose one --array.")
  }

  @Test func unknownBanksAreSkipped() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("unknown.dst")
    let writer = BankWriter(try PackedOutput(path: path, name: path, packs: false))
    let reader = BankReader(
      try PackedFile(path: Samples.fixture("dst/airshower_5.rufldf.dst.gz")))
    while let bank = try reader.next() {
      try writer.write(BankBytes(of: bank))
      // Larger than a block, and so small that the rest of a block would do.
      for length in [40_000, 8] {
        var unknown = BankBytes(.eventStart)
        for _ in 0..<length { unknown.integer(99) }
        let bytes = [1, 0, 0, 0] + unknown.bytes.dropFirst(4)
        try writer.write(
          BankBytes(of: Bank(number: 1, version: 0, bytes: bytes, place: bank.place)))
      }
    }
    try writer.finish()
    #expect(try Samples.events(path).count == 5)
  }
}
