internal import CHDF5

/// How the chunks of a dataset lie in the file, where it is as our files have it.
struct ChunkLayout<Element: StoredElement> {
  /// Rows of a chunk.
  let rows: Int
  let codec: ChunkCodec<Element>

  /// Largest chunk that is decoded as a whole. No version of airshower has written larger ones. Of
  /// these, HDF5 may read the rows that are needed.
  private static var largestChunk: Int { 16 << 20 }

  /// The layout of a dataset of rows of a shape. Nil if only HDF5 itself can read it: other types,
  /// filters, byte orders or layouts, or chunks that cut rows.
  init?(_ dataset: Handle, rowShape: [Int]) throws(StoreError) {
    let (file, place) = (dataset.file, dataset.place)
    let creation = try Handle(
      file, place, H5Pclose, opening: H5Dget_create_plist(dataset.id))
    guard H5Pget_layout(creation.id) == H5D_CHUNKED else { return nil }
    var extent = [hsize_t](repeating: 0, count: 1 + rowShape.count)
    let rank = try dataset.check(H5Pget_chunk(creation.id, Int32(extent.count), &extent))
    guard rank == extent.count, extent.dropFirst().elementsEqual(rowShape.map { hsize_t($0) }),
      let rows = Int(exactly: extent[0]), rows > 0
    else { return nil }
    // Then partial chunks at the end lie there without filters.
    var options: UInt32 = 0
    try dataset.check(H5Pget_chunk_opts(creation.id, &options))
    guard options == 0 else { return nil }
    let typeHandle = try Handle(file, place, H5Tclose, opening: H5Dget_type(dataset.id))
    guard let type = StoredType(id: typeHandle.id), Element.converts(type) else { return nil }
    let rowLength = rowShape.reduce(1, *)
    guard rows <= ChunkLayout.largestChunk / max(type.byteCount * rowLength, 1),
      try ChunkLayout.hasOurFilters(creation, type)
    else { return nil }
    self.rows = rows
    codec = ChunkCodec(type: type, valueCount: rows * rowLength)
  }

  private static func hasOurFilters(_ creation: Handle, _ type: StoredType)
    throws(StoreError) -> Bool
  {
    guard try creation.check(H5Pget_nfilters(creation.id)) == 2 else { return false }
    let (first, second) = (try filter(0, creation), try filter(1, creation))
    return first == (H5Z_filter_t(H5Z_FILTER_SHUFFLE), UInt32(type.byteCount))
      && second.id == H5Z_filter_t(H5Z_FILTER_DEFLATE)
  }

  /// A filter and its first parameter.
  private static func filter(_ index: UInt32, _ creation: Handle)
    throws(StoreError) -> (id: H5Z_filter_t, parameter: UInt32)
  {
    var flags: UInt32 = 0
    var parameters: [UInt32] = [0, 0, 0, 0]
    var count = parameters.count
    let id = try creation.check(
      H5Pget_filter2(creation.id, index, &flags, &count, &parameters, 0, nil, nil))
    return (id, parameters[0])
  }
}
