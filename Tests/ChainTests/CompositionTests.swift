import Foundation
import Testing

/// Columns of Xmax and ln A from `train` to `compare`, as a user runs them.
@Suite struct CompositionTests {
  /// A small network of composition, trained once.
  private struct Trained {
    let folder: TemporaryFolder
    let network: String
    let corrected: String

    init() throws {
      folder = try TemporaryFolder()
      network = folder.path("composition.pt")
      corrected = folder.path("corrected.h5")
      let (raw, reco) = (folder.path("raw.h5"), folder.path("reco.h5"))
      let (test, fresh) = (folder.path("test.h5"), folder.path("fresh.h5"))
      let spec = folder.path("spec.json")
      try """
      {"name": "small", "event": [{"layer": "dense", "size": 8}], "loss": "gaussian",
       "inputs": {"event": ["log_signal800", "secant_zenith", "log_curvature", "log_stations"]},
       "targets": ["xmax", "ln_mass"]}
      """.write(toFile: spec, atomically: true, encoding: .utf8)
      for arguments in [
        ["simulate", "--events", "900", "--energy", "3:100", "--seed", "9", "--output", raw],
        ["reconstruct", raw, "--output", reco],
        ["train", reco, "--spec", spec, "--epochs", "2", "--output", network],
        // Of another seed, so that all events may be compared.
        ["simulate", "--events", "700", "--energy", "3:100", "--seed", "10", "--output", test],
        ["reconstruct", test, "--output", fresh],
        [
          "correct", fresh, "--network", network, "--network", "reference", "--output", corrected,
        ],
      ] {
        let outcome = try Program.run(Program.url, arguments)
        try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
      }
    }

    static let shared = Result { try Trained() }
  }

  private func python(_ script: String) throws -> String {
    let outcome = try Program.run(
      URL(filePath: "/usr/bin/python3"), ["-c", "import h5py, numpy as np\n\(script)"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  @Test func columnsOfTheirOwn() throws {
    let trained = try Trained.shared.get()
    let script = """
      f = h5py.File('FILE')
      r = f['reconstruction']
      c, s = r['composition'], r['standard']
      good = (c['status'][:] == 0) & (c['fallback'][:] == 0)
      assert good.sum() > 300
      for name in ('xmax', 'xmax_sigma', 'ln_mass', 'ln_mass_sigma'):
          assert np.isfinite(c[name][:][good]).all(), name
          assert np.isnan(c[name][:][~good]).all(), name
          assert c[name].attrs['UNIT'] in (b'g/cm2', b'1')
          assert name not in r['reference'] and name not in s
      for name in ('log_energy', 'zenith', 'azimuth', 'core_x', 'zenith_sigma'):
          assert np.array_equal(c[name][:][good], s[name][:][good]), name
      x = c['xmax'][:][good]
      assert 600 < x.mean() < 950 and abs((x - f['truth/xmax'][:][good]).mean()) < 30
      """
    _ = try python(script.replacing("FILE", with: trained.corrected))
    // Joining parts keeps them.
    let folder = try TemporaryFolder()
    let parts = try (1...2).map { part in
      let path = folder.path("part\(part).h5")
      let outcome = try Program.run(
        "correct", trained.corrected, "--network", trained.network, "--name", "again", "--shard",
        "\(part)/2", "--output", path)
      try #require(outcome.status == 0, "\(outcome.errors)")
      return path
    }
    let merged = folder.path("merged.h5")
    let outcome = try Program.run(
      Program.url, ["merge"] + parts + ["--output", merged])
    try #require(outcome.status == 0, "\(outcome.errors)")
    _ = try python(script.replacing("FILE", with: merged))
    let quantities = try Program.run("inspect", merged, "--quantities")
    for name in ["composition.xmax", "composition.lnMassSigma", "again.lnMass"] {
      #expect(quantities.output.contains(name), "\(quantities.output)")
    }
    let table = folder.path("table.csv")
    let exported = try Program.run(
      "export", merged, "--format", "csv", "--where", "composition.xmax > 700", "--output", table)
    try #require(exported.status == 0, "\(exported.errors)")
    let header = try String(contentsOfFile: table, encoding: .utf8).prefix { $0 != "\n" }
    #expect(header.contains("composition_xmax_sigma") && !header.contains("reference_xmax"))
  }

  @Test func comparedByPrimaryAndEnergy() throws {
    let trained = try Trained.shared.get()
    let folder = try TemporaryFolder()
    let outcome = try Program.run(
      "compare", trained.corrected, "--figures", "none", "--replicas", "50",
      "--output", folder.path("report"))
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("merit factor p-Fe"), "\(outcome.output)")
    let page = try String(contentsOfFile: folder.path("report/report.html"), encoding: .utf8)
    #expect(page.contains("composition: ln A [1] by primary"))
    _ = try python(
      """
      import json
      r = json.load(open('\(folder.path("report/summary.json"))'))['results']['composition']
      assert set(r) == {'composition', 'linear', 'standard'}, set(r)
      x = r['composition']['xmax']
      assert x['unit'] == 'g/cm2' and x['resolution']['value'] > 10
      assert x['bias']['low95'] <= x['bias']['value'] <= x['bias']['high95']
      assert set(x['primary']) == {'H', 'He', 'N', 'Fe'}
      assert x['merit_factor']['value'] > 0 and len(x['energy']) > 3
      assert 'bias' not in r['standard']['curvature']
      """)
  }

  /// Results of an experiment's file have energies and axes of a truth, but no Xmax.
  @Test func aTargetWithoutTruth() throws {
    let trained = try Trained.shared.get()
    let folder = try TemporaryFolder()
    let copy = folder.path("reco.h5")
    try FileManager.default.copyItem(atPath: trained.folder.path("reco.h5"), toPath: copy)
    _ = try python("f = h5py.File('\(copy)', 'r+')\nf['truth/xmax'][...] = np.nan")
    let outcome = try Program.run(
      "train", copy, "--spec", trained.folder.path("spec.json"), "--cuts", "none", "--output",
      folder.path("n.pt"))
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("the target xmax"), "\(outcome.errors)")
    #expect(!folder.contents.contains("n.pt"))
  }
}
