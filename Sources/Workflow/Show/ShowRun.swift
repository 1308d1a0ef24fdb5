import Foundation
import ShowerModel
import ShowerReport
import ShowerStore
import StandardReconstruction

/// What a picture shows.
package enum PictureLayout: String, Sendable, CaseIterable {
  /// One event.
  case event
  /// The footprints of many events.
  case sheet
  /// The directions of many events on the sky.
  case sky
}

/// Draws one event as a picture, or many.
package struct ShowRun: Sendable {
  package var input: String
  /// By its end PNG, SVG or PDF.
  package var output: OutputFile
  /// Number of the event, nil for the first with a good result.
  package var event: Int?
  /// Reconstructions to draw beside the standard one; none stands for all networks.
  package var reconstructions: [String] = []
  package var layout = PictureLayout.event
  /// Events of which the first good one is drawn, where no number is given; all of them on a sheet
  /// or on the sky.
  package var choice = EventChoice()
  /// Stations whose waveforms are shown, 0 to 12.
  package var waveforms = 4
  /// Whether the gnuplot script and its data are kept beside the picture.
  package var keepsScript = false

  package init(_ input: String, output: OutputFile) {
    self.input = input
    self.output = output
  }

  /// Refuses wrong use before any work.
  package func check() throws(WrongUse) {
    guard (0...12).contains(waveforms) else {
      throw WrongUse("--waveforms needs a number from 0 to 12")
    }
    guard layout == .event || event == nil else {
      throw WrongUse("--event names one event: choose those of --layout by --where or --events")
    }
    guard PictureFile(path: output.path) != nil else {
      throw WrongUse("\(output.path): the name of a picture must end in .png, .svg or .pdf")
    }
    guard PictureFile(path: output.path, keepsScript: keepsScript) != nil else {
      throw WrongUse(
        "--keep-script: use letters, digits, '-', '_' and '.' in \(output.path)")
    }
  }

  package func run() throws {
    try check()
    guard let file = PictureFile(path: output.path, keepsScript: keepsScript) else { return }
    let reader = try EventFileReader(path: input)
    try reader.requireStandardReconstruction()
    try requireDrawable(reader)
    _ = try reader.checkEvents()
    try file.check(overwrite: output.overwrites)
    let lines: [String]
    do {
      switch layout {
      case .event: lines = try drawEvent(of: reader, to: file)
      case .sheet: lines = try drawSheet(of: reader, to: file)
      case .sky: lines = try drawSky(of: reader, to: file)
      }
    } catch {
      // Ctrl-C ends gnuplot too, which is no failure of the drawing.
      try Interruption.check()
      throw error
    }
    for line in lines { print(line) }
  }

  private func drawEvent(of reader: EventFileReader, to file: PictureFile) throws -> [String] {
    let row = try row(in: reader)
    let picture = try picture(of: reader, row)
    try file.write(picture, overwrite: output.overwrites)
    return [picture.summary] + notDrawn(reader) + (try sky(reader, row))
  }

  /// One event as it is drawn.
  func picture(of reader: EventFileReader, _ row: Int) throws -> EventPicture {
    EventPicture(
      try reader.reconstructedEvents(row..<row + 1)[0], array: reader.array,
      lateralDistribution: try reader.fittedLateralDistribution(),
      front: try reader.fittedFront(),
      silentDistance: FitConfiguration().silentDistance,
      corrected: try corrected(reader, row), waveformCount: waveforms)
  }

  /// Rows of the chosen events.
  ///
  /// - Throws: `InputError` where there is none.
  func chosenRows(of reader: EventFileReader) throws -> [Int] {
    let rows = try EventSelection(choice, of: reader).rows(of: reader)
    guard !rows.isEmpty else {
      throw InputError(
        description: "\(input): no event" + (choice.text.map { " with \($0)" } ?? ""))
    }
    return rows
  }

  /// Which events these are, for a title.
  func title(_ count: Int) -> String {
    let name = URL(filePath: input).lastPathComponent
    return "\(text(count)) events of \(name)" + (choice.text.map { ": \($0)" } ?? "")
  }

  /// Time of the event, and where in the sky each method sees the shower; nothing for simulations.
  private func sky(_ reader: EventFileReader, _ row: Int) throws -> [String] {
    guard let start = try reader.startTimes(row..<row + 1)?.first else { return [] }
    var lines = ["UTC \(utcText(start.0, start.1))"]
    guard let site = reader.array.site else { return lines }
    for name in EventColumns.methods(of: reader) {
      let result = try reader.reconstructions(named: name, row..<row + 1)[0]
      guard let (place, sigma) = skyPlace(of: result, start.0, start.1, site) else { continue }
      lines.append("\(name): \(skyText(place, sigma))")
    }
    return lines
  }

  /// Row of the event asked for, or of the first good one.
  private func row(in reader: EventFileReader) throws -> Int {
    var (lowest, highest) = (Int.max, Int.min)
    let selection = try EventSelection(choice, of: reader)
    var firstMatch: Int?
    for rows in reader.chunks(of: 8192) {
      try Interruption.check()
      if let event {
        let ids = try reader.eventIDs(rows)
        if let index = ids.firstIndex(of: event) { return rows.lowerBound + index }
        (lowest, highest) = (min(lowest, ids.min() ?? lowest), max(highest, ids.max() ?? highest))
        continue
      }
      let matches = try selection.matches(rows, of: reader)
      let results = try reader.standardResults(rows)
      let isGood = { (index: Int) in [.good, .geometryOnly].contains(results[index].status) }
      if let index = results.indices.first(where: { matches[$0] && isGood($0) }) {
        return rows.lowerBound + index
      }
      firstMatch = firstMatch ?? matches.firstIndex(of: true).map { rows.lowerBound + $0 }
    }
    guard reader.eventCount > 0 else {
      throw InputError(description: "\(input): has no events")
    }
    if let firstMatch, !choice.isEverything { return firstMatch }
    if let text = choice.text, event == nil {
      throw InputError(description: "\(input): no event with \(text)")
    }
    guard let event else {
      throw InputError(
        description: "\(input): no event has a good result. "
          + "Choose one of its \(reader.eventCount) with --event")
    }
    throw InputError(
      description: "\(input): has no event \(event); its events are \(lowest) to \(highest)")
  }

  /// Methods to draw beside the standard one: those asked for, else the networks of the file.
  func methods(_ reader: EventFileReader) -> [String] {
    let asked = reconstructions.isEmpty ? reader.networkNames : reconstructions
    return Array(asked.filter { $0 != "standard" }.prefix(EventPicture.mostMethods))
  }

  private func corrected(
    _ reader: EventFileReader, _ row: Int
  ) throws -> [EventPicture.Corrected] {
    try methods(reader).map { name in
      EventPicture.Corrected(
        name: name, reconstruction: try reader.reconstructions(named: name, row..<row + 1)[0])
    }
  }

  /// - Throws: `WrongUse` for too many methods, `InputError` for those that the file has not.
  private func requireDrawable(_ reader: EventFileReader) throws {
    let names = ["standard"] + reader.reconstructionNames
    if let missing = reconstructions.first(where: { !names.contains($0) }) {
      throw InputError(
        description: "\(input): has no reconstruction \(missing); it has "
          + names.joined(separator: ", "))
    }
    guard reconstructions.count <= EventPicture.mostMethods else {
      throw WrongUse(
        "--reconstruction: a picture has room for \(EventPicture.mostMethods) methods beside the "
          + "standard fit, not for \(reconstructions.count)")
    }
  }

  /// A line that names the reconstructions that the picture leaves out, if there are any.
  private func notDrawn(_ reader: EventFileReader) -> [String] {
    let drawn = methods(reader)
    let rest = reader.reconstructionNames.filter { !drawn.contains($0) && $0 != "standard" }
    guard reconstructions.isEmpty, !rest.isEmpty else { return [] }
    let names = rest.map(EscapedText.terminal).joined(separator: ", ")
    return ["not drawn: \(names) (--reconstruction NAME)"]
  }
}
