internal import CEventFileCheck
internal import Glibc
internal import ShowerModel

/// Lets a process of its own read all metadata of a file before this process opens it.
///
/// HDF5 1.10 has known faults: some damaged files make it crash, never end, or ask for all memory.
/// That process takes the harm. It also reads the texts of variable length, so that this process
/// never does.
enum FileCheck {
  /// Memory of the check beside that of this process [bytes]; what passes, this process can open
  /// with as much.
  private static let memory: UInt64 = 512 << 20
  /// Processor time of the check: 2 s, and 0.5 s more for each GB of the file. A sound file takes
  /// milliseconds.
  private static let (processorSeconds, secondsPerByte) = (2.0, 0.5e-9)
  /// Longest wait for a slow disk, as a multiple of the processor time.
  private static let patience = 30.0

  /// The texts of variable length in the attributes of a file that is sound.
  ///
  /// - Throws: `.damaged` or `.unsupported` with the object where the check ended; `.readFailed`
  ///   where no process could be started or a signal ended it.
  static func texts(of context: FileContext, byteCount: Int) throws(StoreError) -> AttributeTexts {
    HDF5.start()
    let seconds = processorSeconds + secondsPerByte * Double(byteCount)
    var limits = check_limits(
      processor_seconds: seconds, clock_seconds: patience * seconds, memory: memory)
    var result = check_result()
    event_file_check(context.path, &limits, &result)
    defer { free(result.texts) }
    let place = text(&result.place)
    let reason = text(&result.reason)
    switch result.outcome {
    case CHECK_SOUND: break
    case CHECK_UNSUPPORTED:
      throw context.unsupported(
        place, reason, remedy: "Write the file again without it, for example with h5py")
    case CHECK_DAMAGED: throw context.damaged(place, reason)
    case CHECK_CRASHED: throw context.damaged(place, "the HDF5 library crashes on it")
    case CHECK_TIMED_OUT:
      throw context.damaged(place, "the HDF5 library does not finish reading it")
    case CHECK_INTERRUPTED:
      throw .readFailed(
        file: context.path, place: place, reason: "a signal ended the check of the file")
    default:
      throw .readFailed(
        file: context.path, place: "the file as a whole",
        reason: "no process for its check: \(systemReason())")
    }
    let bytes = UnsafeRawBufferPointer(start: result.texts, count: result.text_bytes)
    guard let texts = AttributeTexts(bytes) else {
      throw context.damaged("the file as a whole", "its check ended early")
    }
    return texts
  }

  private static func text<Bytes>(_ bytes: inout Bytes) -> String {
    withUnsafeBytes(of: &bytes) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

/// Texts of variable length by the address of their object and the name of the attribute.
struct AttributeTexts: Sendable {
  private var texts: [Key: String] = [:]

  private struct Key: Hashable {
    let object: UInt64
    let name: String
  }

  /// No texts, for a file that is being made.
  init() {}

  /// From what the check sent; nil where that is cut.
  init?(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    func take(_ count: UInt64) -> String? {
      guard count <= rest.count else { return nil }
      defer { rest = rest.dropFirst(Int(count)) }
      return String(decoding: rest.prefix(Int(count)), as: UTF8.self)
    }
    func number() -> UInt64? {
      guard rest.count >= 8 else { return nil }
      defer { rest = rest.dropFirst(8) }
      return UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: UInt64.self)
    }
    while !rest.isEmpty {
      guard let object = number(), let nameBytes = number(), let textBytes = number(),
        let name = take(nameBytes), let text = take(textBytes)
      else { return nil }
      texts[Key(object: object, name: name)] = text
    }
  }

  func text(_ name: String, ofObjectAt address: UInt64) -> String? {
    texts[Key(object: address, name: name)]
  }
}
