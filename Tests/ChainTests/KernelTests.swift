import Foundation
import Testing

/// The products of every generation of processors give the same network, on one processor.
@Suite struct KernelTests {
  /// Losses of one epoch, by the kernels that OPENBLAS_CORETYPE asks for. Prescott runs anywhere,
  /// and has no products of ours.
  @Test func ourProductsLearnWhatOpenBLASLearns() throws {
    let folder = try TemporaryFolder()
    let (events, reco) = (folder.path("events.h5"), folder.path("reco.h5"))
    for arguments in [
      ["simulate", "--events", "1200", "--seed", "5", "--output", events],
      ["reconstruct", events, "--output", reco],
    ] {
      try #require(Program.run(Program.url, arguments).status == 0)
    }
    var losses: [String: [Double]] = [:]
    for kernels in ["Prescott", "Haswell", ""] {
      let history = folder.path("history\(kernels).csv")
      let outcome = try Program.run(
        URL(filePath: "/usr/bin/env"),
        (kernels.isEmpty ? ["-u", "OPENBLAS_CORETYPE"] : ["OPENBLAS_CORETYPE=\(kernels)"]) + [
          Program.url.path, "train", reco, "--spec", "graph", "--epochs", "2", "--history", history,
          "--output", folder.path("network\(kernels).pt"),
        ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let rows = try String(contentsOfFile: history, encoding: .utf8).split(separator: "\n")
      let names = rows[0].split(separator: ",")
      let column = try #require(names.firstIndex(of: "validation_loss"))
      losses[kernels] = rows.dropFirst().compactMap {
        Double($0.split(separator: ",", omittingEmptySubsequences: false)[column])
      }
    }
    let expected = try #require(losses["Prescott"])
    #expect(expected.count == 2)
    for kernels in ["Haswell", ""] {
      let found = try #require(losses[kernels])
      #expect(found.count == 2 && found != expected, "the kernels must differ in last digits")
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-4) }
    }
  }
}
