import ArgumentParser
import Foundation
import ShowerModel

/// An error whose text has several lines.
protocol SeveralLinesError: Error {
  var lines: [String] { get }
}

/// What a terminal shows of an error. The one place for it: names of files, groups and options stand in errors as they
/// are, and may hold escape sequences.
func terminalText(of error: any Error) -> String {
  if ExitStatus(error) != nil {
    let lines = (error as? any SeveralLinesError)?.lines ?? ["\(error)"]
    return lines.map(EscapedText.terminal).joined(separator: "\n")
  }
  return commandLineText(of: error, page: Airshower.message(for: error))
}

/// Wrong use, in words of the command line: the same with how the command is used.
func usageText(of error: any Error) -> String {
  commandLineText(of: error, page: Airshower.fullMessage(for: error))
}

/// Ends the program with wrong use or with what was asked of the command line, such as help.
func leave(with error: any Error) -> Never {
  // Help and version are text of ours.
  guard Airshower.exitCode(for: error) != .success else { Airshower.exit(withError: error) }
  let text = usageText(of: error)
  if !text.isEmpty { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
  exit(Airshower.exitCode(for: error).rawValue)
}

/// A page of the command line quotes what was typed.
private func commandLineText(of error: any Error, page: String) -> String {
  let typed = CommandLine.arguments.dropFirst().flatMap { argument in
    [argument] + argument.split(separator: "=", maxSplits: 1).dropFirst().map(String.init)
  }
  let ours = (error as? ValidationError).map { [$0.message] } ?? []
  return EscapedText.terminal(page: page, with: typed + ours)
}
