import Foundation
import Testing

/// `airshower compare` as a user runs it.
@Suite(.serialized) struct CompareTests {
  /// A copy of the corrected chain with further methods, made with h5py: `tuned` half way to the
  /// network, `wide` beyond it with events that fell back, and where asked `polynomial`, a tenth of
  /// the way.
  static func manyMethods(_ folder: TemporaryFolder, withPolynomial: Bool) throws -> String {
    let file = folder.path("many\(withPolynomial).h5")
    try FileManager.default.copyItem(atPath: SmallChain.shared.get().correction, toPath: file)
    let script = """
      import h5py, json, numpy as np
      with h5py.File('\(file)', 'r+') as f:
        made = f['reconstruction']
        network = next(name for name in made if name not in ('standard', 'polynomial'))
        ways = {'tuned': .5, 'wide': 1.1}
        if \(withPolynomial ? "True" : "False"): ways['polynomial'] = .1
        for name, way in ways.items():
          made.copy(network, name)
          kind = name if name in ('tuned', 'polynomial') else 'network'
          made[name].attrs['IDENTITY'] = np.bytes_(json.dumps({'name': name, 'kind': kind}))
          for key in ['log_energy', 'zenith', 'azimuth', 'core_x', 'core_y']:
            start, end = made['standard'][key][:], made[network][key][:]
            made[name][key][:] = start + way * (end - start)
        made['wide/fallback'][:] = np.arange(len(made['wide/zenith'])) % 10 // 9
      """
    let outcome = try Program.run(URL(filePath: "/usr/bin/python3"), ["-c", script])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return file
  }

  /// Every number of a summary equals that of numpy to 1e-9, also weighted to another spectrum.
  @Test(arguments: [[], ["--spectrum=-2.7"]])
  func numbersAreThoseOfNumpy(options: [String]) throws {
    let folder = try TemporaryFolder()
    let file = try Self.manyMethods(folder, withPolynomial: true)
    let compared = try Program.run(
      Program.url,
      ["compare", file, "--cuts", "none", "--replicas", "20", "--output", folder.path("report")]
        + options)
    #expect(compared.status == 0, "\(compared.errors)")
    let check = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      [
        "Benchmarks/compare-check.py", file, folder.path("report/summary.json"), "--cuts", "none",
      ] + options)
    #expect(check.status == 0, "\(check.output)\(check.errors)")
    #expect(check.output.contains("5 methods"))
  }

  /// The polynomial that is fitted to the training split is that of numpy's least squares.
  @Test func theFittedControlIsThatOfNumpy() throws {
    let folder = try TemporaryFolder()
    let file = try Self.manyMethods(folder, withPolynomial: false)
    let compared = try Program.run(
      "compare", file, "--cuts", "none", "--split", "test", "--replicas", "20", "--output",
      folder.path("report"))
    #expect(compared.status == 0, "\(compared.errors)")
    #expect(compared.output.contains("EV_calib: polynomial fitted on"))
    #expect(compared.output.contains("of the training split"))
    let check = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      [
        "Benchmarks/compare-check.py", file, folder.path("report/summary.json"), "--cuts", "none",
        "--test-only",
      ])
    #expect(check.status == 0, "\(check.output)\(check.errors)")
  }

  @Test func methodsAreChosenAndOrdered() throws {
    let folder = try TemporaryFolder()
    let file = try Self.manyMethods(folder, withPolynomial: false)
    let outcome = try Program.run(
      "compare", file, "--methods", "wide,tuned", "--against", "tuned", "--cuts", "none",
      "--replicas", "20", "--output", folder.path("report"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(filePath: folder.path("report/summary.json"))))
    let summary = try #require(json as? [String: Any])
    let methods = try #require(summary["methods"] as? [[String: Any]])
    #expect(methods.map { $0["name"] as? String } == ["standard", "polynomial", "tuned", "wide"])
    #expect(summary["headline"] as? String == "wide")
    #expect((summary["control"] as? [String: Any])?["source"] as? String == "cross_fit")
    let csv = try String(contentsOfFile: folder.path("report/summary.csv"), encoding: .utf8)
    for key in [
      "nuclei/whole/space_angle/wide/gain_against/width68,1,", "fallbacks/wide/beyond_training,1,",
      "nuclei/whole/ln_energy/wide/score/explained_variance_against,1,",
      "nuclei/whole/pull_zenith/wide/coverage,1,",
    ] {
      #expect(csv.contains("\n\(key)"), "\(key)")
    }
    // Not a terminal: no colours.
    #expect(!outcome.output.contains("\u{1B}["))
    let wrong = try Program.run(
      "compare", file, "--methods", "grod", "--output", folder.path("other"))
    #expect(wrong.status == 65 && wrong.errors.contains("has no reconstruction grod; it has"))
  }

  @Test func thresholdsGuardANetwork() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    func compare(_ thresholds: String, _ name: String) throws -> Program.Outcome {
      let file = folder.path("\(name).json")
      try Data(thresholds.utf8).write(to: URL(filePath: file))
      return try Program.run(
        "compare", chain.correction, "--replicas", "20", "--fail-below", file, "--output",
        folder.path(name))
    }
    let key = "nuclei/whole/space_angle/reference/gain/width68"
    let kept = try compare("{\"\(key)\": 0.1, \"events/compared\": 100}", "kept")
    #expect(kept.status == 0, "\(kept.errors)")
    let short = try compare("{\"\(key)\": 0.9, \"events/compared\": 100}", "short")
    #expect(short.status == 1)
    #expect(
      short.errors.contains("1 of the thresholds") && short.errors.contains("not at least 0.9"))
    // The report is there to look into.
    #expect(FileManager.default.fileExists(atPath: folder.path("short/report.html")))
    let unknown = try compare("{\"nuclei/whole/space_angle/referenc/width68\": 1}", "unknown")
    #expect(unknown.status == 65)
    #expect(unknown.errors.contains("did you mean \"nuclei/whole/space_angle/reference\""))
    let garbage = try compare("0.3", "garbage")
    #expect(garbage.status == 65)
    #expect(!FileManager.default.fileExists(atPath: folder.path("garbage")))
  }

  @Test func dataAreComparedAsShifts() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("data.h5")
    try FileManager.default.copyItem(atPath: SmallChain.shared.get().correction, toPath: file)
    let edit = "import h5py\nf = h5py.File('\(file)', 'r+')\ndel f['truth']"
    try #require(Program.run(URL(filePath: "/usr/bin/python3"), ["-c", edit]).status == 0)
    let outcome = try Program.run(
      "compare", file, "--replicas", "20", "--output", folder.path("report"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("DATA: no truth."))
    #expect(!outcome.output.contains("gain ("))
    let page = try String(contentsOfFile: folder.path("report/report.html"), encoding: .utf8)
    #expect(page.contains("DATA: no truth.") && page.contains("sin²θ"))
    let weighted = try Program.run(
      "compare", file, "--spectrum=-2.7", "--output", folder.path("other"))
    #expect(weighted.status == 64 && weighted.errors.contains("has no truth"))
  }

  /// A calibration on the very showers that are judged is refused; one on others is used.
  @Test func calibrationNeedsOtherShowers() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let shared = try Program.run(
      "compare", chain.correction, "--calibrate", chain.reconstruction, "--output",
      folder.path("a"))
    #expect(shared.status == 65 && shared.errors.contains("Calibrate on another seed"))
    for arguments in [
      [
        "simulate", "--events", "150", "--energy", "1:300", "--seed", "6", "--output",
        folder.path("e.h5"),
      ],
      ["reconstruct", folder.path("e.h5"), "--output", folder.path("r.h5")],
    ] {
      try #require(try Program.run(Program.url, arguments).status == 0)
    }
    let outcome = try Program.run(
      "compare", chain.correction, "--calibrate", folder.path("r.h5"), "--replicas", "20",
      "--output", folder.path("b"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("events of \(folder.path("r.h5"))"))
  }
}
