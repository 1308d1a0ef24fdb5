internal import Glibc

/// The bytes of a file, unpacked on the way by the system's program where it is compressed.
final class CorsikaBytes {
  /// How a file can be packed, by its first bytes, with the program that unpacks it.
  private static let packings: [(magic: [UInt8], program: String)] = [
    ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), ([0x1F, 0x8B], "gzip"), ([0x42, 0x5A, 0x68], "bzip2"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"),
  ]

  let path: String
  private var descriptor: Int32 = -1
  private var unpacking: (program: String, process: pid_t, errors: Int32)?

  /// Whether a file begins as a packed one does.
  static func isPacked(_ start: [UInt8]) -> Bool {
    packings.contains { start.starts(with: $0.magic) }
  }

  /// - Throws: `.missing`, `.unreadable`, `.decompressorMissing`.
  init(path: String) throws(CorsikaError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw CorsikaError(
        file: path, errno == ENOENT ? .missing : .unreadable(reason: Self.reason(errno)))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw CorsikaError(file: path, .unreadable(reason: "not a regular file"))
    }
    var start = [UInt8](repeating: 0, count: 8)
    let count = pread(descriptor, &start, start.count, 0)
    guard count >= 0 else {
      throw CorsikaError(file: path, .unreadable(reason: Self.reason(errno)))
    }
    if let packing = Self.packings.first(where: { start.prefix(count).starts(with: $0.magic) }) {
      try unpack(with: packing.program)
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if let (_, process, errors) = unpacking {
      // Left before the end: nobody reads what it would write.
      kill(process, SIGTERM)
      waitpid(process, nil, 0)
      close(errors)
    }
  }

  /// Fills a buffer; fewer bytes come only at the end.
  ///
  /// - Throws: `.unreadable`, `.decompressionFailed`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CorsikaError) -> Int {
    guard let start = buffer.baseAddress else { return 0 }
    var filled = 0
    while filled < buffer.count {
      let count = Glibc.read(descriptor, start + filled, buffer.count - filled)
      if count < 0 {
        if errno == EINTR { continue }
        throw CorsikaError(file: path, .unreadable(reason: Self.reason(errno)))
      }
      guard count > 0 else { break }
      filled += count
    }
    return filled
  }

  /// At the end of the bytes: whether these were all.
  ///
  /// - Throws: `.decompressionFailed` with the message of the program.
  func end() throws(CorsikaError) {
    guard let (program, process, errors) = unpacking else { return }
    unpacking = nil
    var message = [UInt8](repeating: 0, count: 1000)
    let count = Glibc.read(errors, &message, message.count)
    close(errors)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status != 0 else { return }
    let text = String(decoding: message.prefix(max(count, 0)), as: UTF8.self)
    // "gzip: stdin: unexpected end of file", "/*stdin*\\ : Read error : premature end"
    let line = text.split(separator: "stdin").last?.drop { "*\\: \n".contains($0) }
      .split(separator: "\n").first
    let reason = line.map { line in
      String(line.reversed().drop { " .".contains($0) }.reversed())
    }
    throw CorsikaError(
      file: path,
      .decompressionFailed(program: program, reason: reason ?? "it stopped with status \(status)"))
  }

  private func unpack(with program: String) throws(CorsikaError) {
    var (output, errors) = ([Int32](repeating: -1, count: 2), [Int32](repeating: -1, count: 2))
    guard pipe(&output) == 0, pipe(&errors) == 0 else {
      throw CorsikaError(file: path, .unreadable(reason: Self.reason(errno)))
    }
    for end in output + errors { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, descriptor, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own: Ctrl-C is for us, and closing the pipe ends it.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGDEF))
    var process = pid_t()
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup("-dc"), nil]
    let failure = posix_spawnp(&process, program, &actions, &attributes, &arguments, nil)
    arguments.forEach { free($0) }
    close(output[1])
    close(errors[1])
    close(descriptor)
    descriptor = output[0]
    guard failure == 0 else {
      close(errors[0])
      throw CorsikaError(
        file: path,
        failure == ENOENT
          ? .decompressorMissing(program: program) : .unreadable(reason: Self.reason(failure)))
    }
    unpacking = (program, process, errors[0])
  }

  private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}
