import Performance
import ShowerCalibration
import ShowerModel
import ShowerReport
import ShowerStore

/// The methods of a file that are compared, beside the standard one.
struct ComparedMethods {
  /// In the order of a table.
  let all: [Method]
  /// The one that verdict and figures are about; nil where there is no network.
  let headline: String?

  /// - Parameters:
  ///   - reader: the file.
  ///   - method: the headline that the user named.
  ///   - asked: all that the user named, nil for those of the file.
  ///   - against: a method that gains are also given against.
  /// - Throws: `InputError` for a file without them.
  init(
    of reader: EventFileReader, headline method: String?, methods asked: [String]?,
    against: String?
  ) throws {
    try reader.requireStandardReconstruction()
    let stored = Self.namesInOrder(reader)
    // Where there is a truth the control is fitted anew; older versions stored one.
    let control = MethodIdentity.polynomial.name
    let known = stored.filter { $0 != control || !reader.hasTruth }
    guard !known.isEmpty else {
      throw InputError(
        description: "\(reader.path): has no corrected reconstruction. Run airshower correct first")
    }
    for name in (asked ?? []) + [method, against].compactMap(\.self) {
      guard known.contains(name) || (name == control && reader.hasTruth) else {
        throw InputError(
          description: "\(reader.path): has no reconstruction \(name); "
            + "it has \(known.joined(separator: ", "))")
      }
    }
    let names = asked.map { asked in
      known.filter { asked.contains($0) || $0 == method || $0 == against }
    }
    all = try Method.ordered(
      (names ?? known).map { name in
        Method(reader.identity(of: name), explanation: try reader.networkDescription(of: name))
      })
    headline = method ?? stored.last { reader.identity(of: $0).kind.isNetwork }
  }

  /// The method that gains are also given against: the one asked for, else a published
  /// reconstruction of the file.
  func against(_ asked: String?) -> String? {
    asked ?? all.first { $0.kind == .published }?.name
  }

  var names: String { all.map(\.name).joined(separator: ",") }

  /// All methods but the standard one, those of `correct` in the order in which it wrote them.
  private static func namesInOrder(_ reader: EventFileReader) -> [String] {
    let written = reader.provenance.filter { $0.activity == "correct" }
      .flatMap { ($0.settings["name"] ?? "").split(separator: " ").map(String.init) }
    return reader.reconstructionNames.enumerated().sorted {
      (written.lastIndex(of: $0.element) ?? -1, $0.offset)
        < (written.lastIndex(of: $1.element) ?? -1, $1.offset)
    }.map(\.element)
  }
}
