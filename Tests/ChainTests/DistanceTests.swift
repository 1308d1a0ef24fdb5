import Foundation
import Testing

/// `distance` and the weights of `train`, as a user runs them.
@Suite struct DistanceTests {
  private func edited(_ file: String, _ folder: TemporaryFolder, _ edit: String) throws -> String {
    let copy = folder.path("edited.h5")
    try? FileManager.default.removeItem(atPath: copy)
    try FileManager.default.copyItem(atPath: file, toPath: copy)
    let outcome = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      ["-c", "import h5py, numpy as np\nf = h5py.File('\(copy)', 'r+')\n\(edit)"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return copy
  }

  @Test func eventsOfOneSimulationAndOfAnother() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let (raw, other) = (folder.path("raw.h5"), folder.path("other.h5"))
    for (variation, isDifferent) in [("none", false), ("delays-long", true)] {
      let options = variation == "none" ? [] : ["--variation", variation]
      let made = try Program.run(
        Program.url,
        [
          "simulate", "--events", "400", "--energy", "1:300", "--seed", "77", "--output", raw,
          "--overwrite",
        ] + options)
      try #require(made.status == 0, "\(made.errors)")
      try #require(
        try Program.run("reconstruct", raw, "--output", other, "--overwrite").status == 0)
      let arguments = [
        "distance", other, "--reference", chain.reconstruction, "--replicas", "300", "--format",
        "json",
      ]
      let found = try Program.run(Program.url, arguments)
      try #require(found.status == 0, "\(found.errors)")
      struct Page: Decodable {
        struct Compared: Decodable {
          struct Distance: Decodable {
            struct Classifier: Decodable { let probability: Double }
            let classifier: Classifier
            let pairs: Int
          }
          let distance: Distance
        }
        let comparison: Compared
      }
      let page = try JSONDecoder().decode(Page.self, from: Data(found.output.utf8))
      #expect(page.comparison.distance.pairs > 100)
      let isSeen = page.comparison.distance.classifier.probability < 0.05
      #expect(isSeen == isDifferent, "\(page)")
      #expect(try Program.run(Program.url, arguments + ["--threads", "1"]).output == found.output)
    }
    let text = try Program.run(
      "distance", chain.reconstruction, "--reference", other, "--network", "reference")
    #expect(text.status == 0, "\(text.errors)")
    for part in ["unlike the training of reference", "distance KS", "curvature", "classifier"] {
      #expect(text.output.contains(part), "\(text.output)")
    }
  }

  @Test func wrongInput() throws {
    let chain = try SmallChain.shared.get()
    let nothing = try Program.run("distance", chain.reconstruction)
    #expect(nothing.status == 64 && nothing.errors.contains("--reference FILE"))
    let raw = try Program.run(
      "distance", chain.simulation, "--reference", chain.reconstruction)
    #expect(raw.status == 65 && raw.errors.contains("Run airshower reconstruct first"))
    let few = try Program.run(
      "distance", chain.reconstruction, "--reference", chain.reconstruction, "--max-events", "20")
    #expect(few.status == 65 && few.errors.contains("fewer than 50"), "\(few.errors)")
    let replicas = try Program.run(
      "distance", chain.reconstruction, "--reference", chain.reconstruction, "--replicas", "5")
    #expect(replicas.status == 64 && replicas.errors.contains("--replicas 5"))
  }

  // MARK: - Weights of training events

  private func train(
    _ file: String, _ folder: TemporaryFolder, _ weights: [String], to name: String = "n.pt"
  ) throws -> Program.Outcome {
    try Program.run(
      Program.url,
      [
        "train", file, "--spec", "event", "--epochs", "1", "--cuts", "none", "--output",
        folder.path(name), "--overwrite",
      ] + weights)
  }

  /// Enough events for a training of a second.
  private func events(_ folder: TemporaryFolder) throws -> String {
    let (raw, reco) = (folder.path("raw.h5"), folder.path("reco.h5"))
    for arguments in [
      ["simulate", "--events", "900", "--energy", "3:100", "--seed", "8", "--output", raw],
      ["reconstruct", raw, "--output", reco],
    ] {
      let outcome = try Program.run(Program.url, arguments)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    return reco
  }

  @Test func weightsChangeTheNetworkAndThoseOfOneDoNot() throws {
    let folder = try TemporaryFolder()
    let reco = try events(folder)
    func loss(_ file: String, _ weights: [String]) throws -> String {
      let outcome = try train(file, folder, weights)
      try #require(outcome.status == 0, "\(outcome.errors)")
      let words = outcome.errors.split(separator: "\n").first { $0.contains("epoch 1/1") }
      return String(try #require(words?.split(separator: ";").first))
    }
    let plain = try loss(reco, [])
    let ones = try edited(reco, folder, "f['events/weight'] = np.ones(len(f['events/event_id']))")
    #expect(try loss(ones, ["--weights", "column=weight"]) == plain)
    #expect(try loss(reco, ["--weights", "spectrum=-2.7"]) != plain)
    // The spectrum of the simulation itself is no weight.
    #expect(try loss(reco, ["--weights", "spectrum=-1"]) == plain)
    let metadata = try Program.run("inspect", folder.path("n.pt"))
    #expect(metadata.output.contains("spectrum=-1"))
  }

  @Test func wrongWeights() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    for text in ["spectrum=x", "spectrum=nan", "spectrum=-11", "weight", "column", "=3", ""] {
      let outcome = try train(chain.reconstruction, folder, ["--weights", text])
      #expect(outcome.status == 64 && outcome.errors.contains("--weights"), "\(outcome.errors)")
    }
    let absent = try train(chain.reconstruction, folder, ["--weights", "column=weight"])
    #expect(absent.status == 65 && absent.errors.contains("/events/weight"), "\(absent.errors)")
    for (value, shown) in [("np.nan", "nan"), ("-1", "-1.0"), ("np.inf", "inf")] {
      let file = try edited(
        chain.reconstruction, folder,
        "w = np.ones(len(f['events/event_id'])); w[17] = \(value); f['events/weight'] = w")
      let outcome = try train(file, folder, ["--weights", "column=weight"])
      #expect(outcome.status == 65, "\(outcome.errors)")
      #expect(outcome.errors.contains("/events/weight[17] is \(shown)"), "\(outcome.errors)")
    }
    let short = try edited(chain.reconstruction, folder, "f['events/weight'] = np.ones(7)")
    let outcome = try train(short, folder, ["--weights", "column=weight"])
    #expect(outcome.status == 65 && outcome.errors.contains("/events/weight"), "\(outcome.errors)")
    #expect(!folder.contents.contains("n.pt"))
  }
}
