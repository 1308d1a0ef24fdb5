import Foundation
import ShowerModel
import ShowerStore
import Testing

/// HDF5 files of dstparser through the program: older ones, and such that cannot be read.
@Suite struct DSTParserImportTests {
  private static func fixture(_ form: String) -> String {
    Program.repository.appending(path: "Fixtures/dst/airshower_5.dstparser-\(form).h5").path
  }

  /// What `import` makes of a file that h5py has changed.
  private static func imported(
    _ form: String, _ edit: String, in folder: TemporaryFolder
  ) throws -> Program.Outcome {
    let copy = folder.path("edited.h5")
    try? FileManager.default.removeItem(atPath: copy)
    try FileManager.default.copyItem(atPath: fixture(form), toPath: copy)
    let script = """
      import h5py
      f = h5py.File('\(copy)', 'r+')
      def put(name, values):
          del f[name]
          f[name] = values
      \(edit)
      """
    let made = try Program.run(URL(filePath: "/usr/bin/python3"), ["-c", script])
    try #require(made.status == 0, "\(made.errors)")
    return try Program.run("import", copy, "--overwrite", "-o", folder.path("events.h5"))
  }

  @Test func olderTilesAreInMetresAndCentimetres() throws {
    let folder = try TemporaryFolder()
    let outcome = try Self.imported(
      "tiles",
      """
      import numpy as np
      absolute = f['detector_positions_abs'][:]
      centre = absolute[:, 3, 3, :2]
      put('detector_positions', absolute)
      core = f['shower_core'][:]
      core[:, :2] = 100 * (core[:, :2] * 3600 + centre)
      put('shower_core', core)
      put('std_recon_shower_core', f['std_recon_shower_core'][:] * 3600 + centre)
      put('std_recon_shower_core_err', f['std_recon_shower_core_err'][:] * 3600)
      del f['detector_positions_abs'], f['detector_positions_id']
      """, in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("left out 27 windows of long readouts"))
    try #require(
      Program.run("import", Self.fixture("tiles"), "-o", folder.path("new.h5")).status == 0)
    let files = try ["events.h5", "new.h5"].map { try EventFileReader(path: folder.path($0)) }
    for (old, new) in zip(try files[0].events(0..<5), try files[1].events(0..<5)) {
      #expect(old.hits == new.hits && old.deadStations == new.deadStations)
      let (a, b) = (try #require(old.truth).shower, try #require(new.truth).shower)
      #expect(abs(a.coreX - b.coreX) < 0.01 && abs(a.coreY - b.coreY) < 0.01)
    }
    let cores = try files.map { file in
      try file.reconstructions(named: "imported_rufldf", 0..<5).map(\.shower.coreX)
    }
    #expect(zip(cores[0], cores[1]).allSatisfy { abs($0 - $1) < 0.01 })
  }

  @Test(arguments: [
    (
      "tiles",
      "f.move('time_traces_up', 'time_traces'); del f['time_traces_low']",
      "cannot be used: holds means of the two layers (/time_traces). "
        + "Make it again with parse_dst_file(..., avg_traces=False)"
    ),
    (
      "tiles", "put('detector_states', [1, 2])",
      "damaged: the shape [2], not that of square tiles (/detector_states)"
    ),
    (
      "tiles", "put('mass_number', [1, 1, 3, 1, 1])",
      "damaged: event 2 has the mass number 3.0 (/mass_number)"
    ),
    ("flat", "del f['nfold']", "damaged: has no such data set (/nfold)"),
    ("flat", "put('nfold', 3)", "damaged: has a single value, no rows (/nfold)"),
    (
      "flat", "x = f['hit_tt_offsets'][:]; x[5] = 90; put('hit_tt_offsets', x)",
      "damaged: row 5 has the rows 90.0 to 10.0 of 94 (/hit_tt_offsets)"
    ),
    (
      "flat", "put('time_traces', f['time_traces'][:, :, :100])",
      "damaged: has the shape [94, 2, 100], not [94, 2, 128] (/time_traces)"
    ),
    (
      "flat", "put('std_recon_usec', [0, 1, 2, 1e300, 0])",
      "damaged: event 3 is 1e+300 us after its second (/std_recon_usec)"
    ),
    (
      "flat", "put('energy', [0.0] * 5); del f['std_recon_yymmdd']",
      "damaged: data have no times in this file (/std_recon_yymmdd)"
    ),
  ])
  func unusableFiles(form: String, edit: String, message: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try Self.imported(form, edit, in: folder)
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains(folder.path("edited.h5") + ": " + message), "\(outcome.errors)")
    #expect(folder.contents == ["edited.h5"])
  }

  @Test func hitsWithoutATimeAreLeftOut() throws {
    let folder = try TemporaryFolder()
    let outcome = try Self.imported(
      "flat", "f['arrival_times'][4, 1] = float('nan'); f['arrival_times'][9, 0] = 1e300",
      in: folder)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("edited.h5: left out 2 hits without a time"))
    #expect(try EventFileReader(path: folder.path("events.h5")).hitCount < 94)
  }

  /// The bank of the truth is empty in data; their times are those of the trigger.
  @Test func dataHaveTimes() throws {
    let folder = try TemporaryFolder()
    let outcome = try Self.imported("flat", "put('energy', [0.0] * 5)", in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let reader = try EventFileReader(path: folder.path("events.h5"))
    #expect(!reader.hasTruth && reader.hasUTC)
    let event = try reader.events(0..<1)[0]
    #expect(event.utc == CalendarTime(2013, 1, 1, 12, 0, 0) && event.time == 5e8)
  }
}
