import Foundation
import ShowerModel
import ShowerStore
import Testing

/// Python with h5py, an independent reader and a maker of foreign files; nil where it is not
/// installed.
enum Python {
  static let isThere = (try? run("-c", "import h5py"))?.status == 0

  static func run(_ arguments: String...) throws -> (status: Int32, output: String) {
    let process = Process()
    // Debian's own, which has python3-h5py; another one may come first in PATH.
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}

@Suite(.enabled(if: Python.isThere, "python3 with h5py is not installed"))
struct PythonTests {
  /// What the script compares with, from the values themselves and not from the file.
  struct Expected: Encodable {
    struct Hit: Encodable {
      let station_id: Int
      let window_start: Double
      let upper: [UInt16]
      let lower: [UInt16]
    }
    let activities = ["simulate"]
    let station_ids: [Int]
    let event_ids: [Int]
    let hits: [[Hit]]
    let dead: [[Int]]
    let log_energy: [Double]
    let primary: [Int]
    let signal800: [Double]
    let covariance_4_2: Double
    let station_rows: [Int]

    init(_ events: [Event]) {
      let ids = Sample.array.stations.map(\.id)
      station_ids = ids
      event_ids = events.map(\.id)
      hits = events.map { event in
        event.hits.map {
          Hit(
            station_id: ids[$0.station], window_start: $0.windowStart, upper: $0.upper.samples,
            lower: $0.lower.samples)
        }
      }
      dead = events.map { $0.deadStations.map { ids[$0] } }
      log_energy = events.compactMap { $0.truth?.shower.logEnergy }
      primary = events.compactMap { $0.truth?.primary.rawValue }
      let results = events.indices.map(Sample.standard)
      signal800 = results.filter { $0.status == .good }.map(\.signal800)
      covariance_4_2 = results[0].covariance[7 * 4 + 2]
      station_rows = events.indices.map { Sample.stations($0).count }
    }
  }

  @Test func h5pyReadsTheSameValues() throws {
    let folder = try Folder()
    try Sample.write(50, to: folder.file("events.h5"))
    try JSONEncoder().encode(Expected(Sample.events(50)))
      .write(to: URL(filePath: folder.file("expected.json")))
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Fixtures/ShowerStore/check_with_h5py.py").path
    let result = try Python.run(script, folder.file("events.h5"), folder.file("expected.json"))
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.hasSuffix("ok\n"))
  }

  /// Changes a good file by lines of Python, one file a line, and gives the errors of reading them.
  func errors(after changes: [String]) throws -> [StoreError?] {
    let folder = try Folder()
    let path = folder.file("events.h5")
    try Sample.write(30, to: path)
    let made = try Python.run(
      "-c",
      """
      import h5py, numpy, shutil, sys
      def replace(name, values):
        attrs = dict(f[name].attrs); del f[name]; f[name] = values; f[name].attrs.update(attrs)
      for number, change in enumerate(sys.argv[2].splitlines()):
        path = shutil.copy(sys.argv[1], sys.argv[1] + str(number))
        with h5py.File(path, 'r+') as f:
          exec(change)
      """, path, changes.joined(separator: "\n"))
    try #require(made.status == 0, "\(made.output)")
    return changes.indices.map { number in
      do throws(StoreError) {
        let file = try EventFileReader(path: path + "\(number)")
        _ = try file.reconstructedEvents(0..<30)
        _ = try file.reconstructions(named: "residual", 0..<30)
        return nil
      } catch {
        #expect(error.file == path + "\(number)")
        return error
      }
    }
  }

  /// Lines of Python that damage a file, and the place that the error must name.
  static let damage = [
    ("f['events/first_hit'][3] = -1", "/events/first_hit"),
    ("f['events/first_hit'][3] = 2**63 - 1", "/events/first_hit"),
    ("f['events/hit_count'][3] = 2**31 - 1", "/events/first_hit"),
    ("f['events/hit_count'][3] = -2", "/events/first_hit"),
    ("f['events/first_dead'][29] = 10**6", "/events/first_dead"),
    ("f['reconstruction/standard/first_station'][7] = 10**9", "standard/first_station"),
    ("f['hits/station_id'][5] = 9999", "/hits/station_id"),
    ("f['dead_stations/station_id'][0] = -5", "/dead_stations/station_id"),
    ("f['stations/station_id'][0] = 7", "/stations/station_id"),
    ("f['truth/primary'][2] = 3", "/truth/primary"),
    ("f['reconstruction/residual/status'][2] = 99", "residual/status"),
    ("replace('reconstruction/residual/status', numpy.full(30, numpy.nan))", "residual/status"),
    ("replace('reconstruction/standard/passes', numpy.full(30, 1e300))", "standard/passes"),
    ("replace('reconstruction/standard/flags', numpy.full(30, 0.5))", "standard/flags"),
    ("replace('array/column', numpy.full(20, numpy.nan))", "/array/column"),
    ("replace('array/column', numpy.arange(20) * 100000)", "/array"),
    ("replace('array/station_id', numpy.full(20, 5))", "/array"),
    ("f['array/x'][4] = numpy.nan", "/array"),
    ("f['array/edge/x'][1] = numpy.nan", "/array/edge"),
    ("f['array/edge/y'].resize((3,))", "/array/edge"),
    ("del f['array/edge/y']", "/array/edge/y"),
    ("f['array'].attrs['SPACING'] = 'far'", "/array"),
    ("f['array'].attrs['SPACING'] = [1, 2, 3]", "/array"),
    ("f['events/time'].resize((29,))", "/events"),
    ("f['hits/waveform'].resize(12, 0)", "/hits"),
    ("replace('hits/waveform', numpy.zeros((75, 64)))", "/hits/waveform"),
    ("replace('hits/waveform', numpy.zeros((75, 3, 32)))", "/hits/waveform"),
    ("f['truth/zenith'].resize((31,))", "/truth"),
    ("f['reconstruction/residual/zenith'].resize((31,))", "/reconstruction/residual"),
    ("f['stations/time'].resize((3,))", "/stations"),
    ("replace('truth/zenith', numpy.array([b'a'] * 30))", "/truth/zenith"),
    ("f.attrs['PROVENANCE'] = '{'", "PROVENANCE"),
    ("del f['events/event_id']", "/events/event_id"),
    ("del f['hits']", "/hits"),
    ("del f['truth/xmax']", "/truth/xmax"),
    ("del f['stations']", "/stations"),
    ("del f['reconstruction/standard/zenith']", "/reconstruction/standard/zenith"),
    ("del f['reconstruction/residual']", "/reconstruction/residual"),
    ("f['reconstruction/data'] = numpy.zeros(30)", "/reconstruction/data"),
  ]

  @Test func damageIsAnErrorThatNamesThePlace() throws {
    let errors = try errors(after: PythonTests.damage.map(\.0))
    for ((change, place), error) in zip(PythonTests.damage, errors) {
      #expect(error?.kind == .unusableInput, "\(change)")
      #expect(error?.description.contains(place) == true, "\(change): \(String(describing: error))")
    }
  }

  @Test func foreignAndFutureFilesAreRefused() throws {
    let errors = try errors(after: [
      "del f.attrs['FORMAT']", "f.attrs['FORMAT'] = 'other'", "f.attrs['FORMAT_VERSION'] = '2.0.0'",
      "f.attrs['FORMAT_VERSION'] = '1.7.0'",
    ])
    for error in errors[0..<2] {
      #expect(error == error.map { .notEventFile(file: $0.file) } && error != nil)
    }
    #expect(
      errors[2]
        == errors[2].map { .unsupportedVersion(file: $0.file, found: "2.0.0", supported: "1.x") }
        && errors[2] != nil)
    #expect(errors[3] == nil)
  }

  /// Files that h5py rewrote, with texts of fixed length, other chunks and more datasets, are ours.
  @Test func harmlessChangesAreRead() throws {
    let errors = try errors(after: [
      "f.attrs['FORMAT'] = numpy.bytes_(b'airshower')", "f['notes'] = numpy.arange(5)",
      "replace('hits/waveform', f['hits/waveform'][()])",
      "replace('events/first_hit', f['events/first_hit'][()])",
    ])
    #expect(errors == [nil, nil, nil, nil])
  }

  /// Layouts and filters that another program may have chosen: what we do not decode ourselves,
  /// HDF5 does.
  @Test func anyLayoutIsRead() throws {
    let folder = try Folder()
    let path = folder.file("events.h5")
    try Sample.write(30, to: path)
    let made = try Python.run(
      "-c",
      """
      import h5py, shutil, sys
      filters = [dict(chunks=c, shuffle=s, compression=z, compression_opts=o, fletcher32=k)
        for c in (1, 7, 4096) for s, z, o, k in (
          (True, 'gzip', 9, False), (False, 'gzip', 1, False),
          (True, None, None, False), (True, 'gzip', 1, True), (False, None, None, False))]
      for number, how in enumerate(filters + [dict(), dict(dtype='>')]):
        path = shutil.copy(sys.argv[1], sys.argv[1] + str(number))
        with h5py.File(path, 'r+') as f:
          names = []
          f.visititems(lambda n, o: names.append(n) if isinstance(o, h5py.Dataset) else None)
          for name in names:
            values, attrs = f[name][()], dict(f[name].attrs)
            kind = dict(how)
            if 'chunks' in kind:
              kind['chunks'] = (min(kind['chunks'], len(values)),) + values.shape[1:]
            if 'dtype' in kind: kind['dtype'] = values.dtype.newbyteorder('>')
            del f[name]
            d = f.create_dataset(name, data=values, **kind)
            d.attrs.update(attrs)
      print(number + 1)
      """, path)
    try #require(made.status == 0, "\(made.output)")
    let count = try #require(Int(made.output.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(count == 17)
    let expected = try EventFileReader(path: path)
    // HDF5 turns a NaN of the other byte order into another NaN.
    func words(_ events: [ReconstructedEvent]) -> String {
      String(reflecting: events).replacingOccurrences(of: "nan(0x3ffffffffffff)", with: "nan")
    }
    for number in 0..<count {
      let file = try EventFileReader(path: path + "\(number)")
      for rows in [0..<30, 3..<4, 11..<29] {
        #expect(
          try words(file.reconstructedEvents(rows)) == words(expected.reconstructedEvents(rows)),
          "layout \(number)")
      }
    }
  }

  /// Single chunks that lie there without filters, or not at all, or damaged.
  @Test func singleChunksMayBeOtherwise() throws {
    let folder = try Folder()
    let path = folder.file("events.h5")
    try Sample.write(130, to: path)
    let made = try Python.run(
      "-c",
      """
      import h5py, numpy, shutil, sys, zlib
      def copy(name):
        return h5py.File(shutil.copy(sys.argv[1], sys.argv[1] + name), 'r+')
      with copy('plain') as f:
        d = f['hits/waveform']
        d.id.write_direct_chunk((128, 0, 0), d[128:256].tobytes(), filter_mask=3)
      with copy('unshuffled') as f:
        d = f['hits/waveform']
        # Of another length than before, or HDF5 1.10 keeps the mask of before.
        d.id.write_direct_chunk(
          (128, 0, 0), zlib.compress(d[128:256].tobytes()) + b'end', filter_mask=1)
      with copy('sparse') as f:
        d = f['hits/waveform']
        attrs, values = dict(d.attrs), d[()]
        del f['hits/waveform']
        d = f.create_dataset('hits/waveform', values.shape, 'u2', chunks=(128,) + values.shape[1:],
          shuffle=True, compression=1)
        d.attrs.update(attrs)
        d[256:] = values[256:]
      with copy('damaged') as f:
        d = f['hits/waveform']
        mask, bytes = d.id.read_direct_chunk((128, 0, 0))
        d.id.write_direct_chunk((128, 0, 0), bytes[:-1] + b'x', filter_mask=mask)
      with copy('short') as f:
        d = f['hits/waveform']
        d.id.write_direct_chunk((128, 0, 0), zlib.compress(b'too short'), filter_mask=0)
      """, path)
    try #require(made.status == 0, "\(made.output)")
    let events = Sample.events(130)
    for name in ["plain", "unshuffled"] {
      #expect(try EventFileReader(path: path + name).events(0..<130) == events, "\(name)")
    }
    let sparse = try EventFileReader(path: path + "sparse").events(0..<130)
    #expect(
      sparse[0..<50].allSatisfy { $0.hits.allSatisfy { $0.upper.samples.allSatisfy { $0 == 0 } } })
    #expect(sparse[110...] == events[110...])
    for name in ["damaged", "short"] {
      let file = try EventFileReader(path: path + name)
      #expect(try file.events(0..<40) == Array(events[0..<40]))
      let error = #expect(throws: StoreError.self) { try file.events(40..<80) }
      #expect(error?.kind == .unusableInput)
      #expect(error?.description.contains("/hits/waveform, rows 128 to 255") == true)
    }
  }
}
