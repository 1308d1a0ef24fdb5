import MessagePassing

/// Checks every kind of message between the processes of `mpirun`:
///
///     mpirun -n 2 message-check
@main
struct MessageCheck {
  static func main() throws {
    guard let group = try ProcessGroup.joined() else {
      print("Start message-check by mpirun, with at least two processes.")
      return
    }
    guard isRight(group) else {
      print("process \(group.rank): wrong values")
      group.abort(1)
    }
    if group.rank == 0 { print("\(group.library), \(group.size) processes: all messages right") }
    group.end()
  }

  /// Whether sums, copies and lists arrive as they should.
  private static func isRight(_ group: ProcessGroup) -> Bool {
    let (rank, size) = (group.rank, group.size)
    var floats = (0..<1000).map { Float($0 * (rank + 1)) }
    var doubles = (0..<1000).map { Double($0) + Double(rank) }
    group.sum(&floats)
    group.sum(&doubles)
    let (ranks, ones) = (size * (size + 1) / 2, size * (size - 1) / 2)
    let sums =
      floats == (0..<1000).map { Float($0 * ranks) }
      && doubles == (0..<1000).map { Double($0 * size + ones) }

    var bytes = rank == size - 1 ? [UInt8](0..<200) : [9]
    group.broadcast(&bytes, from: size - 1)
    var weights = [Float](repeating: Float(rank), count: 100)
    weights.withUnsafeMutableBufferPointer { group.broadcast($0) }
    let copies = bytes == [UInt8](0..<200) && weights == [Float](repeating: 0, count: 100)

    // Of another length each, one of them none.
    let lists = group.gather([UInt8](repeating: UInt8(rank), count: 3 * rank))
    let expected = rank > 0 ? [] : (0..<size).map { [UInt8](repeating: UInt8($0), count: 3 * $0) }
    return sums && copies && lists == expected
  }
}
