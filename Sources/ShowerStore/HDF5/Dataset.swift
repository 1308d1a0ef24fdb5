internal import CHDF5

/// A dataset opened for reading: rows of a fixed shape.
final class Dataset<Element: StoredElement> {
  let rowCount: Int
  /// Lengths of the dimensions after the first; empty for a column.
  let rowShape: [Int]
  private let handle: Handle

  var place: String { handle.place }
  var file: FileContext { handle.file }

  /// Opens a member of a group, which must have a rank of 1 + `dimensions`.
  ///
  /// `cacheBytes` is room for decompressed chunks, so that ranges may cut chunks.
  init(_ name: String, in group: Handle, dimensions: Int = 0, cacheBytes: Int)
    throws(StoreError)
  {
    let access = try Handle.properties(group.file, chdf5_dataset_access())
    try access.check(H5Pset_chunk_cache(access.id, 521, cacheBytes, 1))
    handle = try Handle(
      group.file, group.path(of: name), H5Dclose, opening: H5Dopen2(group.id, name, access.id))
    let shape = try handle.datasetShape()
    guard shape.count == 1 + dimensions else {
      throw group.file.damaged(handle.place, "rank \(shape.count) instead of \(1 + dimensions)")
    }
    rowCount = shape[0]
    rowShape = Array(shape.dropFirst())
  }

  /// Values of some rows, row by row.
  func read(_ rows: Range<Int>) throws(StoreError) -> [Element] {
    var values: [Element] = []
    try read(rows, into: &values)
    return values
  }

  /// The same, into an array that is used again.
  func read(_ rows: Range<Int>, into values: inout [Element]) throws(StoreError) {
    let count = rows.count * rowShape.reduce(1, *)
    if values.count != count { values = [Element](repeating: .zero, count: count) }
    guard count > 0 else { return }
    let (start, extent) = (
      [hsize_t(rows.lowerBound)] + rowShape.map { _ in 0 },
      [hsize_t(rows.count)] + rowShape.map { hsize_t($0) }
    )
    let fileSpace = try Handle(file, place, H5Sclose, opening: H5Dget_space(handle.id))
    try handle.check(
      H5Sselect_hyperslab(fileSpace.id, H5S_SELECT_SET, start, nil, extent, nil))
    let memorySpace = try Handle(
      file, place, H5Sclose, opening: H5Screate_simple(Int32(extent.count), extent, nil))
    try file.check(
      "\(place), rows \(rows.lowerBound) to \(rows.upperBound - 1)",
      values.withUnsafeMutableBytes {
        H5Dread(
          handle.id, Element.memoryType, memorySpace.id, fileSpace.id, chdf5_default(),
          $0.baseAddress)
      })
  }
}

extension Handle {
  /// Lengths of the dimensions of an open dataset.
  func datasetShape() throws(StoreError) -> [Int] {
    let space = try Handle(file, place, H5Sclose, opening: H5Dget_space(id))
    let rank = try check(H5Sget_simple_extent_ndims(space.id))
    var extent = [hsize_t](repeating: 0, count: Int(rank))
    try check(H5Sget_simple_extent_dims(space.id, &extent, nil))
    var shape: [Int] = []
    for length in extent {
      guard let length = Int(exactly: length), length < 1 << 40 else {
        throw file.damaged(place, "a dimension of \(length)")
      }
      shape.append(length)
    }
    return shape
  }
}
