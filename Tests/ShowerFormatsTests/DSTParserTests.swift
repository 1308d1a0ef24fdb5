import Foundation
import ShowerModel
import Testing

@testable import ShowerFormats

/// Both forms of the HDF5 files of dstparser against the DST file of which they were made.
@Suite struct DSTParserTests {
  private static let dst = Samples.fixture("dst/airshower_5.rufldf.dst.gz")
  private static let flat = Samples.fixture("dst/airshower_5.dstparser-flat.h5")
  private static let tiles = Samples.fixture("dst/airshower_5.dstparser-tiles.h5")

  /// Windows, truth and results of a file against the DST file; the number of windows.
  private func compare(_ path: String) throws -> Int {
    let dst = try Samples.events(Self.dst)
    let events = try Samples.events(path)
    #expect(events.count == 5)
    var windows = 0
    for (made, stored) in zip(events, dst) {
      let (a, b) = (try #require(made.event.truth), try #require(stored.event.truth))
      #expect(a.primary == b.primary)
      #expect(abs(a.shower.logEnergy - b.shower.logEnergy) < 1e-6)
      #expect(a.shower.direction.angle(to: b.shower.direction) < 1e-6)
      #expect(hypot(a.shower.coreX - b.shower.coreX, a.shower.coreY - b.shower.coreY) < 0.01)
      for name in ["imported_rufldf", "imported_rufldf_combined"] {
        let (x, y) = (try #require(made.results[name]), try #require(stored.results[name]))
        #expect(x.status == y.status)
        #expect(abs(x.shower.logEnergy - y.shower.logEnergy) < 1e-6)
        #expect(x.shower.direction.angle(to: y.shower.direction) < 1e-6)
        #expect(hypot(x.shower.coreX - y.shower.coreX, x.shower.coreY - y.shower.coreY) < 0.01)
        #expect(abs(x.sigma.coreX - y.sigma.coreX) < 0.01)
        let error = hypot(y.sigma.zenith, sin(y.shower.zenith) * y.sigma.azimuth)
        #expect(
          abs(hypot(x.sigma.zenith, sin(x.shower.zenith) * x.sigma.azimuth) / error - 1) < 0.01)
      }
      windows += try compare(made.event.hits, stored.event.hits)
    }
    return windows
  }

  private func compare(_ made: [Hit], _ stored: [Hit]) throws -> Int {
    // The clock of an event starts with its earliest hit.
    var (windows, starts) = (0, [Double]())
    for hit in made {
      let same = try #require(
        stored.first { $0.station == hit.station && $0.upper.samples == hit.upper.samples },
        "station \(hit.station)")
      windows += 1
      // The files have no times of the later windows of a hit.
      let isFirst = !made.contains { $0.station == hit.station && $0.windowStart < hit.windowStart }
      if isFirst { starts.append(hit.windowStart - same.windowStart) }
      for layer in Layer.allCases {
        #expect(hit[layer].samples == same[layer].samples)
        #expect(abs(hit[layer].countsPerVEM / same[layer].countsPerVEM - 1) < 1e-4)
        // Of 20 samples.
        #expect(abs(hit[layer].pedestal - same[layer].pedestal) < 1)
      }
    }
    let ordered = starts.sorted()
    let middle = try #require(ordered.isEmpty ? nil : ordered[ordered.count / 2])
    for start in starts {
      // Light over 1,200 m is 4,000 ns in tiles: 0.07 % of up to 40 us. Onsets may be a sample off.
      #expect(abs(start - middle) < 45)
    }
    #expect(starts.count { abs($0 - middle) < 12 } * 10 >= starts.count * 9)
    return windows
  }

  @Test func flatArraysAreTheDST() throws { #expect(try compare(Self.flat) == 94) }

  @Test func tilesAreTheDST() throws {
    #expect(try compare(Self.tiles) > 50)
    let array = try Samples.array("telescope-array")
    let dead = try Samples.events(Self.tiles).map { event in
      event.event.deadStations.map { array.stations[$0].id }
    }
    #expect(dead.flatMap(\.self).allSatisfy { $0 == 511 })
    #expect(dead.contains([511]))
  }

  @Test func onsetsAndPedestalsComeFromTheTrace() {
    var counts = (0..<128).map { 5 + $0 % 2 }
    for sample in 28..<60 { counts[sample] = 90 - sample }
    let vem = 41.7
    let waveform = Waveform.windows(ofRatios: [counts.map { Double(Float(Double($0) / vem)) }])[0]
    #expect(waveform.samples == counts.map { UInt16($0) })
    #expect(waveform.pedestal == 5.5)
    #expect(abs(waveform.countsPerVEM / vem - 1) < 1e-5)
    #expect(QuietSamples.onset(of: waveform) == 28)
    // A trace that begins with a signal has its pedestal at the end.
    let late = Waveform.windows(ofRatios: [counts.reversed().map { Double($0) / vem }])[0]
    #expect(late.pedestal == 5.5)
  }
}
