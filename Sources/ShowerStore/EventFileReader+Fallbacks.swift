internal import CHDF5

extension EventFileReader {
  /// Codes of the column `fallback` of a method: 0 where its own value stands, else why the standard value was kept;
  /// nil where the method has no such column.
  public func fallbacks(named name: String, _ rows: Range<Int>) throws(StoreError) -> [Int]? {
    let group = try reconstructionGroup(name)
    guard try group.contains("fallback") else { return nil }
    let column = try Dataset<Double>("fallback", in: group, dimensions: 0)
    return try column.read(rows).map { $0.isFinite ? Int($0) : 0 }
  }
}
