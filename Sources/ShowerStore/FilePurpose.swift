/// What becomes of a new file, on which it depends how it is written.
public enum FilePurpose: String, Codable, Sendable {
  /// It stays: compressed, and on the disk before it gets its name.
  case lasting
  /// It is read once on the same machine and then deleted. So it is not compressed, and not forced
  /// to the disk, which it may never reach. It is four times as large.
  case readOnce
  /// It is read once and deleted, maybe by another machine, over a network that is slower than
  /// compression.
  case readOnceElsewhere

  var compression: ChunkCompression { self == .readOnce ? .none : .gzip }

  /// Whether the file must outlive a crash of the machine.
  var isLasting: Bool { self == .lasting }
}
