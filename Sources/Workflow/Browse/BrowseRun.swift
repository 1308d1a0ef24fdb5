import Foundation
import Logging
import PageServer
import ShowerModel
package import ShowerReport
import ShowerStore

/// Shows the events of files one by one: writes a page, or serves it.
package struct BrowseRun: Sendable {
  /// Reconstructed files with the same array and methods.
  package var inputs: [String]
  /// The page to write; nil to serve it where it would be too large, and else for the usual name.
  package var output: OutputFile?
  /// Serves the page on 127.0.0.1 instead of writing it.
  package var serves = false
  /// Whether a page of the usual name may be replaced.
  package var overwrites = false
  package var choice = EventChoice()
  package var eventLimit: Int?
  /// Stations whose waveforms the page holds; nil for all where they are not too large.
  package var waveforms: WaveformExtent?

  /// Waveforms are left out where they alone would be larger, unless they are asked for [bytes].
  static let waveformLimit = 80_000_000
  /// Largest page [bytes]: browsers open it in some seconds.
  static let pageLimit = 250_000_000

  /// Bytes of an event without waveforms in a page, about.
  private static let eventSize = 4300

  package init(_ inputs: [String]) { self.inputs = inputs }

  /// The name of a page where none is given: that of the file, in the current folder.
  package static func defaultOutput(of input: String) -> String {
    URL(filePath: input).deletingPathExtension().lastPathComponent + ".html"
  }

  package func run(in context: RunContext) throws {
    let log = context.logger("browse")
    try output?.check()
    let files = try JoinedFiles(inputs)
    for reader in files.readers { try reader.requireStandardReconstruction() }
    let assets = try context.tableFolder().pageAssets("browse")
    let selections = try files.readers.map { try EventSelection(choice, of: $0) }
    let chosen = try chosenRows(files.readers, selections)
    guard chosen.contains(where: { !$0.isEmpty }) else {
      throw InputError(
        description: "\(inputs[0]): no event" + (choice.text.map { " with \($0)" } ?? ""))
    }
    let count = chosen.reduce(0) { $0 + $1.count }
    if serves || output == nil && count * Self.eventSize > Self.pageLimit {
      return try serve(files.readers, selections, chosen, assets, log)
    }
    let output = output ?? OutputFile(Self.defaultOutput(of: inputs[0]), overwrites: overwrites)
    try output.check()
    let extent = extent(files.readers, chosen)
    if waveforms == nil, extent == .none {
      log.warning(
        """
        the waveforms of \(text(count)) events are too large for a page and are left out. Choose \
        fewer by --where or --events, give --waveforms fit or all, or see them by --serve
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
      log.info("\(output.path): \(text(contents.total)) events, \(size) MB")
    }
  }

  /// Serves the page until the user ends it.
  private func serve(
    _ readers: [EventFileReader], _ selections: [EventSelection], _ chosen: [[Int]],
    _ assets: PageAssets, _ log: Logger
  ) throws {
    let events = try zip(readers, selections).map {
      try BrowsedEvents($0, $1, waveforms: waveforms ?? .all)
    }
    let served = ServedEvents(events, chosen)
    var contents = BrowserPage.Contents(
      files: inputs, array: readers[0].array, methods: EventColumns.methods(of: readers[0]),
      columns: served.columns, waveformNote: Self.note(waveforms ?? .all),
      key: inputs.joined(separator: " "))
    (contents.total, contents.rows) = (served.count, nil)
    let page = BrowserPage(title: title, assets: assets).served(contents)
    let server = try PageServer()
    FileHandle.standardOutput.write(Data("\(server.address)\n".utf8))
    log.info(
      "\(text(served.count)) events. Open the address in a browser of this machine; Ctrl-C ends")
    try server.run(
      until: { Interruption.isPending }, idle: served.readMore,
      respond: { $0.path.isEmpty ? .html(page) : try served.answer($0) })
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
          contents.rows?.append(event.values)
          contents.total += 1
          contents.fileOfRow.append(file)
        }
        progress.update(contents.total)
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
