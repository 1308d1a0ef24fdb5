internal import ShowerModel

extension FileContext {
  /// Refuses good results without energy, direction or core.
  ///
  /// - Parameters:
  ///   - results: status and shower of each row.
  ///   - firstRow: number of the first one in the file.
  ///   - place: group of the file.
  ///   - mayBeUnknown: whether NaN may stand for what a method does not give.
  /// - Throws: `.damaged`.
  func checkGood(
    _ results: some Sequence<(ReconstructionStatus, Shower)>, firstRow: Int, place: String,
    mayBeUnknown: Bool
  ) throws(StoreError) {
    for (row, (status, shower)) in results.enumerated() where status == .good {
      guard let (name, value) = shower.valueWithoutMeaning(mayBeUnknown: mayBeUnknown) else {
        continue
      }
      throw damaged(
        "\(place)/\(name)", "\(value) in row \(firstRow + row), whose status is good")
    }
  }
}
