/// Why an event file could not be read or written.
public enum StoreError: Error, Equatable, Sendable {
  /// There is no such file.
  case missing(file: String)
  /// The system refuses to open it, or it is no regular file.
  case unreadable(file: String, reason: String)
  case notHDF5(file: String)
  /// HDF5, but not made by this program.
  case notEventFile(file: String)
  /// Of a format whose major version is not ours.
  case unsupportedVersion(file: String, found: String, supported: String)
  /// Truncated, or its parts contradict each other.
  case damaged(file: String, place: String, reason: String)
  /// Something that airshower does not read, or must not.
  case unsupported(file: String, place: String, reason: String, remedy: String)
  /// A run is writing it, or was ended before it was complete.
  case unfinished(file: String)
  /// A group or column that the caller needs is not there.
  case missingContent(file: String, place: String, Content)
  /// The truth of events was asked for, which are not simulated.
  case noTruth(file: String)
  /// HDF5 could not read values.
  case readFailed(file: String, place: String, reason: String)
  case outputExists(file: String)
  case cannotCreate(file: String, reason: String)
  /// The system refused a write, for example because the disk is full.
  case writeFailed(file: String, place: String, reason: String)
  /// The caller gave something that the file cannot hold.
  case invalidContent(file: String, place: String, reason: String)

  /// What a file can be without, by what would make it.
  public enum Content: Equatable, Sendable {
    /// What every event file holds.
    case events
    /// What simulations add.
    case truth
    /// A reconstruction of the events, by its name.
    case reconstruction(String)
  }

  /// What a command makes of an error.
  public enum Kind: Sendable {
    /// An input cannot be used (exit code 65).
    case unusableInput
    /// The output exists or cannot be made (exit code 73).
    case unavailableOutput
    /// The run failed on the way (exit code 1).
    case failedRun
  }

  public var kind: Kind {
    switch self {
    case .missing, .unreadable, .notHDF5, .notEventFile, .unsupportedVersion, .damaged,
      .unsupported, .unfinished, .missingContent, .noTruth, .readFailed:
      .unusableInput
    case .outputExists, .cannotCreate: .unavailableOutput
    case .writeFailed, .invalidContent: .failedRun
    }
  }

  /// The file that it is about.
  public var file: String {
    switch self {
    case .missing(let file), .unreadable(let file, _), .notHDF5(let file), .notEventFile(let file),
      .unsupportedVersion(let file, _, _), .damaged(let file, _, _),
      .unsupported(let file, _, _, _), .unfinished(let file), .missingContent(let file, _, _),
      .noTruth(let file), .readFailed(let file, _, _), .outputExists(let file),
      .cannotCreate(let file, _), .writeFailed(let file, _, _), .invalidContent(let file, _, _):
      file
    }
  }
}

extension StoreError: CustomStringConvertible {
  /// `<file>: <what> (<place>).`, and what can be done with the file itself.
  public var description: String { "\(file): \(what)" }

  private var what: String {
    switch self {
    case .missing: "no such file. Check the name."
    case .unreadable(_, let reason): "cannot be read: \(reason)."
    case .notHDF5: "not an HDF5 file. Give an event file of airshower."
    case .notEventFile:
      "an HDF5 file, but not an airshower event file (attribute FORMAT of /)."
    case .unsupportedVersion(_, let found, let supported):
      "format version \(found), but this program reads \(supported) "
        + "(attribute FORMAT_VERSION of /). "
        + "Read it with the version of airshower that made it, or make it again."
    case .damaged(_, let place, let reason):
      "damaged: \(reason) (\(place)). Make or copy the file again."
    case .unsupported(_, let place, let reason, let remedy):
      "cannot be used: \(reason) (\(place)). \(remedy)."
    case .unfinished:
      "was not finished: a run is still writing it, or was killed."
    case .missingContent(_, let place, let content):
      switch content {
      case .events:
        "does not contain \(place)"
          + (EventFormat.meaning(of: place).map { ", which must hold: \($0)." } ?? ".")
          + " Make the file again, or add it (Documentation/event-file.md)."
      case .truth: "does not contain \(place). Simulate the events again."
      case .reconstruction: "does not contain \(place)."
      }
    case .noTruth: "does not contain /truth. Use a file of simulated events."
    case .readFailed(_, let place, let reason): "reading failed: \(reason) (\(place))."
    case .outputExists: "exists."
    case .cannotCreate(_, let reason): "cannot be made: \(reason)."
    case .writeFailed(_, let place, let reason):
      "writing failed: \(reason) (\(place)). The unfinished file was deleted."
    case .invalidContent(_, let place, let reason): "cannot be stored: \(reason) (\(place))."
    }
  }
}
