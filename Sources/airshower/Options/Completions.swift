import ArgumentParser
import Workflow

extension CompletionKind {
  /// Names of tables, and files of that kind.
  ///
  /// - Parameters:
  ///   - kind: kind of table.
  ///   - words: further words that the option takes.
  /// - Returns: what a shell offers.
  static func table(_ kind: TableKind, or words: [String] = []) -> CompletionKind {
    .custom { arguments, _, typed in
      let folder = arguments.firstIndex(of: "--tables").flatMap { index in
        arguments.indices.contains(index + 1) ? arguments[index + 1] : nil
      }
      return words + TableFolder.completions(of: kind, typed: typed, option: folder)
    }
  }

  static let eventFile = CompletionKind.file(extensions: ["h5"])
}
