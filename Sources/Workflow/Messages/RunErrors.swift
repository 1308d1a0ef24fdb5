import ShowerModel
import ShowerStore

/// Options that contradict each other or have no meaning, in the words of the command line.
package struct WrongUse: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// An input that cannot be used, and what to do about it.
package struct InputError: Error, CustomStringConvertible {
  package let description: String
}

/// An output that cannot be made, and what to do about it.
package struct OutputError: Error, CustomStringConvertible {
  package let description: String
}

/// An error whose text has several lines.
protocol SeveralLinesError: Error {
  var lines: [String] { get }
}

extension ExitStatus {
  /// What a terminal shows of an error of ours; nil for one of the command line.
  ///
  /// The one place for it. Names of files, groups and options stand in errors as they are, and may
  /// hold escape sequences.
  package static func terminalText(of error: any Error) -> String? {
    guard ExitStatus(error) != nil else { return nil }
    let lines = (error as? any SeveralLinesError)?.lines ?? [text(of: error)]
    return lines.map(EscapedText.terminal).joined(separator: "\n")
  }

  private static func text(of error: any Error) -> String {
    guard let remedy = (error as? StoreError)?.remedy else { return "\(error)" }
    return "\(error) \(remedy)"
  }
}

extension StoreError {
  /// The command that makes what a file lacks, nil where the error itself says enough.
  var remedy: String? {
    switch self {
    case .outputExists: "Choose another name, or give --overwrite."
    case .unfinished: "Run its command again. It replaces the unfinished file."
    case .missingContent(_, _, .reconstruction(let name)):
      switch name {
      case "standard": "Run airshower reconstruct first."
      case ParametricMethod.published.rawValue:
        "Run airshower reconstruct --method published first."
      case ReconstructionRun.tuned: "Run airshower reconstruct --front tuned first."
      default: "Run airshower correct first."
      }
    default: nil
    }
  }
}
