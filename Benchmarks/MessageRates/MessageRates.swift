import MessagePassing

/// Times the sum of gradients over the processes of `mpirun`:
///
///     mpirun -n 2 message-rates
@main
struct MessageRates {
  /// Weights of a network, and more.
  static let counts = [1, 1000, 60_000, 420_000, 4_000_000]

  static func main() throws {
    guard let group = try ProcessGroup.joined() else {
      print("Start message-rates by mpirun, with at least two processes.")
      return
    }
    if group.rank == 0 { print("\(group.library), \(group.size) processes") }
    for count in counts { time(count, group) }
    group.end()
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
