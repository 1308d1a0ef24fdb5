internal import CHDF5

/// A dataset that is copied from one file to another, some chunks at a time. Between them, the
/// thread of the files can serve the threads that compute.
///
/// Chunks that are shuffled and compressed as ours are go over as they are; others are written anew
/// so. `H5Ocopy` is not used: it writes beyond its buffers where the source holds chunks of other
/// filters in its cache.
final class DatasetCopy {
  private let source: Handle
  private let target: Handle
  private let queue: ChunkQueue
  private let type: Handle
  private let rows: RowBytes
  /// What is copied one after the other: the first elements of chunks, or first rows.
  private let starts: [[Int]]
  private var copiedCount = 0
  /// Whether it takes more than some milliseconds.
  var isLarge: Bool { Double(rows.rowBytes) * Double(rows.shape.first ?? 1) >= 1e6 }
  /// Rows of a step where there are no chunks.
  private let stepRows: Int

  /// Rows of a step, where there are no chunks, hold about as many bytes.
  private static let stepBytes = 1 << 20
  /// Most chunks of a dataset beside as many as it has stored bytes.
  private static let chunkLimit = 1 << 16

  /// Begins a copy: the dataset with its attributes and no values; nil for a type that is not
  /// copied.
  ///
  /// - Throws: `.unsupported`, `.damaged` or another error of reading, or of writing.
  init?(
    _ name: String, from group: Handle, to targetGroup: Handle, _ queue: ChunkQueue,
    leftOut: inout [String]
  ) throws(StoreError) {
    let file = group.file
    source = try Handle(
      file, group.path(of: name), H5Dclose, opening: H5Dopen2(group.id, name, chdf5_default()))
    let place = source.place
    let stored = try Handle(file, place, H5Tclose, opening: H5Dget_type(source.id))
    guard let copied = try CopiedType(stored) else { return nil }
    type = try copied.made(for: file, place)
    rows = try RowBytes(source, type: type.id, elementBytes: copied.byteCount)
    self.queue = queue
    let storedBytes = Double(H5Dget_storage_size(source.id))
    // Never written: there is nothing to copy.
    if rows.chunks == nil, storedBytes == 0, !rows.shape.contains(0) { return nil }
    let context = targetGroup.file
    let targetType = try copied.made(for: context, place)
    let creation = try DatasetCopy.creation(rows, targetType, context)
    let space = try DatasetCopy.space(of: source, context)
    target = try Handle(
      context, targetGroup.path(of: name), H5Dclose,
      opening: H5Dcreate2(
        targetGroup.id, name, targetType.id, space.id, chdf5_default(), creation.id,
        chdf5_default()))
    try target.copyAttributes(of: source, leftOut: &leftOut)
    let shape = rows.shape
    stepRows = max(DatasetCopy.stepBytes / max(rows.rowBytes, 1), 1)
    guard let chunks = rows.chunks else {
      starts =
        shape.contains(0)
        ? [] : stride(from: 0, to: shape.first ?? 1, by: stepRows).map { [$0] }
      return
    }
    let count = zip(shape, chunks.extent).reduce(1.0) {
      $0 * (Double($1.0) / Double($1.1)).rounded(.up)
    }
    guard count <= storedBytes + Double(DatasetCopy.chunkLimit) else {
      throw file.unsupported(
        place, "\(count) chunks, of which few are written", remedy: "Use larger chunks")
    }
    starts = chunks.starts(of: 0..<(shape.first ?? 0))
  }

  /// Copies until `part` of `whole` is done.
  func proceed(to part: Int, of whole: Int) throws(StoreError) {
    while copiedCount < starts.count, copiedCount * whole < starts.count * part {
      let start = starts[copiedCount]
      copiedCount += 1
      if let chunks = rows.chunks {
        try copyChunk(at: start, chunks)
      } else {
        try copyRows(from: start[0])
      }
    }
  }

  private func copyChunk(at start: [Int], _ chunks: ChunkGrid) throws(StoreError) {
    guard let stored = try source.storedChunk(at: start, limit: 2 * chunks.byteCount + 1024) else {
      return
    }
    let target = target
    let first = start.map { hsize_t($0) }
    if chunks.filters.areOurs, chunks.filtersEdges {
      try queue.add(ready: stored.bytes) { (bytes) throws(StoreError) in
        try target.check(
          H5Dwrite_chunk(target.id, chdf5_default(), stored.mask, first, bytes.count, bytes))
      }
      return
    }
    let (file, place, elementBytes) = (source.file, source.place, rows.elementBytes)
    try queue.add { () throws(StoreError) in
      let plain = try chunks.plain(stored, at: start, file: file, place: place)
      return ChunkFilters.shuffled(plain, elementBytes).withUnsafeBytes { Deflate.compress($0) }
    } write: { (bytes) throws(StoreError) in
      try target.check(H5Dwrite_chunk(target.id, chdf5_default(), 0, first, bytes.count, bytes))
    }
  }

  private func copyRows(from first: Int) throws(StoreError) {
    guard let length = rows.shape.first else { return try copyScalar() }
    let part = first..<min(first + stepRows, length)
    let bytes = try rows.bytes(part)
    let (file, place) = (target.file, target.place)
    let extent = [hsize_t(part.count)] + rows.shape.dropFirst().map { hsize_t($0) }
    let start = [hsize_t(first)] + rows.shape.dropFirst().map { _ in 0 }
    let fileSpace = try Handle(file, place, H5Sclose, opening: H5Dget_space(target.id))
    try target.check(H5Sselect_hyperslab(fileSpace.id, H5S_SELECT_SET, start, nil, extent, nil))
    let memorySpace = try Handle(
      file, place, H5Sclose, opening: H5Screate_simple(Int32(extent.count), extent, nil))
    try target.check(
      H5Dwrite(target.id, type.id, memorySpace.id, fileSpace.id, chdf5_default(), bytes))
  }

  private func copyScalar() throws(StoreError) {
    var bytes = [UInt8](repeating: 0, count: rows.elementBytes)
    try source.check(
      H5Dread(source.id, type.id, chdf5_all(), chdf5_all(), chdf5_default(), &bytes))
    try target.check(
      H5Dwrite(target.id, type.id, chdf5_all(), chdf5_all(), chdf5_default(), bytes))
  }

  /// How the new dataset lies in its file: chunks as in the source, with filters of ours.
  private static func creation(
    _ rows: RowBytes, _ type: Handle, _ file: FileContext
  ) throws(StoreError) -> Handle {
    let creation = try Handle.properties(file, chdf5_dataset_create())
    try creation.check(H5Pset_obj_track_times(creation.id, false))
    guard let chunks = rows.chunks else { return creation }
    let extent = chunks.extent.map { hsize_t($0) }
    try creation.check(H5Pset_chunk(creation.id, Int32(extent.count), extent))
    let isAsItWas = chunks.filters.areOurs && chunks.filtersEdges
    if !isAsItWas || chunks.filters.isShuffled { try creation.check(H5Pset_shuffle(creation.id)) }
    if !isAsItWas || chunks.filters.isDeflated {
      try creation.check(H5Pset_deflate(creation.id, 1))
    }
    if chunks.fill.contains(where: { $0 != 0 }) {
      try creation.check(H5Pset_fill_value(creation.id, type.id, chunks.fill))
    }
    return creation
  }

  /// The same shape, with the same room to grow.
  private static func space(of source: Handle, _ file: FileContext) throws(StoreError) -> Handle {
    let space = try Handle(
      source.file, source.place, H5Sclose, opening: H5Dget_space(source.id))
    let rank = Int(try source.check(H5Sget_simple_extent_ndims(space.id)))
    guard rank > 0 else {
      return try Handle(file, source.place, H5Sclose, opening: H5Screate(H5S_SCALAR))
    }
    var lengths = [hsize_t](repeating: 0, count: rank)
    var limits = lengths
    try source.check(H5Sget_simple_extent_dims(space.id, &lengths, &limits))
    for (length, limit) in zip(lengths, limits) where limit < length {
      throw source.file.damaged(source.place, "\(length) rows where it has room for \(limit)")
    }
    return try Handle(
      file, source.place, H5Sclose, opening: H5Screate_simple(Int32(rank), lengths, limits))
  }
}
