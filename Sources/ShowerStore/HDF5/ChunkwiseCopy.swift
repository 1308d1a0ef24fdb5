internal import CHDF5

/// A large dataset on its way from one file to another, its compressed chunks as they are and some at a time: in
/// between, the thread of the files can serve those that compute.
final class ChunkwiseCopy {
  let chunkCount: Int
  private(set) var copiedCount = 0
  private let source: Handle
  private let target: Handle
  private let queue: ChunkQueue
  private let chunkRows: Int
  private let rank: Int

  /// Datasets below are copied at once, in some milliseconds [bytes].
  private static let smallest: hsize_t = 1 << 20

  /// Begins a copy: the dataset with its attributes and no chunks; nil for one that is small, or whose chunks
  /// are not ranges of rows or are not all there.
  init?(
    _ name: String, from group: Handle, to targetGroup: Handle, _ queue: ChunkQueue
  ) throws(StoreError) {
    source = try Handle(
      group.file, group.path(of: name), H5Dclose,
      opening: H5Dopen2(group.id, name, chdf5_default()))
    guard H5Dget_storage_size(source.id) >= ChunkwiseCopy.smallest else { return nil }
    let creation = try Handle(
      group.file, source.place, H5Pclose, opening: H5Dget_create_plist(source.id))
    guard H5Pget_layout(creation.id) == H5D_CHUNKED else { return nil }
    let shape = try source.datasetShape()
    rank = shape.count
    var extent = [hsize_t](repeating: 0, count: rank)
    try source.check(H5Pget_chunk(creation.id, Int32(rank), &extent))
    guard let rows = extent.first.map({ Int($0) }), rows > 0,
      extent.dropFirst().elementsEqual(shape.dropFirst().map { hsize_t($0) })
    else { return nil }
    chunkRows = rows
    chunkCount = (shape[0] + rows - 1) / rows
    self.queue = queue
    let space = try Handle(group.file, source.place, H5Sclose, opening: H5Dget_space(source.id))
    var present: hsize_t = 0
    try source.check(H5Dget_num_chunks(source.id, space.id, &present))
    guard present == hsize_t(chunkCount) else { return nil }
    let ownType = try Handle(group.file, source.place, H5Tclose, opening: H5Dget_type(source.id))
    let type = try Handle(group.file, source.place, H5Tclose, opening: H5Tcopy(ownType.id))
    target = try Handle(
      targetGroup.file, targetGroup.path(of: name), H5Dclose,
      opening: H5Dcreate2(
        targetGroup.id, name, type.id, space.id, chdf5_default(), creation.id, chdf5_default()))
    try target.copyAttributes(of: source)
  }

  /// Copies chunks until `part` of `whole` is done.
  func proceed(to part: Int, of whole: Int) throws(StoreError) {
    while copiedCount < chunkCount, copiedCount * whole < chunkCount * part { try copyChunk() }
  }

  private func copyChunk() throws(StoreError) {
    var start = [hsize_t](repeating: 0, count: rank)
    start[0] = hsize_t(copiedCount * chunkRows)
    copiedCount += 1
    var count: hsize_t = 0
    try source.check(H5Dget_chunk_storage_size(source.id, start, &count))
    var bytes = [UInt8](repeating: 0, count: Int(count))
    var skippedFilters: UInt32 = 0
    try source.check(
      H5Dread_chunk(source.id, chdf5_default(), start, &skippedFilters, &bytes))
    let (target, mask) = (target, skippedFilters)
    try queue.add(ready: bytes) { (bytes) throws(StoreError) in
      try target.check(
        H5Dwrite_chunk(target.id, chdf5_default(), mask, start, bytes.count, bytes))
    }
  }
}

extension Handle {
  /// Adds the attributes of another object, of any type.
  func copyAttributes(of source: Handle) throws(StoreError) {
    let count = try source.check(H5Aget_num_attrs(source.id))
    for index in 0..<hsize_t(count) {
      let attribute = try Handle(
        source.file, source.place, H5Aclose,
        opening: H5Aopen_by_idx(
          source.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, chdf5_default(), chdf5_default()))
      let ownType = try Handle(
        source.file, source.place, H5Tclose, opening: H5Aget_type(attribute.id))
      let type = try Handle(source.file, source.place, H5Tclose, opening: H5Tcopy(ownType.id))
      let space = try Handle(
        source.file, source.place, H5Sclose, opening: H5Aget_space(attribute.id))
      var name = [CChar](repeating: 0, count: try check(H5Aget_name(attribute.id, 0, nil)) + 1)
      try source.check(H5Aget_name(attribute.id, name.count, &name))
      let values = try source.check(H5Sget_simple_extent_npoints(space.id))
      var bytes = [UInt8](repeating: 0, count: max(Int(values) * H5Tget_size(type.id), 1))
      try source.check(H5Aread(attribute.id, type.id, &bytes))
      // Texts of variable length are pointers, and theirs to free.
      defer { H5Dvlen_reclaim(type.id, space.id, chdf5_default(), &bytes) }
      let copy = try Handle(
        file, place, H5Aclose,
        opening: H5Acreate2(id, name, type.id, space.id, chdf5_default(), chdf5_default()))
      try check(H5Awrite(copy.id, type.id, bytes))
    }
  }
}
