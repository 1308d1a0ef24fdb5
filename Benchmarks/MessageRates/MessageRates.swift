import MessagePassing

/// Checks every kind of message between the processes of `mpirun`, and times the sum of gradients.
///
///     mpirun -n 2 message-rates [check]
///
/// With `check` it times nothing.
@main
struct MessageRates {
  /// Weights of a network, and more.
  static let counts = [1, 1000, 60_000, 420_000, 4_000_000]

  static func main() throws {
    guard let group = try ProcessGroup.joined() else {
      print("start it by mpirun, with at least two processes")
      return
    }
    guard check(group) else {
      print("process \(group.rank): wrong values")
      group.abort(1)
    }
    if group.rank == 0 { print("\(group.library), \(group.size) processes: all messages right") }
    if CommandLine.arguments.dropFirst() != ["check"] {
      for count in counts { time(count, group) }
    }
    group.end()
  }

  /// Whether sums, copies and lists arrive as they should.
  private static func check(_ group: ProcessGroup) -> Bool {
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

  private static func time(_ count: Int, _ group: ProcessGroup) {
    var values = [Float](repeating: 0, count: count)
    let repeats = min(20_000, max(5, 2_000_000 / count))
    group.barrier()
    let elapsed = ContinuousClock().measure {
      for _ in 0..<repeats { group.sum(&values) }
    }
    guard group.rank == 0 else { return }
    let milliseconds = elapsed / .milliseconds(repeats)
    print("sum of \(count) floats: \((1000 * milliseconds).rounded() / 1000) ms")
  }
}
