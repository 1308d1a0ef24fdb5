import Foundation
import ShowerModel
import ShowerStore
import Testing

/// Files as h5py users make them: read and copied correctly, or refused by name.
@Suite(.enabled(if: Python.isThere, "python3 with h5py is not installed"))
struct UnusualFileTests {
  let folder: Folder
  let path: String
  let step = Sample.step

  init() throws {
    folder = try Folder()
    path = folder.file("events.h5")
    try Sample.write(60, to: path, networks: ["residual"])
  }

  /// Makes a changed file by lines of Python, in which `f` is a copy of a good one.
  private func changed(_ lines: String, _ name: String = "changed.h5") throws -> String {
    let made = try Python.run(
      "-c",
      """
      import h5py, numpy, shutil, sys
      def again(name, values=None, **how):
        values = f[name][()] if values is None else values
        attrs = dict(f[name].attrs)
        del f[name]
        d = f.create_dataset(name, data=values, **how)
        d.attrs.update(attrs)
        return d
      def datasets():
        names = []
        f.visititems(lambda n, o: names.append(n) if isinstance(o, h5py.Dataset) else None)
        return names
      source = sys.argv[1]
      f = h5py.File(shutil.copy(source, sys.argv[2]), 'r+')
      \(lines)
      f.close()
      """, path, folder.file(name))
    try #require(made.status == 0, "\(made.output)")
    return folder.file(name)
  }

  private func content(_ path: String) throws -> String {
    let file = try EventFileReader(path: path)
    let rows = 0..<file.eventCount
    let parts = [
      String(reflecting: try file.reconstructedEvents(rows)),
      String(reflecting: try file.reconstructions(named: "residual", rows)),
      String(reflecting: file.array),
    ]
    // HDF5 turns a NaN of the other byte order into another NaN.
    return parts.joined().replacingOccurrences(of: "nan(0x3ffffffffffff)", with: "nan")
  }

  private func copied(_ path: String, rows: Range<Int>? = nil) throws -> String {
    let copy = folder.file("copy.h5")
    let writer = try EventFileWriter(
      copying: EventFileReader(path: path), to: copy, rows: rows, overwrite: true)
    try writer.finish(adding: step)
    return copy
  }

  /// Lines of Python that change how values lie in the file, but not what they are.
  static let harmless = [
    // Types.
    "for n in datasets():\n  v = f[n][()]\n  again(n, v.astype(v.dtype.newbyteorder('>')))",
    """
    for n in ('events/hit_count', 'hits/station_id', 'events/first_hit'):
      again(n, f[n][()].astype('i2'))
    """,
    """
    for n in ('events/hit_count', 'hits/station_id', 'dead_stations/station_id'):
      again(n, f[n][()].astype('u8'))
    """,
    "again('hits/station_id', f['hits/station_id'][()].astype('f8'))",
    "again('hits/waveform', f['hits/waveform'][()].astype('i4'))",
    "again('hits/waveform', f['hits/waveform'][()].astype('f4'), chunks=(10, 1, 7))",
    """
    v = f['hits/bad_layers'][()]
    again('hits/bad_layers', v.astype(bool) if v.max() < 2 else v)
    """,
    // Layouts.
    "for n in datasets():\n  v = f[n][()]\n  again(n, v, chunks=True, maxshape=(None,) * v.ndim)",
    "again('hits/waveform', chunks=(5, 1, 9), maxshape=(None, None, None), compression='gzip')",
    "again('reconstruction/standard/covariance', chunks=(7, 2, 3), shuffle=True)",
    "again('events/time', chunks=(60,))",
    "for n in datasets():\n  v = f[n][()]\n  again(n, v)",
    // Filters.
    """
    for n in datasets():
      v = f[n][()]
      again(n, v, chunks=(min(7, len(v)),) + v.shape[1:], fletcher32=True)
    """,
    """
    for n in datasets():
      v = f[n][()]
      again(n, v, chunks=(min(13, len(v)),) + v.shape[1:], fletcher32=True,
        compression='gzip', shuffle=True)
    """,
    """
    for n in datasets():
      v = f[n][()]
      if v.dtype.kind in 'iu': again(n, v, chunks=(min(11, len(v)),) + v.shape[1:], scaleoffset=0)
    """,
    """
    for n in datasets():
      v = f[n][()]
      if v.dtype.kind in 'iu':
        again(n, v, chunks=(min(11, len(v)),) + v.shape[1:], scaleoffset=0, shuffle=True,
          compression=4)
    """,
    """
    v = f['hits/waveform'][()]
    again('hits/waveform', v.astype('>i4'), chunks=(min(11, len(v)),) + v.shape[1:],
      scaleoffset=0, fillvalue=int(v[3, 0, 0]))
    """,
    "v = f['events/event_id'][()]\nagain('events/event_id', v, chunks=(60,), scaleoffset=64)",
    // The newest format that h5py writes.
    """
    g = h5py.File(source + '.latest', 'w', libver='latest')
    for n in f: f.copy(n, g)
    g.attrs.update(f.attrs)
    g.close()
    f.close()
    shutil.copy(source + '.latest', sys.argv[2])
    f = h5py.File(sys.argv[2], 'r+')
    """,
    // Links within the file.
    "f.move('hits', 'readouts')\nf['hits'] = h5py.SoftLink('/readouts')",
    "f['again'] = f['truth']\nf['truth/back'] = f['/']\nf['nowhere'] = h5py.SoftLink('/nothing')",
    // Attributes of other types.
    """
    f['truth'].attrs['LIST'] = [1, 2, 3]
    f['truth'].attrs['NAMES'] = ['a', 'b']
    f['truth'].attrs['EMPTY'] = h5py.Empty('f')
    f['truth'].attrs['FLAG'] = True
    """,
    "f['array'].attrs['SPACING'] = numpy.float32(1200)\nf['array'].attrs['ALTITUDE'] = 1370",
  ]

  @Test func unusualFilesAreReadAndCopiedCorrectly() throws {
    let expected = try content(path)
    for (number, lines) in Self.harmless.enumerated() {
      let changed = try changed(lines, "changed\(number).h5")
      #expect(try content(changed) == expected, "\(lines)")
      let copy = try copied(changed)
      #expect(try content(copy) == expected, "copy after \(lines)")
      #expect(try content(copied(changed, rows: 0..<60)) == expected, "rows after \(lines)")
      let foreign = try Python.run(
        "-c",
        """
        import h5py, numpy, sys
        a, b = (h5py.File(p) for p in sys.argv[1:])
        def check(name, item):
          # A second link to a group is not copied.
          if isinstance(item, h5py.Dataset) and name in b:
            assert item.dtype == b[name].dtype and item.shape == b[name].shape, name
            assert item[()].tobytes() == b[name][()].tobytes(), name
        a.visititems(check)
        """, changed, copy)
      #expect(foreign.status == 0, "\(lines): \(foreign.output)")
    }
  }

  /// Reals lose digits by this filter when they are written; what h5py reads of them, we read.
  @Test func realsOfTheScaleOffsetFilter() throws {
    let made = try changed(
      """
      for digits, kind, name in (
          (2, 'f8', 'time'), (3, 'f4', 'xmax'), (0, '>f8', 'core_x'), (5, '>f4', 'log_energy')):
        name = ('events/' if name == 'time' else 'truth/') + name
        v = numpy.nan_to_num(f[name][()]).astype(kind) 
        again(name, v, chunks=(17,), scaleoffset=digits, fillvalue=v[2])
        print([float(x).hex() for x in f[name][()]])
      """)
    let printed = try Python.run(
      "-c",
      """
      import h5py, sys
      f = h5py.File(sys.argv[1])
      for name in ('events/time', 'truth/xmax', 'truth/core_x', 'truth/log_energy'):
        print(*[float(x).hex() for x in f[name][()]])
      """, made)
    let lists = printed.output.split(separator: "\n").map {
      $0.split(separator: " ").compactMap { Double($0) }
    }
    try #require(lists.count == 4)
    let events = try EventFileReader(path: made).events(0..<60)
    #expect(events.map(\.time) == lists[0])
    #expect(events.compactMap { $0.truth?.xmax } == lists[1])
    #expect(events.compactMap { $0.truth?.shower.coreX } == lists[2])
    #expect(events.compactMap { $0.truth?.shower.logEnergy } == lists[3])
  }

  /// Lines of Python, the place that the error names, and a word of its reason.
  static let refused = [
    ("again('truth/xmax', chunks=(9,), compression='lzf')", "/truth/xmax", "filter lzf (32000)"),
    (
      """
      del f['truth/xmax']
      f['truth/xmax'] = h5py.ExternalLink('/etc/passwd', '/x')
      """,
      "/truth/xmax", "external link"
    ),
    ("f['notes'] = h5py.ExternalLink('../other.h5', '/x')", "/notes", "external link"),
    (
      """
      del f['truth/xmax']
      l = h5py.VirtualLayout((60,), 'f8')
      l[:] = h5py.VirtualSource('/tmp/x.h5', 'x', (60,))
      f.create_virtual_dataset('truth/xmax', l)
      """,
      "/truth/xmax", "virtual"
    ),
    (
      """
      del f['truth/xmax']
      f.create_dataset('truth/xmax', (60,), 'f8', external=[('/etc/passwd', 0, 480)])
      """,
      "/truth/xmax", "external"
    ),
    ("again('truth/xmax', numpy.zeros(60, [('a', 'f8')]))", "/truth/xmax", "numbers"),
    (
      "again('truth/xmax', numpy.array(['x'] * 60, dtype=object), dtype=h5py.string_dtype())",
      "/truth/xmax", "numbers"
    ),
    ("again('hits/waveform', f['hits/waveform'][()] + 0.5)", "/hits/waveform", "whole number"),
    (
      "again('hits/waveform', f['hits/waveform'][()].astype('i4') - 70000)", "/hits/waveform",
      "whole number"
    ),
    ("again('events/event_id', numpy.full(60, 1e300))", "/events/event_id", "whole number"),
    ("f.move('reconstruction/residual', 'reconstruction/a b')", "/reconstruction/a b", "letters"),
    ("f.move('reconstruction/residual', 'reconstruction/' + 'a' * 65)", "aaa", "letters"),
    (
      "f.move('reconstruction/residual', 'reconstruction/r\\u00e9s')", "/reconstruction/r",
      "letters"
    ),
    ("f['array/x'][3] = 1e300", "/array", "position"),
    (
      "f['events/first_hit'][:] = 0; f['events/hit_count'][:] = len(f['hits/station_id'])",
      "/events/first_hit", "share"
    ),
    (
      "again('truth/xmax', numpy.zeros(60), chunks=(20_000_000,), maxshape=(None,))", "/truth/xmax",
      "chunk"
    ),
    ("g = f\nfor i in range(40): g = g.create_group('g')", "/g/g", "deep"),
    ("f.attrs['FORMAT'] = ['airshower', 'other']", "FORMAT", "single text"),
  ]

  @Test func whatIsNotReadIsRefusedByName() throws {
    for (number, (lines, place, reason)) in Self.refused.enumerated() {
      let changed = try changed(lines, "refused\(number).h5")
      do {
        _ = try content(changed)
        Issue.record("accepted: \(lines)")
      } catch let error as StoreError {
        #expect(error.kind == .unusableInput, "\(lines)")
        #expect(error.description.contains(place), "\(lines): \(error)")
        #expect(error.description.contains(reason), "\(lines): \(error)")
      }
    }
  }

  /// What a copy cannot hold is left out and named; the rest of unknown groups comes along.
  @Test func copiesNameWhatTheyLeaveOut() throws {
    let changed = try changed(
      """
      g = f.create_group('notes')
      g.attrs['AUTHOR'] = 'Größe'
      g['numbers'] = numpy.arange(12).reshape(3, 4)
      g['records'] = numpy.array([(1, 2.5, b'ab')], dtype=[('n', 'i4'), ('x', 'f8'), ('t', 'S3')])
      g['names'] = numpy.array([b'one', b'three'])
      g['one'] = 5.5
      g['text'] = 'of variable length'
      g['place'] = numpy.array([g['one'].ref], dtype=h5py.ref_dtype)
      g.create_dataset('sparse', (100,), 'i4', chunks=(10,), fillvalue=3)[50:60] = 7
      g.attrs['LIST'] = ['a', 'b']
      """)
    let writer = try EventFileWriter(
      copying: EventFileReader(path: changed), to: folder.file("copy.h5"), overwrite: true)
    try writer.finish(adding: step)
    #expect(
      Set(writer.leftOut) == ["/notes/text", "/notes/place", "attribute LIST of /notes"])
    let check = try Python.run(
      "-c",
      """
      import h5py, numpy, sys
      a, b = (h5py.File(p)['notes'] for p in sys.argv[1:])
      assert set(b) == set(a) - {'text', 'place'}, list(b)
      for name in b:
        assert (a[name][()] == b[name][()]).all() and a[name].dtype == b[name].dtype, name
      assert b.attrs['AUTHOR'].decode() == 'Größe'
      """, changed, folder.file("copy.h5"))
    #expect(check.status == 0, "\(check.output)")
  }

  /// Long texts, and names that h5py gives to attributes.
  @Test func longTextsComeBack() throws {
    let changed = try changed("f['reconstruction/residual'].attrs['NETWORK'] = 'ä' * 300000")
    #expect(
      try EventFileReader(path: changed).networkDescription(of: "residual")
        == String(repeating: "ä", count: 300_000))
    let copy = try copied(changed)
    #expect(
      try EventFileReader(path: copy).networkDescription(of: "residual")
        == String(repeating: "ä", count: 300_000))
  }

  /// The check by a process of its own: damage that crashes HDF5 or that it never ends to read.
  @Test(arguments: [
    ("b-crash5-OHDR-dense-attributes", "crashes"), ("b-hang1-EAHD", "does not finish"),
  ])
  func filesThatCrashTheLibrary(name: String, reason: String) throws {
    let fixture = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Fixtures/damaged/\(name).h5").path
    let error = #expect(throws: StoreError.self) { try EventFileReader(path: fixture) }
    #expect(error?.kind == .unusableInput)
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    #expect(error?.description.contains("(/") == true)
  }
}
