import Foundation
import Logging
import ShowerModel
package import ShowerReport
import ShowerStore

/// Writes a page that shows the events of files one by one.
package struct BrowseRun: Sendable {
  /// Reconstructed files with the same array and methods.
  package var inputs: [String]
  package var output: OutputFile
  package var choice = EventChoice()
  package var eventLimit: Int?
  /// Stations whose waveforms the page holds; nil for all where they are not too large.
  package var waveforms: WaveformExtent?

  /// Waveforms are left out where they alone would be larger, unless they are asked for [bytes].
  static let waveformLimit = 80_000_000
  /// Largest page [bytes]: browsers open it in some seconds.
  static let pageLimit = 250_000_000

  package init(_ inputs: [String], output: OutputFile) {
    self.inputs = inputs
    self.output = output
  }

  /// The name of a page where none is given: that of the file, in the current folder.
  package static func defaultOutput(of input: String) -> String {
    URL(filePath: input).deletingPathExtension().lastPathComponent + ".html"
  }

  package func run(in context: RunContext) throws {
    let log = context.logger("browse")
    try output.check()
    let files = try JoinedFiles(inputs)
    for reader in files.readers { try reader.requireStandardReconstruction() }
    let assets = try context.tableFolder().pageAssets("browse")
    let selections = try files.readers.map { try EventSelection(choice, of: $0) }
    let chosen = try chosenRows(files.readers, selections)
    guard chosen.contains(where: { !$0.isEmpty }) else {
      throw InputError(
        description: "\(inputs[0]): no event" + (choice.text.map { " with \($0)" } ?? ""))
    }
    let extent = extent(files.readers, chosen)
    if waveforms == nil, extent == .none {
      let count = text(chosen.reduce(0) { $0 + $1.count })
      log.warning(
        """
        the waveforms of \(count) events are too large for a page and are left out. Choose fewer \
        by --where or --events, or give --waveforms fit or all
        """)
    }
    let page = BrowserPage(title: title, assets: assets)
    try output.write { part in
      var writer = try PageWriter(part, name: output.path, limit: Self.pageLimit)
      try writer.write(page.opening)
      let contents = try write(
        chosen, of: files.readers, selections, extent, to: &writer, isQuiet: context.isQuiet)
      try writer.write(page.closing(contents))
      try writer.close()
      let size = text(Double(writer.count) / 1e6, decimals: 1)
      log.info("\(output.path): \(text(contents.rows.count)) events, \(size) MB")
    }
  }

  private var title: String {
    "Events of \(inputs.joined(separator: ", "))"
      + (choice.text.map { ", only with \($0)" } ?? "")
  }

  /// Rows of the chosen events of every file.
  private func chosenRows(
    _ readers: [EventFileReader], _ selections: [EventSelection]
  ) throws -> [[Int]] {
    var rest = eventLimit ?? .max
    return try zip(readers, selections).map { reader, selection in
      let rows = try selection.rows(of: reader, limit: rest)
      rest -= rows.count
      return rows
    }
  }

  /// The waveforms that a page holds: those asked for, else all if they are not too large.
  private func extent(_ readers: [EventFileReader], _ chosen: [[Int]]) -> WaveformExtent {
    if let waveforms { return waveforms }
    var size = 0.0
    for (reader, rows) in zip(readers, chosen) where reader.eventCount > 0 {
      let windows = Double(reader.hitCount) / Double(reader.eventCount) * Double(rows.count)
      // A byte a sample in base 64.
      let samples = Double(reader.array.detector.layerCount * reader.sampleCount)
      size += windows * (60 + 1.45 * samples)
    }
    return size <= Double(Self.waveformLimit) ? .all : .none
  }

  /// Writes all events, a line each.
  ///
  /// - Returns: the table of events and what they share.
  private func write(
    _ chosen: [[Int]], of readers: [EventFileReader], _ selections: [EventSelection],
    _ extent: WaveformExtent, to writer: inout PageWriter, isQuiet: Bool
  ) throws -> BrowserPage.Contents {
    let total = chosen.reduce(0) { $0 + $1.count }
    var progress = Progress("events", total: total, isQuiet: isQuiet)
    var contents = BrowserPage.Contents(
      files: inputs, array: readers[0].array, methods: EventColumns.methods(of: readers[0]),
      columns: [], waveformNote: Self.note(extent), key: inputs.joined(separator: " "))
    for (file, reader) in readers.enumerated() {
      let events = try BrowsedEvents(reader, selections[file], waveforms: extent)
      contents.columns = events.columns
      for rows in BrowsedEvents.chunks(of: chosen[file]) {
        try Interruption.check()
        for event in try events.read(rows) {
          try writer.write(event.line + "\n")
          contents.rows.append(event.values)
          contents.fileOfRow.append(file)
        }
        progress.update(contents.rows.count)
      }
    }
    return contents
  }

  private static func note(_ extent: WaveformExtent) -> String {
    "This page has no waveforms"
      + (extent == .none
        ? ": make it again for fewer events, by --where or --events, or with --waveforms all."
        : " of this event.")
  }
}
