internal import Glibc

/// What one of several processes has of its machine.
public struct MachineShare: Equatable, Sendable {
  public let host: String
  public let processors: ProcessorSet
  public let threads: Int

  /// That of this process, which may use so many threads.
  public init(threads: Int) {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    self.init(host: host, processors: .ofThisThread, threads: threads)
  }

  public init(host: String, processors: ProcessorSet, threads: Int) {
    self.host = host
    self.processors = processors
    self.threads = threads
  }

  /// The share of another process, from its `message`.
  public init?(_ message: [UInt8]) {
    let lines = String(decoding: message, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 3, let threads = Int(lines[1]) else { return nil }
    let numbers = lines[2].split(separator: " ").compactMap { Int($0) }
    self.init(host: String(lines[0]), processors: ProcessorSet(numbers), threads: threads)
  }

  /// The share as bytes, for other processes.
  public var message: [UInt8] {
    let numbers = processors.numbers.map(String.init).joined(separator: " ")
    return Array("\(host)\n\(threads)\n\(numbers)".utf8)
  }

  /// What this process has while those of `others` on its machine wait for it.
  public func joined(with others: some Sequence<MachineShare>) -> MachineShare {
    others.filter { $0.host == host }.reduce(self) { all, share in
      MachineShare(
        host: host, processors: all.processors.union(share.processors),
        threads: all.threads + share.threads)
    }
  }
}
