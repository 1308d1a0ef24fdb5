import Foundation
import HostileText
import ShowerModel
import Testing

@testable import ShowerReport

/// What the page of `browse` holds.
@Suite struct BrowserPageTests {
  @Test func samplesCanBeReadBack() throws {
    let samples: [UInt16] = [50, 51, 49, 50, 4095, 0, 65_535, 65_535, 3]
    let bytes = [UInt8](try #require(Data(base64Encoded: packed(samples))))
    // As browse.js reads them.
    var (values, last, number, shift) = ([Int](), 0, 0, 0)
    for byte in bytes {
      number |= Int(byte & 127) << shift
      shift += 7
      guard byte & 128 == 0 else { continue }
      last += (number >> 1) ^ -(number & 1)
      values.append(last)
      (number, shift) = (0, 0)
    }
    #expect(values == samples.map(Int.init))
    // Noise takes a byte a sample.
    #expect(bytes.count < 2 * samples.count)
    #expect(Data(base64Encoded: packed([UInt16](repeating: 50, count: 128)))?.count == 128)
  }

  @Test func numbersAreShortAndNeverBreakJSON() throws {
    var json = CompactJSON()
    json.numbers([
      (1.23456, 2), (-0.001, 2), (.nan, 2), (.infinity, 0), (1e300, 3), (-7, 3), (123_456_789.5, 1),
    ])
    #expect(json.text.hasPrefix("[1.23,0,null,null,1e+300,-7,123456789.5]"), "\(json.text)")
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.text.utf8)) }
  }

  @Test(arguments: [
    "</script><script>alert(1)</script>", "<!--<script>", "a\"b\\c", "\u{2028}\u{202E}x", "&lt;",
  ]) func namesStayText(name: String) throws {
    let contents = BrowserPage.Contents(
      files: [name], array: .idealGrid(columns: 3, rows: 3), methods: ["standard"],
      columns: [EventQuantity(name, unit: name, name, words: [name: 1])], waveformNote: name,
      key: name)
    let assets = PageAssets(
      script: "1", style: "", library: "2", libraryStyle: "", libraryLicence: "MIT",
      hashes: ["x", "y"])
    let page = BrowserPage(title: name, assets: assets)
    let text = page.opening + page.closing(contents)
    // Its own scripts and elements of data, and no other.
    #expect(text.components(separatedBy: "<script").count == 5)
    #expect(text.components(separatedBy: "</script").count == 5)
    let start = try #require(text.range(of: "id=\"head\">"))
    let end = try #require(text.range(of: "</script>", range: start.upperBound..<text.endIndex))
    let head = try JSONSerialization.jsonObject(
      with: Data(text[start.upperBound..<end.lowerBound].utf8))
    let files = try #require((head as? [String: Any])?["files"] as? [String])
    #expect(files == [name])
  }

  @Test func anEventHasItsStationsMethodsAndWaveforms() throws {
    let array = DetectorArray.idealGrid(columns: 5, rows: 5)
    let trace = Waveform(
      samples: [6, 6, 45, 84, 6], pedestal: 6, pedestalDeviation: 0.3, countsPerVEM: 39)
    let shower = Shower(
      logEnergy: 19, zenith: 0.5, azimuth: -1, coreX: 100, coreY: -50, time: 5000)
    var standard = StandardResult.failed(.good)
    standard.reconstruction = Reconstruction(shower: shower, sigma: .undefined, status: .good)
    standard.signal800 = 20
    standard.curvature = 0.5
    let roles: [StationRole] = [.fitted, .excluded]
    let event = ReconstructedEvent(
      event: Event(
        id: 7, showerID: 3,
        hits: [3, 12].map { Hit(station: $0, windowStart: 4000, upper: trace, lower: trace) },
        deadStations: [0],
        truth: Truth(shower: shower, primary: .iron, xmax: 700, muonScale: 1)),
      stations: zip([3, 12], roles).map { station, role in
        StationSignal(
          station: station, time: 4040, timeError: 10, upper: 6, lower: 6, role: role)
      },
      standard: standard)
    var kept = standard.reconstruction
    kept.fallback = .beyondTraining
    let picture = EventPicture(
      event, array: array, lateralDistribution: .inr, front: .linsley, silentDistance: 4200)
    func object(_ extent: WaveformExtent) throws -> [String: Any] {
      let line = BrowserEvent(
        picture: picture,
        methods: [standard.reconstruction, kept, .failed(.notConverged)], waveforms: extent
      ).json
      #expect(!line.contains("\n"))
      return try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let all = try object(.all)
    let stations = try #require(all["stations"] as? [[Any]])
    #expect(stations.map { $0[0] as? Int } == [3, 12])
    #expect(stations.map { $0[2] as? Double } == [2, 2])
    let methods = try #require(all["methods"] as? [[String: Any]])
    let notes = methods.map { $0["note"] as? String }
    #expect(notes[0] == nil)
    #expect(notes[1] == "not corrected: \(CorrectionFallback.beyondTraining.explanation)")
    #expect(notes[2] == "no energy: \(ReconstructionStatus.notConverged.explanation)")
    let values = try #require(methods[0]["values"] as? [Any])
    #expect(values[0] as? Double == 10 && abs((values[2] as? Double ?? 0) - 28.648) < 1e-3)
    #expect(methods[0]["errors"] as? [Double] == [0, 0, 0])
    #expect((all["waveforms"] as? [String: Any])?.keys.sorted() == ["12", "3"])
    #expect((try object(.fitted)["waveforms"] as? [String: Any])?.keys.sorted() == ["3"])
    #expect(try object(.none)["waveforms"] is NSNull)
    let curve = try #require(all["lateral"] as? [[Double]])
    #expect(curve.count == 31 && abs(curve[3][1] - picture.fittedSignal(at: curve[3][0])) < 0.5)
  }
}
