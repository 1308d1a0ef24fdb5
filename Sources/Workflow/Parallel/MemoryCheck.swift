import Foundation

/// Whether there is memory for a run, asked before any work.
///
/// Without it OpenBLAS asks for memory without end (its allocator tries again for ever), and Swift
/// ends with a crash. So a run that would come near the limit is refused.
package enum MemoryCheck {
  /// Address space of any run, in all threads together [bytes].
  private static let ofProcess = 512 << 20
  /// Address space of a thread: stack, arena of the allocator, buffer of OpenBLAS [bytes].
  private static let ofThread = 112 << 20
  /// Memory in use of the smallest run, and of a thread [bytes].
  private static let (leastInUse, inUseOfThread) = (160 << 20, 16 << 20)

  /// Refuses a run for which the limits of the process or of its control group are too small.
  ///
  /// - Parameter threads: that will compute; 0 for a command that only reads.
  /// - Throws: `MemoryError` with both numbers and the remedy.
  package static func require(threads: Int) throws(MemoryError) {
    let space = threads == 0 ? ofProcess / 4 : ofProcess + threads * ofThread
    guard canMap(space) else {
      throw MemoryError(
        what: "address space of \(space >> 20) MiB", threads: threads,
        limit: "the limit of this process (ulimit -v)")
    }
    let inUse = leastInUse + threads * inUseOfThread
    guard threads == 0 || controlGroupLimit().map({ $0 >= inUse }) ?? true else {
      throw MemoryError(
        what: "\(inUse >> 20) MiB of memory", threads: threads, limit: "that of the control group")
    }
  }

  /// Whether the system gives so much address space, which is given back.
  private static func canMap(_ bytes: Int) -> Bool {
    guard
      let memory = mmap(
        nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      memory != MAP_FAILED
    else { return false }
    munmap(memory, bytes)
    return true
  }

  /// The smallest limit of the control groups of this process [bytes]; nil for none.
  private static func controlGroupLimit() -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8) else {
      return nil
    }
    return limit(groups: text) { try? String(contentsOfFile: $0, encoding: .utf8) }
  }

  /// The smallest limit of the control groups in the text of /proc/self/cgroup [bytes].
  ///
  /// - Parameters:
  ///   - groups: lines `number:controllers:path`; version 2 has the number 0 and no controllers.
  ///   - read: gives the content of a file, nil where there is none.
  /// - Returns: the limit, nil for none.
  static func limit(groups: String, read: (String) -> String?) -> Int? {
    var limits: [Int] = []
    for line in groups.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isFirstVersion = fields[1].split(separator: ",").contains("memory")
      guard isFirstVersion || fields[1].isEmpty else { continue }
      let root = isFirstVersion ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup"
      let name = isFirstVersion ? "memory.limit_in_bytes" : "memory.max"
      // A group above may have the smaller limit.
      var parts = fields[2].split(separator: "/")
      while true {
        let path = ([root] + parts.map(String.init) + [name]).joined(separator: "/")
        let value = read(path)?.trimmingCharacters(in: .whitespacesAndNewlines)
        if let limit = value.flatMap({ Int($0) }) { limits.append(limit) }
        guard parts.popLast() != nil else { break }
      }
    }
    return limits.min()
  }
}

/// Too little memory for a run.
package struct MemoryError: Error, CustomStringConvertible {
  let what: String
  let threads: Int
  let limit: String

  package var description: String {
    let count = threads == 1 ? "1 thread" : "\(threads) threads"
    let run = threads == 0 ? "the program" : "a run with \(count)"
    let fewer = threads > 1 ? ", or give fewer --threads" : ""
    return "too little memory: \(run) needs \(what), more than \(limit) leaves. Raise it\(fewer)"
  }
}
