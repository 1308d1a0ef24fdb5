public import ShowerModel

/// An event of another program, ready for an event file.
public struct ImportedEvent: Sendable {
  public var event: Event
  /// What the file holds of results, by the name of the method.
  public var results: [String: Reconstruction]

  public init(event: Event, results: [String: Reconstruction] = [:]) {
    self.event = event
    self.results = results
  }
}

/// A method whose results other programs' files hold.
public struct ImportedMethod: Sendable, Hashable {
  /// Name of the group in an event file, `imported_NAME`.
  public let name: String
  /// What it is, in a sentence.
  public let explanation: String

  public init(name: String, explanation: String) {
    self.name = name
    self.explanation = explanation
  }

  public var identity: MethodIdentity { MethodIdentity(name: name, kind: .imported) }
}

/// Events of one file of another program, read one after the other in constant memory.
public protocol ForeignEvents: AnyObject {
  /// What the format is called, for messages.
  static var formatName: String { get }
  var path: String { get }
  /// To whose stations the events refer.
  var array: DetectorArray { get }
  /// Samples of a waveform.
  var sampleCount: Int { get }
  /// Whether the events are simulated and hold a truth.
  var isSimulated: Bool { get }
  /// Whether the events have a UTC.
  var hasUTC: Bool { get }
  /// Methods whose results the file may hold.
  var methods: [ImportedMethod] { get }
  /// What was left out, by reason with a count; for warnings at the end.
  var omissions: [String: Int] { get }
  /// Bytes read so far, of `byteCount`, for the progress.
  var bytesRead: Int { get }
  var byteCount: Int { get }

  /// The next event, nil after the last.
  func next() throws(FormatError) -> ImportedEvent?
}
