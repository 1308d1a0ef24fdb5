import Foundation
import ShowerModel
import Testing

@testable import ShowerFormats

/// The text of the INR fit against the DST file of which it was made.
@Suite struct INRTextTests {
  private static let text = Samples.fixture("dst/airshower_5.nuf-ML.txt.gz")

  @Test func waveformsAreThoseOfTheDST() throws {
    let text = try Samples.events(Self.text)
    let dst = try Samples.events(Samples.fixture("dst/airshower_5.rufldf.dst.gz"))
    #expect(text.count == 5)
    var windows = 0
    for (printed, stored) in zip(text, dst) {
      #expect(printed.event.id == stored.event.id)
      let (truth, own) = (try #require(printed.event.truth), try #require(stored.event.truth))
      #expect(truth.primary == own.primary)
      #expect(abs(truth.shower.energy / own.shower.energy - 1) < 1e-4)
      #expect(truth.shower.direction.angle(to: own.shower.direction) < 1e-5)
      let result = try #require(printed.results["imported_rufldf"])
      let others = try #require(stored.results["imported_rufldf"])
      #expect(result.shower.direction.angle(to: others.shower.direction) < 1e-5)
      #expect(printed.results["imported_nuf"]?.status == .good)
      for hit in printed.event.hits {
        let same = stored.event.hits.filter { $0.station == hit.station }
        for layer in hit.goodLayers {
          // Up to the whole counts of the pedestal, the counts are those of one of its windows.
          let counts = hit[layer].samples.map { Double($0) - hit[layer].pedestal }
          let match = same.first { other in
            zip(counts, other[layer].samples).allSatisfy {
              abs($0 - (Double($1) - other[layer].pedestal)) < 0.01
            }
          }
          #expect(match != nil, "event \(printed.event.id), station \(hit.station), \(layer)")
          let ratio = hit[layer].countsPerVEM / (match?[layer].countsPerVEM ?? 0)
          // The text takes 1.22 for the inverse cosine of 35 degrees.
          #expect(abs(ratio * 1.22 * WaveformBank.verticalMuon - 1) < 1e-3)
          windows += 1
        }
      }
    }
    #expect(windows == 186)
  }

  @Test func countsAreFoundAgain() throws {
    var counts: [Double] = (0..<128).map { index in Double(4 + index % 3) }
    counts[40] = 1500
    let values = try counts.map { count in
      let vem = (count - 5.25) * 0.0249
      return try #require(Double(String(format: "%.6g", vem)))
    }
    let waveform = Waveform(vem: values)
    #expect(waveform.samples == counts.map { UInt16($0) })
    #expect(abs(waveform.pedestal - 5.25) < 0.01)
    #expect(abs(waveform.countsPerVEM * 0.0249 - 1) < 1e-4)
    // No grid: to the nearest 0.025 VEM.
    let smooth = Waveform(vem: (0..<128).map { 0.3 * sin(Double($0)) })
    #expect(smooth.countsPerVEM == 40)
  }

  @Test func damagedTexts() throws {
    let folder = try TemporaryFolder()
    let bytes = try Samples.unpacked(Self.text)
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    func error(_ change: (inout [Substring]) -> Void) throws -> String? {
      var changed = lines
      change(&changed)
      return Samples.error(
        of: try folder.write(Array(changed.joined(separator: "\n").utf8), to: "text"))
    }
    #expect(
      try error { $0[4] = "DT 0312 0 0" }
        == "FILE: 3 fields after DT, where 139 are needed (line 5). "
        + "The file is damaged: run the INR fit again.")
    #expect(
      try error { $0[3].replace("MCEV 0 14", with: "MCEV 0 15") }
        == "FILE: the particle 15 (line 4). The file is damaged: run the INR fit again.")
    #expect(try error { $0[0].replace("39.2333", with: "x") }?.contains("(line 1)") == true)
  }
}
