internal import CMessagePassing

/// Processors of a machine on which a thread may run.
///
/// `mpirun` binds each process to some; a process that works for the others, while they wait, may
/// use theirs too.
public struct ProcessorSet: Equatable, Sendable {
  /// Their numbers, in increasing order.
  public let numbers: [Int]

  /// Processors that the system counts.
  private static let limit = 1024

  /// Those with these numbers.
  public init(_ numbers: some Sequence<Int>) {
    self.numbers = Set(numbers).filter { (0..<ProcessorSet.limit).contains($0) }.sorted()
  }

  /// Those of the calling thread; none where the system does not tell.
  public static var ofThisThread: ProcessorSet {
    var words = [UInt64](repeating: 0, count: limit / 64)
    guard cmp_processors(&words, words.count) == 0 else { return ProcessorSet([]) }
    return ProcessorSet((0..<limit).filter { words[$0 / 64] >> ($0 % 64) & 1 == 1 })
  }

  /// Those of either.
  public func union(_ other: ProcessorSet) -> ProcessorSet {
    ProcessorSet(numbers + other.numbers)
  }

  /// Binds the calling thread to them, and the threads that it starts from now on. If the system
  /// refuses, nothing changes.
  public func bindThisThread() {
    var words = [UInt64](repeating: 0, count: ProcessorSet.limit / 64)
    for number in numbers { words[number / 64] |= 1 << (number % 64) }
    _ = cmp_bind(words, words.count)
  }
}
