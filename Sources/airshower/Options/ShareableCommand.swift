import ArgumentParser
import Workflow

/// A command whose work the processes of `mpirun` can share.
protocol ShareableCommand: ParsableCommand {
  associatedtype Run: ShareableRun

  var running: RunOptions { get }
  var sharedRun: Run { get }
  /// The file to write; nil where the options ask for none.
  var sharedOutput: OutputFile? { get }
}

extension MPIRun {
  /// Runs a command in all processes.
  ///
  /// - Throws: what the command throws, and `WrongUse` for one that is work for one process.
  func run(_ command: any ParsableCommand) throws {
    if let command = command as? Train {
      try train(command.training, in: command.running.context)
    } else if let command = command as? any ShareableCommand {
      try share(command)
    } else {
      throw WrongUse(
        "\(type(of: command)._commandName) runs in one process only: start it without mpirun")
    }
  }

  private func share(_ command: some ShareableCommand) throws {
    if let output = command.sharedOutput {
      try share(command.sharedRun, into: output, in: command.running.context)
    } else if isFirst {
      var command = command
      try command.run()
    }
  }
}
