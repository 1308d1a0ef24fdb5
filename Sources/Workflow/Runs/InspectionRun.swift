import Foundation
import ResidualNetwork
import ShowerModel
import ShowerSimulation
import ShowerStore

/// Prints what is in a file, who made it, from what.
package struct InspectionRun: Sendable {
  /// Event file, network, or CORSIKA particle file.
  package var file: String
  /// Events of an event file to list; nil to describe the file.
  package var choice = EventChoice()
  /// Whether to list the names that a condition knows.
  package var listsQuantities = false

  package init(_ file: String) { self.file = file }

  package func run() throws {
    if listsQuantities || !choice.isEverything {
      let list = EventList(reader: try EventFileReader(path: file))
      return print(listsQuantities ? list.names : try list.page(choice))
    }
    if file.hasSuffix(".pt") {
      print(try prettyJSON(try Network.metadata(contentsOf: file)))
    } else if CorsikaLayout.mayBegin(with: start) {
      let summary = try CorsikaSummary(path: file) { try Interruption.check() }
      print(EscapedText.terminal(page: summary.description, with: [file]))
      if let failure = summary.failure { throw failure }
    } else {
      let reader = try EventFileReader(path: file)
      let summary = try reader.summary()
      let page = summary.page(layers: reader.array.detector.layerCount, try EventTimes(reader))
      print(EscapedText.terminal(page: page, with: summary.strings))
    }
  }

  /// The first bytes of the file; none where it cannot be read.
  private var start: [UInt8] {
    // A pipe would be waited for.
    var status = stat()
    guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let handle = FileHandle(forReadingAtPath: file)
    else { return [] }
    defer { try? handle.close() }
    return (try? handle.read(upToCount: 16)).map { [UInt8]($0) } ?? []
  }
}

extension FileSummary {
  /// A page of text: counts, how the file was made, one line a dataset.
  func page(layers: Int, _ times: EventTimes?) -> String {
    var lines = [
      "\(path): airshower event file, format \(formatVersion), \(fileBytes) bytes",
      "  array            \(arrayName), \(stationCount) stations",
      "  events           \(eventCount), \(hasTruth ? "simulated" : "data")",
      "  hits             \(hitCount), \(layers) \(layers == 1 ? "layer" : "layers") of "
        + "\(sampleCount) samples",
      "  reconstructions  "
        + (reconstructionNames.isEmpty ? "none" : reconstructionNames.joined(separator: ", ")),
    ]
    if let times { lines += ["  UTC              \(times.range)"] + times.sky }
    lines.append("Made by")
    for step in provenance {
      lines.append(
        "  \(step.activity)  airshower \(step.version), \(step.finished), on \(step.host)")
      lines.append("    \(step.commandLine.joined(separator: " "))")
    }
    for group in groups where !group.datasets.isEmpty {
      lines.append(group.path)
      for dataset in group.datasets {
        let name = dataset.path.dropFirst(group.path.count).drop { $0 == "/" }
        let shape = dataset.shape.map(String.init).joined(separator: " x ")
        lines.append(
          "  \(padded(String(name), 30)) \(padded(dataset.type, 8)) \(padded(shape, 18)) "
            + "\(padded("[\(dataset.unit)]", 18)) \(dataset.description)")
      }
    }
    return lines.joined(separator: "\n")
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }

  /// All strings of the file that its page quotes.
  fileprivate var strings: [String] {
    let steps = provenance.flatMap { step in
      [step.activity, step.version, step.finished, step.host] + step.commandLine
    }
    let datasets = groups.flatMap(\.datasets).flatMap { dataset in
      dataset.path.split(separator: "/").map(String.init) + [dataset.unit, dataset.description]
    }
    return [path, formatVersion, arrayName] + reconstructionNames + groups.map(\.path) + steps
      + datasets
  }
}
