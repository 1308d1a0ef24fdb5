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

  /// A text attribute of a data set, or of the root group where the name is empty; nil where there
  /// is none.
  public func text(_ attribute: String, of name: String) throws(StoreError) -> String? {
    guard !name.isEmpty else { return try root.text(attribute) }
    return try dataset(name).text(attribute)
  }

  /// Rows of a data set.
  ///
  /// - Throws: `.damaged` where there is none.
  public func rowCount(of name: String) throws(StoreError) -> Int { try dataset(name).rowCount }

  /// Rows of a data set whose rows have a shape.
  ///
  /// - Throws: `.damaged` where there is none, or one of another shape.
  public func rowCount(of name: String, shape: [Int]) throws(StoreError) -> Int {
    let dataset = try dataset(name)
    try require(name, shape: [dataset.rowCount] + shape)
    return dataset.rowCount
  }

  /// - Throws: `.damaged` where there is no such data set, or one of another shape.
  public func require(_ name: String, shape: [Int]) throws(StoreError) {
    let dataset = try dataset(name)
    let found = [dataset.rowCount] + dataset.rowShape
    guard found == shape else {
      throw .damaged(
        file: path, place: "/\(name)", reason: "has the shape \(found), not \(shape)")
    }
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
      throw .damaged(file: path, place: "/\(name)", reason: "has no such data set")
    }
    let shape = try root.shape(ofDataset: name)
    guard !shape.isEmpty else {
      throw .damaged(file: path, place: "/\(name)", reason: "has a single value, no rows")
    }
    let dataset = try Dataset<Double>(name, in: root, dimensions: shape.count - 1)
    datasets[name] = dataset
    return dataset
  }
}
