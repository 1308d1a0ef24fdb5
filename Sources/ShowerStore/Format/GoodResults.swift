internal import ShowerModel

extension FileContext {
  /// Refuses good results without energy, direction or core.
  ///
  /// - Parameters:
  ///   - results: the result of each row.
  ///   - firstRow: number of the first one in the file.
  ///   - place: group of the file.
  ///   - mayBeUnknown: whether NaN may stand for what a method does not give.
  /// - Throws: `.damaged`.
  func checkGood(
    _ results: some Sequence<Reconstruction>, firstRow: Int, place: String, mayBeUnknown: Bool
  ) throws(StoreError) {
    for (row, result) in results.enumerated() where result.status == .good {
      guard
        let (name, value) = result.shower.valueWithoutMeaning(mayBeUnknown: mayBeUnknown)
          ?? result.sigma.errorWithoutMeaning(mayBeUnknown: mayBeUnknown)
      else { continue }
      throw damaged(
        "\(place)/\(name)", "\(value) in row \(firstRow + row), whose status is good")
    }
  }
}
