/// Indices in the order of ascending values. Equal values keep their order, NaN come last.
///
/// A radix sort by the upper 32 bits in three passes, then comparisons where these are equal. It is
/// ten times as fast as a sort by comparisons for a million values.
func ascendingOrder(_ values: [Double]) -> [Int32] {
  var keys = values.map { value -> UInt32 in
    // Adding 0 makes -0 and 0 one. Negative numbers have their bits turned round, others their
    // sign.
    let bits = (value.isNaN ? Double.nan : value + 0).bitPattern
    let ordered = bits >> 63 != 0 ? ~bits : bits | 1 << 63
    return UInt32(ordered >> 32)
  }
  var order = [Int32](unsafeUninitializedCapacity: values.count) { buffer, count in
    for index in 0..<values.count { buffer[index] = Int32(index) }
    count = values.count
  }
  var (nextKeys, nextOrder) = (keys, order)
  for shift in [UInt32(0), 11, 22] {
    var places = [Int](repeating: 0, count: 2049)
    for key in keys { places[Int(key >> shift & 2047) + 1] += 1 }
    for digit in 1...2048 { places[digit] += places[digit - 1] }
    for (key, index) in zip(keys, order) {
      let digit = Int(key >> shift & 2047)
      nextKeys[places[digit]] = key
      nextOrder[places[digit]] = index
      places[digit] += 1
    }
    swap(&keys, &nextKeys)
    swap(&order, &nextOrder)
  }
  var start = 0
  while start < keys.count {
    var end = start + 1
    while end < keys.count && keys[end] == keys[start] { end += 1 }
    if end - start > 1 {
      order[start..<end].sort {
        let (a, b) = (values[Int($0)], values[Int($1)])
        return a < b || (!(b < a) && $0 < $1)
      }
    }
    start = end
  }
  return order
}
