/// What is done to the chunks of a new file beside shuffling, which is always done.
enum ChunkCompression: Sendable {
  /// As all files that last have it.
  case gzip
  /// For files that are read once and deleted: writing and reading them costs a copy of their
  /// bytes.
  case none

  /// The filters that a chunk leaves out, as HDF5 keeps them with it: bit 0 shuffle, bit 1 gzip.
  var skippedFilters: UInt32 { self == .none ? 2 : 0 }
}
