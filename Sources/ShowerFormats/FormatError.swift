/// Why a file of another program cannot be read, or to its end; or why one cannot be written.
public struct FormatError: Error, Equatable, Sendable {
  public let file: String
  /// What is wrong.
  public let reason: String
  /// Where in the file: block and byte, line, or data set; nil for the file as a whole.
  public let place: String?
  /// What the user can do.
  public let remedy: String
  /// Whether it is about an output, not about an input.
  public let isOutput: Bool

  public init(
    _ file: String, _ reason: String, at place: String? = nil, remedy: String,
    isOutput: Bool = false
  ) {
    self.file = file
    self.reason = reason
    self.place = place
    self.remedy = remedy
    self.isOutput = isOutput
  }
}

extension FormatError: CustomStringConvertible {
  /// `<file>: <reason> (<place>). <remedy>.`
  public var description: String {
    "\(file): \(reason)\(place.map { " (\($0))" } ?? ""). \(remedy)."
  }

  /// The remedy for files that are cut or changed.
  static let copyAgain = "The file is damaged: copy it again"
}
