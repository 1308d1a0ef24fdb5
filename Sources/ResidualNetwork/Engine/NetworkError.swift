/// Why a network cannot be read, trained or applied.
public enum NetworkError: Error, Equatable, CustomStringConvertible {
  /// There is no file at the path, or it cannot be read.
  case missingFile(path: String)
  /// The file is no TorchScript archive, or one without our description inside.
  case notANetwork(path: String, reason: String)
  /// The file's program or values could do more than compute, or are damaged; nothing of them has
  /// run.
  case refused(path: String, reason: String)
  /// The network did not end its first batch, of two empty events, in the time it has [s].
  case endless(path: String, seconds: Double)
  /// The network ran on two empty events, but fails on those of the caller.
  case failsOnEvents(paths: [String], reason: String)
  /// The file was written by another version of the format.
  case wrongVersion(path: String, found: Int, expected: Int)
  /// The network asks for inputs or targets that this program does not make.
  case unknownInputs(path: String, names: [String])
  /// A network specification cannot be used.
  case invalidSpecification(source: String, key: String, remedy: String)
  /// The network was trained for another array or other windows than those of the events.
  case madeForOthers(path: String, differences: [String])
  /// Networks of other inputs or targets cannot be members of one ensemble.
  case unlikeMembers(differences: [String])
  /// Too few events to train with, in these files where the caller knows them.
  case tooFewEvents(files: [String] = [], training: Int, validation: Int, needed: Int)
  /// Too few training events, in these files where the caller knows them, state what a target is.
  case noTruth(files: [String] = [], target: String, known: Int, needed: Int)
  /// Regions of the direction were asked of networks that cannot give them.
  case noRegions(reason: String)
  /// The loss became infinite or not a number, at a batch of these events.
  case diverged(epoch: Int, batch: Int, eventIDs: [Int])
  /// A checkpoint of another training, or none.
  case notThisTraining(path: String, differences: [String])
  /// There is no GPU, or not this one.
  case noSuchDevice(String)
  /// The caller asked to stop.
  case cancelled
  /// The file cannot be written.
  case notWritable(path: String, reason: String)
  /// The device has too little memory for a batch.
  case outOfMemory(String)
  /// libtorch refused.
  case engine(String)

  public var description: String {
    switch self {
    case .missingFile(let path): "\(path): there is no such network file, or it cannot be read"
    case .notANetwork(let path, let reason): "\(path): not a network of this program (\(reason))"
    case .refused(let path, let reason): "\(path): not a network that this program runs: \(reason)"
    case .endless(let path, let seconds):
      "\(path): the network did not end its first batch, two empty events, within \(seconds) s. "
        + "Use another one, or give it more time (--first-batch)"
    case .failsOnEvents(let paths, let reason):
      "\(paths.joined(separator: ", ")): the network fails on these events (\(reason)). "
        + "Use another one, or make the file again"
    case .wrongVersion(let path, let found, let expected):
      "\(path): network format \(found), but this program reads format \(expected). "
        + "Train the network again with this version"
    case .unknownInputs(let path, let names):
      "\(path): the network needs \(names.joined(separator: ", ")), "
        + "which this program does not make. Use the version of airshower that trained it"
    case .invalidSpecification(let source, let key, let remedy): "\(source): \(key): \(remedy)"
    case .madeForOthers(let path, let differences):
      "\(path): \(differences.joined(separator: "; "))"
    case .unlikeMembers(let differences):
      "networks of one ensemble must have the same inputs and targets: "
        + differences.joined(separator: "; ")
    case .tooFewEvents(let files, let training, let validation, let needed):
      (files.isEmpty ? "" : "\(files.joined(separator: ", ")): ")
        + "too few events: \(training) for training and \(validation) for validation are left, "
        + "\(needed) of each are needed. Simulate more events, or use looser --cuts"
    case .noTruth(let files, let target, let known, let needed):
      (files.isEmpty ? "" : "\(files.joined(separator: ", ")): ")
        + "\(known) training events state the true value of the target \(target), \(needed) are "
        + "needed. Train on a simulation that states it, or leave the target out of the "
        + "specification"
    case .noRegions(let reason):
      "--regions: \(reason). Leave out --regions, or use a network of airshower train whose "
        + "targets have direction_zenith and direction_azimuth"
    case .diverged(let epoch, let batch, let eventIDs):
      "the loss became infinite or not a number in epoch \(epoch), batch \(batch), of the events "
        + eventIDs.prefix(8).map(String.init).joined(separator: ", ")
        + (eventIDs.count > 8 ? " and \(eventIDs.count - 8) more" : "")
        + ". Try a smaller learning rate, and look at these events"
    case .notThisTraining(let path, let differences):
      "\(path): \(differences.joined(separator: "; ")). Give the options and files of that run, "
        + "or --overwrite instead of --resume to start anew"
    case .noSuchDevice(let reason): reason
    case .cancelled: "training was cancelled"
    case .notWritable(let path, let reason): "\(path): cannot be written (\(reason))"
    case .outOfMemory(let message):
      "the device has too little memory: \(message). Free it of other programs, train "
        + "with a smaller --batch-size, or compute on another one (--device cpu)"
    case .engine(let message): "libtorch: \(message)\(remedy(forCUDA: message))"
    }
  }

  /// The error of a network of these files: its own program is to blame for what failed in it,
  /// unless a GPU is.
  ///
  /// - Parameter paths: of the files, more than one of an ensemble.
  /// - Returns: `failsOnEvents` where the program failed, else the same error.
  public func blaming(_ paths: [String]) -> NetworkError {
    guard case .engine(let message) = self, message.contains("TorchScript interpreter"),
      !message.contains("CUDA")
    else { return self }
    // The last line is the reason, those before it are places in libtorch.
    let reason = message.split(separator: "\n").last ?? message[...]
    return .failsOnEvents(
      paths: paths, reason: String(reason.hasSuffix(".") ? reason.dropLast() : reason))
  }
}

/// What to do about an error of CUDA; empty for other errors.
private func remedy(forCUDA message: String) -> String {
  let remedies = [
    (
      "no kernel image is available",
      "This libtorch has no code for this GPU. Take one that has (LIBTORCH=DIR make), or compute "
        + "on the processor (--device cpu)"
    ),
    (
      "driver",
      "Install a driver for the GPU that is as new as libtorch's CUDA, take a libtorch for an "
        + "older CUDA, or compute on the processor (--device cpu)"
    ),
    (
      "CUDA",
      "nvidia-smi tells whether the GPU works. --device cpu computes on the processor"
    ),
  ]
  return remedies.first { message.contains($0.0) }.map { ". \($0.1)" } ?? ""
}
