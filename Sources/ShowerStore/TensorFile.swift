internal import CHDF5

/// Dense arrays of numbers by name in an HDF5 file: what goes in and out of a network, for other
/// programs.
///
/// It is no event file. Arrays are shuffled and compressed, floats as float32, integers as int64.
public enum TensorFile {
  /// A row-major array; one without columns has a shape and no values.
  public struct Tensor: Sendable {
    public enum Values: Sendable {
      case floats([Float])
      case integers([Int64])
    }

    public let name: String
    public let description: String
    /// At least one dimension.
    public let shape: [Int]
    public let values: Values

    public init(_ name: String, _ description: String, shape: [Int], _ values: Values) {
      self.name = name
      self.description = description
      self.shape = shape
      self.values = values
    }
  }

  /// Writes arrays, and texts as attributes of the file. Complete or not at all.
  ///
  /// - Throws: `.outputExists`, `.cannotCreate`, `.writeFailed`, `.invalidContent`.
  public static func write(
    _ tensors: [Tensor], attributes: [(name: String, text: String)], to path: String,
    overwrite: Bool
  ) throws(StoreError) {
    let context = FileContext(path: path, isOutput: true)
    let part = try PartFile(path: path, overwrite: overwrite)
    let access = try Handle.properties(context, chdf5_file_access())
    try access.check(H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG))
    try access.check(H5Pset_libver_bounds(access.id, H5F_LIBVER_V110, H5F_LIBVER_V110))
    try access.check(H5Pset_file_locking(access.id, false, true))
    let root = try Handle(
      context, "/", H5Fclose,
      opening: H5Fcreate(part.partPath, chdf5_truncate(), chdf5_default(), access.id))
    let queue = ChunkQueue(.gzip, nil)
    for tensor in tensors {
      switch tensor.values {
      case .floats(let values):
        try write(tensor, values.map(Double.init), .float32, to: root, queue)
      case .integers(let values): try write(tensor, values, .int64, to: root, queue)
      }
    }
    for (name, text) in attributes { try root.set(name, text) }
    try root.check(H5Fflush(root.id, H5F_SCOPE_GLOBAL))
    try root.close()
    try part.commit(durably: true)
  }

  private static func write<Element: StoredElement>(
    _ tensor: Tensor, _ values: [Element], _ type: StoredType, to root: Handle, _ queue: ChunkQueue
  ) throws(StoreError) {
    let rowLength = tensor.shape.dropFirst().reduce(1, *)
    guard let rows = tensor.shape.first, values.count == rows * rowLength else {
      throw root.file.invalid(
        "/\(tensor.name)", "\(values.count) values for an array of shape \(tensor.shape)")
    }
    let label = DatasetLabel(tensor.name, unit: "1", tensor.description, type: type)
    guard rowLength > 0 else { return try writeShape(tensor.shape, label, to: root) }
    let dataset = try DatasetWriter<Element>(
      label, in: root, queue,
      rowShape: Array(tensor.shape.dropFirst()), chunkRows: max(1, min(rows, 16_384 / rowLength)))
    try dataset.append(rows) { (part, chunk) throws(StoreError) in
      chunk += values[part.lowerBound * rowLength..<part.upperBound * rowLength]
    }
    try dataset.passOnRest()
    try queue.writeAll()
    try dataset.close()
  }

  /// A dataset without values: chunks cannot have a dimension of zero.
  private static func writeShape(
    _ shape: [Int], _ label: DatasetLabel, to root: Handle
  ) throws(StoreError) {
    let space = try Handle(
      root.file, label.name, H5Sclose,
      opening: H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil))
    let dataset = try Handle(
      root.file, root.path(of: label.name), H5Dclose,
      opening: H5Dcreate2(
        root.id, label.name, label.type.id, space.id, chdf5_default(), chdf5_default(),
        chdf5_default()))
    try dataset.set("UNIT", label.unit)
    try dataset.set("DESCRIPTION", label.description)
    try dataset.close()
  }
}
