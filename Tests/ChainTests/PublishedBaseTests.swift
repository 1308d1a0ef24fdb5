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
    try run(
      "reconstruct", chain.simulation, "--method", "standard", "--method", "published", "--output",
      both)
    try run(
      "train", both, "--base", "published", "--spec", "features", "--epochs", "1", "--threads", "1",
      "--output", network)
    try run("correct", both, "--network", network, "--name", "after", "--output", corrected)

    // It moves the published values by less than they differ from the standard ones.
    let reader = try EventFileReader(path: corrected)
    let rows = 0..<reader.eventCount
    let standard = try reader.standardResults(rows)
    let published = try reader.reconstructions(named: "published", rows)
    let after = try reader.reconstructions(named: "after", rows)
    var (near, far, moved) = (0, 0, 0)
    for row in rows where published[row].status == .good && after[row].status == .good {
      let (base, other) = (published[row].shower, standard[row].shower)
      guard other.coreX.isFinite else { continue }
      let step = abs(after[row].shower.coreX - base.coreX)
      if step < abs(after[row].shower.coreX - other.coreX) { near += 1 } else { far += 1 }
      if step > 0 { moved += 1 }
    }
    #expect(near + far > 200)
    #expect(near > 2 * far, "\(near) near the published core, \(far) near the standard one")
    #expect(moved > 100)

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
