internal import CMessagePassing
internal import Foundation

/// The processes of one run that `mpirun` started, and messages between them.
///
/// All calls but `abort` are collective. Every rank makes the same calls in the same order, from
/// one thread at a time. A rank that fails must call `abort`, or the others wait for it for ever.
///
///     guard let group = try ProcessGroup.joined() else { ... }  // not started by mpirun
///     group.sum(&gradients)
///     group.end()
public final class ProcessGroup: Sendable {
  /// Number of this process, from 0.
  public let rank: Int
  /// Number of processes.
  public let size: Int
  private let functions: cmp_functions

  /// The group that this process was started in; nil where it was started alone.
  ///
  /// Once a process. Loads `libairshower-mpi.so`.
  ///
  /// - Throws: `MessagePassingError` where messages cannot be sent.
  public static func joined() throws(MessagePassingError) -> ProcessGroup? {
    guard let launch = Launch(ProcessInfo.processInfo.environment), launch.size != 1 else {
      return nil
    }
    var message = [CChar](repeating: 0, count: 2048)
    guard let functions = cmp_open(&message, message.count)?.pointee else {
      let reason = String(
        decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw MessagePassingError(
        description:
          "started as one of \(launch.size.map(String.init) ?? "several") processes, "
          + "but \(reason). "
          + "Make it with make mpi, or share the work with --shard and without mpirun")
    }
    guard functions.begin() == 0 else {
      throw MessagePassingError(
        description: "MPI cannot be started, or not for a program with threads")
    }
    let group = ProcessGroup(functions)
    guard group.size > 1 || launch.size == nil else {
      // Else each of them would do all the work, and write the same file.
      throw MessagePassingError(
        description:
          "\(launch.launcher) started \(launch.size ?? 0) processes, "
          + "but \(group.library) sees one: "
          + "libairshower-mpi.so was made for another MPI. "
          + "Make it again with its compiler: make mpi MPICC=..."
      )
    }
    return group
  }

  private init(_ functions: cmp_functions) {
    self.functions = functions
    rank = Int(functions.rank())
    size = Int(functions.size())
  }

  /// Name and version of the MPI in use.
  public var library: String {
    var text = [CChar](repeating: 0, count: 256)
    functions.version(&text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Ends the group, when all ranks have come here. Once, as the last call.
  public func end() { functions.end() }

  /// Ends all processes of the run, wherever they are; `mpirun` ends with the status.
  public func abort(_ status: Int32) -> Never {
    functions.abort(status)
    exit(status)
  }

  /// Waits, asleep, until all ranks have come here.
  public func barrier() { functions.barrier() }

  /// Replaces values by their sums over all ranks, bit for bit the same on every rank.
  public func sum(_ values: UnsafeMutableBufferPointer<Float>) {
    guard let first = values.baseAddress else { return }
    functions.sum_floats(first, values.count)
  }

  /// Replaces values by their sums over all ranks, bit for bit the same on every rank.
  public func sum(_ values: inout [Float]) {
    values.withUnsafeMutableBufferPointer { sum($0) }
  }

  /// Replaces values by their sums over all ranks, bit for bit the same on every rank.
  public func sum(_ values: inout [Double]) {
    values.withUnsafeMutableBufferPointer {
      guard let first = $0.baseAddress else { return }
      functions.sum_doubles(first, $0.count)
    }
  }

  /// Gives the values of one rank to all; every rank has as many.
  public func broadcast(_ values: UnsafeMutableBufferPointer<Float>, from root: Int = 0) {
    let bytes = UnsafeMutableRawBufferPointer(values)
    functions.broadcast(bytes.baseAddress, bytes.count, Int32(root))
  }

  /// Gives the bytes of one rank to all, whatever the others hold.
  public func broadcast(_ bytes: inout [UInt8], from root: Int = 0) {
    var count = Int64(bytes.count)
    withUnsafeMutableBytes(of: &count) {
      functions.broadcast($0.baseAddress, $0.count, Int32(root))
    }
    if rank != root { bytes = [UInt8](repeating: 0, count: Int(count)) }
    bytes.withUnsafeMutableBytes {
      functions.broadcast($0.baseAddress, $0.count, Int32(root))
    }
  }

  /// The bytes of all ranks, by rank, at rank 0; none elsewhere.
  public func gather(_ bytes: [UInt8]) -> [[UInt8]] {
    var counts = [Int64](repeating: 0, count: size)
    functions.gather_counts(Int64(bytes.count), &counts)
    var all = [UInt8](repeating: 0, count: Int(counts.reduce(0, +)))
    bytes.withUnsafeBytes { own in
      all.withUnsafeMutableBytes {
        functions.gather(own.baseAddress, own.count, $0.baseAddress, counts)
      }
    }
    guard rank == 0 else { return [] }
    var start = 0
    return counts.map { count in
      defer { start += Int(count) }
      return Array(all[start..<start + Int(count)])
    }
  }
}

/// Messages between processes cannot be sent, and what to do about it.
public struct MessagePassingError: Error, CustomStringConvertible, Equatable {
  public let description: String
}
