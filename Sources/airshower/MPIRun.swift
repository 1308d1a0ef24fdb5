import ArgumentParser
import Foundation
import MessagePassing
import ShowerModel
import ShowerStore

/// A command that can do a part of its work, and so can be shared by the processes that `mpirun` starts.
protocol ShareableCommand: ParsableCommand {
  var sharding: ShardOptions { get set }
  var running: RunOptions { get set }
  /// The file of events to work on; nil where they are made.
  var sharedInput: String? { get }
  /// The file to write; nil where the options ask for none.
  var outputFile: String? { get set }
  var overwritesOutput: Bool { get set }
}

/// A command under `mpirun`: every process does its part of the work, as with `--shard`, into a file of its own, and
/// the first one merges them.
struct MPIRun {
  private let group: ProcessGroup

  init(_ group: ProcessGroup) { self.group = group }

  /// - Throws: what the command throws, which must end the other processes too: `leave(with:_:)`.
  func run(_ command: any ParsableCommand) throws {
    if var train = command as? Train {
      train.running.threadChoice = train.running.threadChoice ?? MPIRun.threads
      try train.run(in: TrainingGroup(group))
      return
    }
    guard let divided = command as? any ShareableCommand else {
      throw ValidationError(
        "\(type(of: command)._commandName) is work for one process: start it without mpirun")
    }
    try share(divided)
  }

  private func share(_ command: some ShareableCommand) throws {
    var command = command
    guard let output = command.outputFile else {
      if group.rank == 0 { try command.run() }
      return
    }
    guard command.sharding.shard == nil else {
      throw ValidationError("--shard is for runs without mpirun, which shares the work itself")
    }
    let overwrites = command.overwritesOutput
    if group.rank == 0 { try checkOutput(output, overwrite: overwrites) }
    group.barrier()
    var running = command.running
    running.threadChoice = running.threadChoice ?? MPIRun.threads
    command.running = running
    command.running.quiet = running.quiet || group.rank > 0
    command.sharding.shard = Shard(group.rank + 1, of: group.size)
    // The events are there already: every process writes its results, the first one copies the events.
    let source = command.sharedInput
    command.sharding.resultsOnly = source != nil
    let own = MachineShare(threads: running.threads)
    let shares = group.gather(own.message).compactMap { MachineShare($0) }
    command.sharding.purpose = purpose(shares)
    command.outputFile = part(group.rank, of: output)
    // What an earlier run left behind is in nobody's way.
    command.overwritesOutput = true
    try command.run()
    group.barrier()
    if group.rank == 0 {
      let parts = (0..<group.size).map { part($0, of: output) }
      // The others on this machine sleep, and their processors with them.
      let all = own.joined(with: shares.dropFirst())
      all.processors.bindThisThread()
      try Merge.join(
        parts, resultsOf: source, to: output, overwrite: overwrites, threads: all.threads, running)
      for part in parts { try? FileManager.default.removeItem(atPath: part) }
    }
    group.barrier()
  }

  /// What the files of the parts are for, which the first process says to all; it alone knows the shares.
  private func purpose(_ shares: [MachineShare]) -> FilePurpose {
    let hosts = Set(shares.map(\.host))
    var text = Array((hosts.count > 1 ? FilePurpose.readOnceElsewhere : .readOnce).rawValue.utf8)
    group.broadcast(&text)
    return FilePurpose(rawValue: String(decoding: text, as: UTF8.self)) ?? .readOnceElsewhere
  }

  private func part(_ rank: Int, of output: String) -> String {
    "\(output).rank-\(rank + 1)-of-\(group.size)"
  }

  /// Threads of this process, where the options name none.
  private static var threads: Int? {
    Launch(ProcessInfo.processInfo.environment)?.threads(
      online: ProcessInfo.processInfo.processorCount,
      allowed: ProcessInfo.processInfo.activeProcessorCount)
  }

  /// Ends all processes after an error of one; returns where the process was started alone.
  static func leave(with error: any Error, _ group: ProcessGroup?) {
    guard let rank = group?.rank ?? Launch(ProcessInfo.processInfo.environment)?.rank else {
      return
    }
    let status = ExitStatus(error)?.rawValue ?? Airshower.exitCode(for: error).rawValue
    guard let group else {
      // Wrong use, seen by every process: the first one tells.
      if rank > 0 { Foundation.exit(status) }
      return
    }
    // What all of them see, such as a missing input, the first one tells too.
    for _ in 0..<20 where rank > 0 && !Interruption.isPending { Thread.sleep(forTimeInterval: 0.1) }
    if rank == 0 || !Interruption.isPending {
      let message = terminalText(of: error)
      let text = "airshower: error: process \(rank + 1) of \(group.size): \(message)\n"
      FileHandle.standardError.write(Data(text.utf8))
    }
    group.abort(status)
  }
}

extension Simulate: ShareableCommand {
  var sharedInput: String? { nil }
  var outputFile: String? {
    get { listSettings || listVariations || printConfig ? nil : output.output }
    set { output.output = newValue }
  }
  var overwritesOutput: Bool {
    get { output.overwrite }
    set { output.overwrite = newValue }
  }
}

extension Reconstruct: ShareableCommand {
  var sharedInput: String? { input }
}

extension Correct: ShareableCommand {
  var sharedInput: String? { input }
}

extension ShareableCommand where Self: WritesOneFile {
  var outputFile: String? {
    get { output.output }
    set { output.output = newValue ?? output.output }
  }
  var overwritesOutput: Bool {
    get { output.overwrite }
    set { output.overwrite = newValue }
  }
}

/// A command with one output that it always writes.
protocol WritesOneFile {
  var output: OutputOptions { get set }
}

extension Reconstruct: WritesOneFile {}

extension Correct: WritesOneFile {}
