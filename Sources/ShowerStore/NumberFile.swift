/// Data sets of numbers in an HDF5 file of another program, read by ranges of rows.
///
/// The file is checked before HDF5 reads it, as event files are. Use it from one task.
public final class NumberFile {
  public let path: String
  private let root: Handle
  private var datasets: [String: Dataset<Double>] = [:]

  /// - Throws: `StoreError` of kind `.unusableInput`.
  public init(path: String) throws(StoreError) {
    self.path = path
    root = try EventFileReader.open(path)
  }

  /// Lengths of the dimensions of a data set of the root group, nil where there is none.
  public func shape(of name: String) throws(StoreError) -> [Int]? {
    guard try root.contains(name) else { return nil }
    let dataset = try dataset(name)
    return [dataset.rowCount] + dataset.rowShape
  }

  /// Values of some rows, row by row.
  ///
  /// - Throws: `.damaged` for rows that there are not, `.readFailed`.
  public func values(_ rows: Range<Int>, of name: String) throws(StoreError) -> [Double] {
    try dataset(name).read(rows)
  }

  private func dataset(_ name: String) throws(StoreError) -> Dataset<Double> {
    if let known = datasets[name] { return known }
    guard try root.contains(name) else {
      throw .missingContent(file: path, place: "/\(name)", .events)
    }
    let shape = try root.shape(ofDataset: name)
    let dataset = try Dataset<Double>(name, in: root, dimensions: shape.count - 1)
    datasets[name] = dataset
    return dataset
  }
}
