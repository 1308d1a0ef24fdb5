import Foundation
import ShowerModel
import ShowerStore
import Testing

/// A network that begins with the published reconstruction instead of the standard one.
@Suite(.serialized) struct PublishedBaseTests {
  let chain: SmallChain

  init() throws { chain = try SmallChain.shared.get() }

  @discardableResult
  private func run(_ arguments: String...) throws -> Program.Outcome {
    let outcome = try Program.run(Program.url, arguments)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  @Test func aNetworkCorrectsThePublishedReconstruction() throws {
    let folder = try TemporaryFolder()
    let (both, network) = (folder.path("both.h5"), folder.path("network.pt"))
    let (corrected, report) = (folder.path("corrected.h5"), folder.path("report"))
    let events = folder.path("events.h5")
    // The 400 events of the chain leave too few for validation.
    try run("simulate", "--events", "1000", "--energy", "1:300", "--seed", "6", "--output", events)
    try run(
      "reconstruct", events, "--method", "standard", "--method", "published", "--output",
      both)
    try run(
      "train", both, "--base", "published", "--spec", "features", "--epochs", "1", "--threads", "1",
      "--output", network)
    try run("correct", both, "--network", network, "--name", "after", "--output", corrected)

    // The correction is one of the published core: if that moves by 100 m, so does the result.
    let (shifted, again) = (folder.path("shifted.h5"), folder.path("again.h5"))
    try FileManager.default.copyItem(atPath: both, toPath: shifted)
    let script =
      "import sys, h5py; file = h5py.File(sys.argv[1], 'r+'); "
      + "core = file['reconstruction/published/core_x']; core[:] = core[:] + 100"
    let edit = try Program.run(
      URL(filePath: "/usr/bin/python3"), ["-c", script, shifted])
    try #require(edit.status == 0, "\(edit.errors)")
    try run("correct", shifted, "--network", network, "--name", "after", "--output", again)
    let cores = try [corrected, again].map { path in
      let reader = try EventFileReader(path: path)
      return try reader.reconstructions(named: "after", 0..<reader.eventCount).map(\.shower.coreX)
    }
    let steps = zip(cores[0], cores[1]).map { $1 - $0 }.filter(\.isFinite).sorted()
    try #require(steps.count > 500)
    #expect(abs(steps[steps.count / 2] - 100) < 10, "\(steps[steps.count / 2]) m")

    let comparison = try run(
      "compare", corrected, "--method", "after", "--cuts", "none", "--replicas", "20", "--output",
      report)
    #expect(comparison.output.contains("published"))
  }

  @Test func aFileWithoutThePublishedReconstructionIsRefused() throws {
    let folder = try TemporaryFolder()
    let network = folder.path("network.pt")
    let outcome = try Program.run(
      Program.url,
      ["train", chain.reconstruction, "--base", "published", "--epochs", "1", "--output", network])
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("published") && outcome.errors.contains(chain.reconstruction))
    #expect(!FileManager.default.fileExists(atPath: network))
  }
}
