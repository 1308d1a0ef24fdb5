internal import Dispatch
internal import Synchronization

/// Runs a piece of work on some thread, now or later.
public typealias WorkSubmission = @Sendable (_ work: @escaping @Sendable () -> Void) -> Void

/// Chunks on their way into a file. They are compressed on any thread. The thread of the file
/// writes them in the order in which they came. So the bytes of the file do not depend on threads.
final class ChunkQueue {
  let compression: ChunkCompression
  private let submit: WorkSubmission?
  private var waiting: [(chunk: CompressedChunk, write: Write)] = []

  typealias Write = (_ bytes: [UInt8]) throws(StoreError) -> Void

  /// Chunks that may wait, 64 kB each: enough for any number of threads.
  private static let limit = 64

  typealias Encoding = @Sendable () throws(StoreError) -> [UInt8]

  /// - Parameters:
  ///   - compression: of all chunks.
  ///   - submit: where to compress; nil for the thread of the file.
  init(_ compression: ChunkCompression, _ submit: WorkSubmission?) {
    self.compression = compression
    self.submit = submit
  }

  /// Takes over a chunk, and writes earlier ones that are ready.
  func add(
    encoding: @escaping Encoding, write: @escaping Write
  ) throws(StoreError) {
    let chunk = CompressedChunk(encoding)
    waiting.append((chunk, write))
    submit? { chunk.compress() }
    try writeReady()
  }

  /// Takes over a chunk that needs no compression.
  func add(ready bytes: [UInt8], write: @escaping Write) throws(StoreError) {
    waiting.append((CompressedChunk(ready: bytes), write))
    try writeReady()
  }

  private func writeReady() throws(StoreError) {
    while let first = waiting.first,
      submit == nil || first.chunk.isReady || waiting.count > ChunkQueue.limit
    {
      try writeFirst()
    }
  }

  /// Writes all that is left.
  func writeAll() throws(StoreError) {
    while !waiting.isEmpty { try writeFirst() }
  }

  private func writeFirst() throws(StoreError) {
    let (chunk, write) = waiting.removeFirst()
    try write(try chunk.bytes())
  }
}

/// A chunk that the first thread to come compresses.
private final class CompressedChunk: Sendable {
  private let state: Mutex<State>
  private let done = DispatchSemaphore(value: 0)

  private enum State: Sendable {
    case raw(ChunkQueue.Encoding)
    case inWork
    case ready([UInt8])
    case failed(StoreError)
  }

  init(_ encoding: @escaping ChunkQueue.Encoding) {
    state = Mutex(.raw(encoding))
  }

  init(ready bytes: [UInt8]) {
    state = Mutex(.ready(bytes))
    done.signal()
  }

  var isReady: Bool {
    state.withLock {
      switch $0 {
      case .ready, .failed: true
      case .raw, .inWork: false
      }
    }
  }

  /// Compresses it, unless another thread does or did.
  func compress() {
    let encoding = state.withLock { state -> ChunkQueue.Encoding? in
      guard case .raw(let encoding) = state else { return nil }
      state = .inWork
      return encoding
    }
    guard let encoding else { return }
    let result: State
    do throws(StoreError) {
      result = .ready(try encoding())
    } catch {
      result = .failed(error)
    }
    state.withLock { $0 = result }
    done.signal()
  }

  /// The bytes, compressed here where no thread has begun to. Once.
  ///
  /// - Throws: what the encoding threw.
  func bytes() throws(StoreError) -> [UInt8] {
    compress()
    done.wait()
    switch state.withLock({ $0 }) {
    case .ready(let bytes): return bytes
    case .failed(let error): throw error
    case .raw, .inWork: preconditionFailure("not encoded")
    }
  }
}
