/// What becomes of a new file, on which it depends how it is written.
public enum FilePurpose: String, Codable, Sendable {
  /// It stays: compressed, and on the disk before it gets its name.
  case lasting
  /// It is read once and deleted, on the same machine: neither compressed nor brought to the disk,
  /// which it may never reach. Four times as large.
  case readOnce
  /// It is read once and deleted, maybe by another machine, over a network that is slower than
  /// compression.
  case readOnceElsewhere

  var compression: ChunkCompression { self == .readOnce ? .none : .gzip }

  /// Whether the file must outlive a crash of the machine.
  var isLasting: Bool { self == .lasting }
}
