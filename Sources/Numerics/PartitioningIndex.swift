extension Range<Int> {
  /// The first number for which a condition holds that holds for all later ones, by halves.
  ///
  /// - Parameter holds: the condition.
  /// - Returns: `upperBound` where it holds for none.
  @inlinable package func partitioningIndex(where holds: (Int) -> Bool) -> Int {
    var (low, high) = (lowerBound, upperBound)
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
