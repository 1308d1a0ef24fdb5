import Foundation
import ShowerStore
import Testing

@Suite(.enabled(if: Python.isThere, "python3 with h5py is not installed"))
struct TensorFileTests {
  /// More rows than a chunk holds, no rows, one dimension and three, both types of numbers.
  @Test func h5pyReadsTheSameArrays() throws {
    let folder = try Folder()
    let path = folder.file("tensors.h5")
    try TensorFile.write(
      [
        .init("long", "many rows", shape: [5000, 7], .floats((0..<35_000).map { Float($0) / 3 })),
        .init("deep", "three", shape: [2, 3, 4], .floats((0..<24).map(Float.init))),
        .init("none", "no rows", shape: [0, 5], .floats([])),
        .init("whole", "numbers", shape: [3], .integers([-1, 0, 1 << 40])),
      ], attributes: [("spec.json", String(repeating: "{\"ä\": 1}", count: 20_000))], to: path,
      overwrite: false)
    let result = try Python.run(
      "-c",
      """
      import h5py, numpy, sys
      f = h5py.File(sys.argv[1])
      assert f['long'].dtype == numpy.float32 and f['long'].shape == (5000, 7)
      assert (f['long'][:].ravel() == (numpy.arange(35000, dtype='f4') / numpy.float32(3))).all()
      assert (f['deep'][:].ravel() == numpy.arange(24)).all() and f['deep'].shape == (2, 3, 4)
      assert f['none'].shape == (0, 5)
      assert f['whole'].dtype == numpy.int64 and f['whole'][:].tolist() == [-1, 0, 2**40]
      assert f['whole'].attrs['DESCRIPTION'] == b'numbers'
      assert f.attrs['spec.json'].decode() == '{"ä": 1}' * 20000
      print('ok')
      """, path)
    #expect(result.status == 0 && result.output == "ok\n", "\(result.output)")
  }

  @Test func whatDoesNotFitIsRefusedAndLeavesNothing() throws {
    let folder = try Folder()
    #expect(throws: StoreError.self) {
      try TensorFile.write(
        [.init("short", "", shape: [2, 2], .floats([1, 2, 3]))], attributes: [],
        to: folder.file("a.h5"), overwrite: false)
    }
    #expect(folder.names.isEmpty)
    try TensorFile.write([], attributes: [], to: folder.file("a.h5"), overwrite: false)
    #expect(throws: StoreError.outputExists(file: folder.file("a.h5"))) {
      try TensorFile.write([], attributes: [], to: folder.file("a.h5"), overwrite: false)
    }
  }
}
