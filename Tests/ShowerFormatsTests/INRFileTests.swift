import Foundation
import ShowerModel
import Testing

@testable import ShowerFormats

/// The HDF5 file of the INR group against the text of the same events.
@Suite struct INRFileTests {
  private static let path = Samples.fixture("dst/airshower_5.inr.h5")

  @Test func eventsAreThoseOfTheText() throws {
    let text = try Samples.events(Samples.fixture("dst/airshower_5.nuf-ML.txt.gz"))
    let file = try Samples.events(Self.path)
    #expect(file.count == 5)
    for (printed, stored) in zip(text, file) {
      #expect(printed.event.id == stored.event.id)
      #expect(printed.event.truth?.primary == stored.event.truth?.primary)
      let (a, b) = (try #require(printed.event.truth), try #require(stored.event.truth))
      #expect(abs(a.shower.energy / b.shower.energy - 1) < 1e-9)
      #expect(a.shower.direction.angle(to: b.shower.direction) < 1e-9)
      #expect(printed.results.count == 2)
      for (name, result) in printed.results {
        // As text, in which undefined values are equal.
        #expect("\(result)" == "\(try #require(stored.results[name]))")
      }
      #expect(printed.event.hits.count == stored.event.hits.count)
      for (x, y) in zip(printed.event.hits, stored.event.hits) {
        #expect(x.station == y.station)
        #expect(abs(x.windowStart - y.windowStart) < 1e-3)
        for layer in Layer.allCases {
          #expect(x[layer].samples == y[layer].samples)
          #expect(abs(x[layer].countsPerVEM / y[layer].countsPerVEM - 1) < 1e-4)
        }
      }
    }
  }

  @Test func otherFilesAreRefused() throws {
    let other = Samples.repository.appending(path: "Fixtures/damaged/valid-20.h5").path
    #expect(
      Samples.error(of: other)
        == "FILE: is an HDF5 file of no kind that import reads. "
        + "Give a file of INR, with the data sets ev_starts and dt_wfs, or one of dstparser.")
    let folder = try TemporaryFolder()
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Self.path)))
    let cut = try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "cut.h5")
    #expect(Samples.error(of: cut)?.contains("FILE: ") == true)
  }
}
