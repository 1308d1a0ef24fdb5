import Foundation
package import MessagePassing
import ResidualNetwork
import ShowerModel
import ShowerStore

/// A run that can do a part of its work, and so can be shared by the processes of `mpirun`.
package protocol ShareableRun {
  /// The part that the user asked for.
  var share: WorkShare { get }
  /// The file of events to work on; nil where they are made.
  var sharedInput: String? { get }

  /// The same run doing a part of the work into a file of its own.
  func sharing(_ share: WorkShare, into output: OutputFile) -> Self

  func run(in context: RunContext) throws
}

/// A run of several processes under `mpirun`.
///
/// Every process does its part of the work, as with `--shard`, into a file of its own. The first
/// one merges them. Errors must end the other processes too: `leave(with:status:message:)`.
package struct MPIRun {
  private let group: ProcessGroup

  package init(_ group: ProcessGroup) { self.group = group }

  package var isFirst: Bool { group.rank == 0 }

  /// Trains with all processes: each takes a part of every batch.
  package func train(_ run: TrainingRun, in context: RunContext) throws {
    try run.run(in: withThreads(context), TrainingGroup(group))
  }

  /// Shares the work of a run, whose merged file is `output`.
  package func share(
    _ run: some ShareableRun, into output: OutputFile, in context: RunContext
  ) throws {
    guard run.share.shard == nil else {
      throw WrongUse("--shard is for runs without mpirun, which shares the work itself")
    }
    if isFirst { try output.check() }
    group.barrier()
    let context = withThreads(context)
    let own = MachineShare(threads: context.threads)
    let shares = group.gather(own.message).compactMap { MachineShare($0) }
    // The events are there already: every process writes its results, the first one copies events.
    var part = WorkShare(
      Shard(group.rank + 1, of: group.size), resultsOnly: run.sharedInput != nil)
    part.purpose = purpose(shares)
    // What an earlier run left behind is in nobody's way.
    let file = OutputFile(partPath(group.rank, of: output), overwrites: true)
    try run.sharing(part, into: file).run(in: isFirst ? context : context.silenced)
    group.barrier()
    if isFirst { try merge(run, into: output, own.joined(with: shares.dropFirst()), context) }
    group.barrier()
  }

  /// Merges the files of all processes, on the processors of those on this machine, which sleep.
  private func merge(
    _ run: some ShareableRun, into output: OutputFile, _ machine: MachineShare,
    _ context: RunContext
  ) throws {
    let parts = (0..<group.size).map { partPath($0, of: output) }
    machine.processors.bindThisThread()
    var context = context
    context.threadChoice = machine.threads
    try MergeRun(parts, resultsOf: run.sharedInput, output: output).run(in: context)
    for part in parts { try? FileManager.default.removeItem(atPath: part) }
  }

  /// What the files of the parts are for. The first process knows the shares and tells all.
  private func purpose(_ shares: [MachineShare]) -> FilePurpose {
    let hosts = Set(shares.map(\.host))
    var text = Array((hosts.count > 1 ? FilePurpose.readOnceElsewhere : .readOnce).rawValue.utf8)
    group.broadcast(&text)
    return FilePurpose(rawValue: String(decoding: text, as: UTF8.self)) ?? .readOnceElsewhere
  }

  private func partPath(_ rank: Int, of output: OutputFile) -> String {
    "\(output.path).rank-\(rank + 1)-of-\(group.size)"
  }

  /// Threads of this process, where the options name none.
  private func withThreads(_ context: RunContext) -> RunContext {
    var context = context
    context.threadChoice =
      context.threadChoice
      ?? Launch(ProcessInfo.processInfo.environment)?.threads(
        online: ProcessInfo.processInfo.processorCount,
        allowed: ProcessInfo.processInfo.activeProcessorCount)
    return context
  }

  /// Ends all processes after an error of one; returns where the process was started alone.
  ///
  /// - Parameters:
  ///   - group: nil where the error came before the processes met.
  ///   - status: exit code.
  ///   - message: the error as a terminal shows it.
  package static func leave(
    _ group: ProcessGroup?, status: Int32, message: @autoclosure () -> String
  ) {
    guard let rank = group?.rank ?? Launch(ProcessInfo.processInfo.environment)?.rank else {
      return
    }
    guard let group else {
      // Wrong use, seen by every process: the first one tells.
      if rank > 0 { Foundation.exit(status) }
      return
    }
    // What all of them see, such as a missing input, the first one tells too.
    for _ in 0..<20 where rank > 0 && !Interruption.isPending {
      Thread.sleep(forTimeInterval: 0.1)
    }
    if rank == 0 || !Interruption.isPending {
      let text = "airshower: error: process \(rank + 1) of \(group.size): \(message())\n"
      FileHandle.standardError.write(Data(text.utf8))
    }
    group.abort(status)
  }
}

/// The processes that `mpirun` started, as training wants them.
struct TrainingGroup: TrainingPeers {
  private let group: ProcessGroup

  init(_ group: ProcessGroup) { self.group = group }

  var rank: Int { group.rank }
  var size: Int { group.size }
  func barrier() { group.barrier() }
  func sum(_ values: UnsafeMutableBufferPointer<Float>) { group.sum(values) }
  func broadcast(_ bytes: inout [UInt8], from root: Int) { group.broadcast(&bytes, from: root) }
  func gather(_ bytes: [UInt8]) -> [[UInt8]] { group.gather(bytes) }
}
