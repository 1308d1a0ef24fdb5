import MessagePassing
import Performance
import ResidualNetwork
import ShowerCalibration
import ShowerFormats
import ShowerModel
import ShowerReport
import ShowerSimulation
import ShowerStore

/// The documented exit codes.
package enum ExitStatus: Int32, Sendable {
  /// The run failed on the way.
  case failedRun = 1
  case wrongUse = 64
  /// An input file cannot be used.
  case unusableInput = 65
  /// The output exists or cannot be made.
  case unavailableOutput = 73
  /// After Ctrl-C; another signal has its own number (`Interruption.exitStatus`).
  case interrupted = 130

  /// The code of an error of ours; nil for one of the command line.
  package init?(_ error: any Error) {
    switch error {
    case let error as StoreError:
      switch error.kind {
      case .unusableInput: self = .unusableInput
      case .unavailableOutput: self = .unavailableOutput
      case .failedRun: self = .failedRun
      }
    case let error as FormatError:
      self = error.isOutput ? .failedRun : .unusableInput
    case let error as NetworkError:
      switch error {
      case .missingFile, .notANetwork, .refused, .endless, .wrongVersion, .unknownInputs,
        .invalidSpecification, .noTruth, .noRegions, .madeForOthers, .unlikeMembers,
        .notThisTraining, .failsOnEvents:
        self = .unusableInput
      case .notWritable: self = .unavailableOutput
      case .cancelled: self = .interrupted
      case .tooFewEvents, .diverged, .outOfMemory, .engine, .noSuchDevice: self = .failedRun
      }
    case is CalibrationError, is CorsikaError: self = .unusableInput
    case let error as ReportError:
      switch error {
      case .outputExists, .notAReport, .cannotWrite: self = .unavailableOutput
      case .noEvents: self = .unusableInput
      case .gnuplotMissing, .gnuplotFailed: self = .failedRun
      }
    case is ControlError: self = .failedRun
    case is TableError, is SimulationConfigurationError, is InputError, is MergeError:
      self = .unusableInput
    case is BelowThreshold, is MemoryError: self = .failedRun
    case is Interrupted: self = .interrupted
    case is MessagePassingError: self = .failedRun
    case is OutputError, is WorkingFileError: self = .unavailableOutput
    case is WrongUse, is WrongCondition: self = .wrongUse
    default: return nil
    }
  }
}
