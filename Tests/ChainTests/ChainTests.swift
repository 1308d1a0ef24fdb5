import Foundation
import ResidualNetwork
import ShowerModel
import ShowerStore
import Testing
import Workflow

@Suite(.serialized) struct ChainTests {
  @Test func everyStepEndsWellAndLeavesAWholeFile() throws {
    let chain = try SmallChain.shared.get()
    for outcome in chain.outcomes { #expect(outcome.status == 0, "\(outcome.errors)") }
    #expect(!chain.folder.contents.contains { $0.hasSuffix(".part") })
    let reader = try EventFileReader(path: chain.correction)
    #expect(reader.eventCount == SmallChain.eventCount)
    #expect(reader.hasTruth && reader.hasStandard && !reader.reconstructionNames.isEmpty)
    #expect(reader.provenance.map(\.activity) == ["simulate", "reconstruct", "correct"])
    #expect(reader.provenance.first?.seed == 5)
    for name in ["report.html", "summary.json", "summary.csv"] {
      #expect(FileManager.default.fileExists(atPath: chain.report + "/" + name))
    }
    #expect(chain.outcomes[3].output.contains("%"))
  }

  @Test func theFitIsRightOnSimulatedShowers() throws {
    let reader = try EventFileReader(path: SmallChain.shared.get().reconstruction)
    let rows = 0..<reader.eventCount
    let truths = try reader.truths(rows)
    let results = try reader.standardResults(rows)
    let good = zip(truths, results).filter { $1.status == .good && $1.stationCount >= 5 }
    #expect(good.count > SmallChain.eventCount / 2)
    let angles = good.map { $1.shower.direction.angle(to: $0.shower.direction) }.sorted()
    let energies = good.map { ($1.shower.logEnergy - $0.shower.logEnergy) * log(10) }.sorted()
    // Published resolution is 1.4 to 2.4 degrees; a wrong convention would give tens of degrees.
    #expect(angles[angles.count * 68 / 100] < 3 * Units.degree)
    #expect(abs(energies[energies.count / 2]) < 0.3)
    for (truth, result) in good.prefix(100) {
      let d = hypot(
        result.shower.coreX - truth.shower.coreX, result.shower.coreY - truth.shower.coreY)
      #expect(d < 1500)
    }
  }

  @Test func sameEventsForAnyNumberOfThreads() throws {
    let folder = try TemporaryFolder()
    for threads in ["1", "2", "3"] {
      let name = folder.path("t\(threads).h5")
      try Program.run(
        "simulate", "--events", "150", "--seed", "9", "--threads", threads, "--output", name)
      try Program.run("reconstruct", name, "--threads", threads, "--output", name + ".reco")
    }
    let readers = try ["1", "2", "3"].map {
      try EventFileReader(path: folder.path("t\($0).h5.reco"))
    }
    let first = try readers[0].events(0..<150)
    #expect(first.count == 150)
    #expect(try readers[1].events(0..<150) == first && readers[2].events(0..<150) == first)
    // Failed rows hold NaN, which equals nothing: compare what is written.
    let text = try readers.map {
      "\(try $0.standardResults(0..<150))\(try $0.stationSignals(0..<150))"
    }
    #expect(text[1] == text[0] && text[2] == text[0])
  }

  @Test func aNetworkOfZeroWeightsChangesNothing() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let network = try Network(
      contentsOf: Program.repository.appending(path: "tables/networks/reference.pt").path)
    try network.zeroed().write(to: folder.path("zero.pt"))
    let output = folder.path("corrected.h5")
    let outcome = try Program.run(
      "correct", chain.reconstruction, "--network", folder.path("zero.pt"), "--name", "zero",
      "--output", output)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let reader = try EventFileReader(path: output)
    let rows = 0..<reader.eventCount
    var compared = 0
    for (standard, corrected) in zip(
      try reader.standardResults(rows), try reader.reconstructions(named: "zero", rows))
    where standard.status == .good {
      #expect(corrected.shower == standard.shower)
      compared += 1
    }
    #expect(compared > SmallChain.eventCount / 2)
  }

  @Test func theShippedNetworkImprovesDirectionAndEnergy() throws {
    let chain = try SmallChain.shared.get()
    let reader = try EventFileReader(path: chain.correction)
    let rows = 0..<reader.eventCount
    let name = try #require(reader.reconstructionNames.first { $0 != "polynomial" })
    var (angles, energies) = (
      [[Double]](repeating: [], count: 2), [[Double]](repeating: [], count: 2)
    )
    for (truth, (standard, corrected)) in zip(
      try reader.truths(rows),
      zip(try reader.standardResults(rows), try reader.reconstructions(named: name, rows)))
    where standard.status == .good && corrected.status == .good && standard.stationCount >= 5 {
      for (index, shower) in [standard.shower, corrected.shower].enumerated() {
        angles[index].append(shower.direction.angle(to: truth.shower.direction))
        energies[index].append(abs(shower.logEnergy - truth.shower.logEnergy))
      }
    }
    func containment(_ errors: [Double]) -> Double { errors.sorted()[errors.count * 68 / 100] }
    #expect(containment(angles[1]) < 0.9 * containment(angles[0]))
    #expect(containment(energies[1]) < containment(energies[0]))
  }

  @Test func trainingLearnsAndItsNetworkCorrects() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let arguments = [
      "train", chain.reconstruction, "--spec", "scalars", "--epochs", "2", "--cuts", "none",
      "--batch-size", "32", "--threads", "1", "--history", folder.path("curve.csv"), "--curves",
      folder.path("curve.png"), "--output",
    ]
    // Too small a sample is an error with a reason, not a bad network.
    let outcome = try Program.run(Program.url, arguments + [folder.path("a.pt")])
    if outcome.status == 0 {
      try Program.run(Program.url, arguments + [folder.path("b.pt"), "--overwrite"])
      let (a, b) = (
        try Network(contentsOf: folder.path("a.pt")), try Network(contentsOf: folder.path("b.pt"))
      )
      #expect(a.metadata.validationLoss == b.metadata.validationLoss)
      let picture = try Data(contentsOf: URL(filePath: folder.path("curve.png")))
      #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
      let curve = try String(contentsOfFile: folder.path("curve.csv"), encoding: .utf8)
      #expect(curve.split(separator: "\n").count == 3)

      // A loss that is no number: exit 1, the events named, and no network.
      let diverged = try Program.run(
        Program.url,
        [
          "train", chain.reconstruction, "--spec", "event", "--cuts", "none", "--batch-size", "32",
          "--learning-rate", "1e30", "--output", folder.path("d.pt"),
        ])
      #expect(diverged.status == 1)
      #expect(diverged.errors.contains("batch 2, of the events"))
      #expect(!FileManager.default.fileExists(atPath: folder.path("d.pt")))
      #expect(a.metadata.provenance.map(\.activity) == ["simulate", "reconstruct", "train"])
      let corrected = try Program.run(
        "correct", chain.reconstruction, "--network", folder.path("a.pt"), "--output",
        folder.path("c.h5"))
      #expect(corrected.status == 0)
      // Its own training events are left out unasked.
      let compared = try Program.run(
        "compare", folder.path("c.h5"), "--cuts", "none", "--replicas", "50", "--output",
        folder.path("report"))
      #expect(compared.errors.contains("only its test split"))
      // Asked for, they are refused.
      let shared = try Program.run(
        "compare", folder.path("c.h5"), "--cuts", "none", "--split", "all", "--output",
        folder.path("shared"))
      #expect(shared.status == 65 && shared.errors.contains("would share showers"))
      #expect(shared.errors.contains("correct events of another seed"))
    } else {
      #expect(outcome.errors.contains("\(chain.reconstruction): too few events"))
    }
  }

  /// The verdict in the file, the table on standard output and the definition stored agree.
  @Test func cutsAreCountedStoredAndExplained() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let own = folder.path("own.json")
    let limits = """
      {"minimumStations": 6, "maximumZenith": 40, "minimumEdgeDistance": 1200, "minimumEnergy": 3}
      """
    try Data(limits.utf8).write(to: URL(filePath: own))
    let output = folder.path("reco.h5")
    let outcome = try Program.run(
      "reconstruct", chain.simulation, "--cuts", own, "--output", output)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let reader = try EventFileReader(path: output)
    let text = try #require(try reader.selection())
    let cuts = try QualityCuts(parsing: text, file: "stored")
    #expect(cuts.name == "own" && cuts.maximumZenith == 40 * Units.degree)
    #expect(reader.provenance.last?.settings["selection"] == text)
    #expect(reader.provenance.last?.inputs.contains { $0.path.hasSuffix("own.json") } == true)

    let results = try reader.standardResults(0..<reader.eventCount)
    #expect(results.allSatisfy { $0.verdict == cuts.verdict($0) })
    var flow = EventFlow(cuts: cuts)
    for result in results {
      if !flow.countIfLost(result, result.verdict) { flow.countKept() }
    }
    #expect(outcome.output == "Selection own\n\(flow.cutTable)\n")
    for cut in [Cut.stations, .zenith, .edge, .energy] {
      #expect(results.contains { $0.verdict == .failed(cut) }, "\(cut)")
    }
    #expect(flow.kept > 20 && flow.total == SmallChain.eventCount)
    let quiet = try Program.run(
      "reconstruct", chain.simulation, "--quiet", "--output", folder.path("quiet.h5"))
    #expect(quiet.output.isEmpty && quiet.errors.isEmpty)
  }

  @Test func compositionQuantitiesAreOfAShower() throws {
    let reader = try EventFileReader(path: SmallChain.shared.get().reconstruction)
    let rows = 0..<reader.eventCount
    let good = try reader.standardResults(rows).filter { $0.status == .good }
    for result in good {
      let composition = result.composition
      #expect(result.linsleyCurvature.isFinite)
      #expect(composition.signalSum >= composition.largestSignal)
      #expect(composition.largestSignal > 0 && composition.layerAsymmetry > 0)
      #expect(composition.signalMoment3 > 0 && composition.signalMoment4 > 0)
      #expect(composition.peakCount >= composition.oneLayerPeakCount)
      #expect(composition.peakCount >= composition.largestStationPeakCount)
    }
    // A lone muon gives 85 ns; traces of showers at 1200 m last for hundreds.
    let areas = good.map(\.composition.areaOverPeak1200).filter(\.isFinite).sorted()
    #expect(areas.count > good.count / 3)
    #expect((200..<1000).contains(areas[areas.count / 2]))
  }

  @Test func h5pyReadsWhatTheReadmePromises() throws {
    let chain = try SmallChain.shared.get()
    let script = """
      import h5py, json, numpy as np
      f = h5py.File('\(chain.correction)')
      assert f.attrs['FORMAT'] == b'airshower'
      steps = [s['activity'] for s in json.loads(f.attrs['PROVENANCE'])]
      assert steps == ['simulate', 'reconstruct', 'correct']
      first, count = f['events/first_hit'][:], f['events/hit_count'][:]
      assert len(first) == \(SmallChain.eventCount) and count.sum() == len(f['hits/waveform'])
      assert (first[1:] == first[:-1] + count[:-1]).all()
      w = f['hits/waveform']
      assert w.dtype == np.uint16 and w.shape[1:] == (2, 128) and w.compression == 'gzip'
      for name in f['truth']:
          assert f['truth'][name].attrs['UNIT'] and f['truth'][name].attrs['DESCRIPTION']
      good = f['reconstruction/standard/status'][:] == 0
      d = f['reconstruction/standard/zenith'][:][good] - f['truth/zenith'][:][good]
      assert np.degrees(np.median(abs(d))) < 2
      ids = set(f['array/station_id'][:])
      assert set(f['hits/station_id'][:]) <= ids
      print('ok')
      """
    let python = URL(filePath: "/usr/bin/python3")
    let outcome = try Program.run(python, ["-c", script])
    #expect(outcome.status == 0 && outcome.output == "ok\n", "\(outcome.errors)")
  }
}
