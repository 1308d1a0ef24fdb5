import Foundation
import Logging
import ShowerFormats
import ShowerModel
import ShowerStore

/// Makes an event file of files of other programs.
package struct ImportRun: Sendable {
  package var inputs: [String]
  package var output: OutputFile
  /// Positions of the stations: a name or file, nil for those of the Telescope Array by date.
  package var array: String?
  /// Tables of results of other programs, `NAME=FILE`.
  package var results: [String] = []
  package var eventLimit: Int?

  package init(_ inputs: [String], output: OutputFile) {
    self.inputs = inputs
    self.output = output
  }

  /// Events that are written in one go.
  private static let batchSize = 64

  package func run(in context: RunContext) throws {
    try context.checkLimits("import")
    let log = context.logger("import")
    var record = ProvenanceRecord("import")
    let surveys = try surveys(context.tableFolder(), &record)
    let tables = try results.map { try ResultTable(option: $0) }
    let first = try ForeignFile.open(path: inputs[0], surveys: surveys)
    let workers = Workers(context.threads)
    let writer = try EventFileWriter(
      path: output.path, array: first.array, sampleCount: first.sampleCount,
      simulated: first.isSimulated, hasUTC: first.hasUTC, overwrite: output.overwrites,
      compressing: workers.submit)
    var columns = ImportedResults(tables)
    var numbers = EventNumbering()
    var progress = Progress(
      "imported", total: byteCount >> 20, unit: "MiB", isQuiet: context.isQuiet)
    var bytesBefore = 0
    for (index, path) in inputs.enumerated() where !isFull(writer) {
      let file = index == 0 ? first : try ForeignFile.open(path: path, surveys: surveys)
      try check(file, isLike: first)
      record.read(path)
      while let events = try batch(of: file, limit: left(writer)) {
        try Interruption.check()
        let numbered = numbers.numbered(events)
        do {
          try writer.append(numbered.map(\.event))
          try columns.append(numbered, methods: file.methods, to: writer)
        } catch StoreError.invalidContent(_, let place, let reason) {
          throw beyondFormat(path, numbered, "\(reason) of \(place)")
        }
        progress.update((bytesBefore + file.bytesRead) >> 20)
      }
      bytesBefore += file.byteCount
      for (reason, count) in file.omissions.sorted(by: { $0.key < $1.key }) {
        log.warning("\(path): left out \(count) \(reason)")
      }
    }
    guard writer.eventCount > 0 else {
      throw InputError(description: "\(inputs[0]): has no events with waveforms")
    }
    try columns.check()
    try writer.finish(
      adding: record.step([
        "format": type(of: first).formatName, "array": first.array.name,
        "events": "\(writer.eventCount)", "results": columns.names.joined(separator: " "),
      ]))
    let found =
      columns.names.isEmpty ? "" : ", with results of \(columns.names.joined(separator: ", "))"
    let kind = first.isSimulated ? "simulated events" : "events of data"
    log.info(
      """
      \(output.path): \(writer.eventCount) \(kind)\
      \(found), \(duration(progress.elapsed))
      """)
  }

  /// For values that no event file can hold, such as times of years: the input is at fault.
  private func beyondFormat(
    _ path: String, _ events: [ImportedEvent], _ value: String
  ) -> InputError {
    let numbers = events.map(\.event.id)
    return InputError(
      description: """
        \(path): events \(numbers.min() ?? 0) to \(numbers.max() ?? 0) would have \(value), which \
        no event file can hold. The file is damaged: copy it again
        """)
  }

  private func isFull(_ writer: EventFileWriter) -> Bool { left(writer) == 0 }

  private func left(_ writer: EventFileWriter) -> Int {
    max((eventLimit ?? .max) - writer.eventCount, 0)
  }

  /// Positions of stations by date, unless one array was asked for.
  private func surveys(
    _ tables: TableFolder, _ record: inout ProvenanceRecord
  ) throws -> StationSurveys {
    func read(_ name: String) throws -> DetectorArray {
      let (array, file) = try tables.array(name, altitudeSpread: 0)
      if let file { record.readHashed(file) }
      return array
    }
    if let array { return StationSurveys(try read(array)) }
    return StationSurveys(
      before2008: try read("telescope-array-2008"), since2008: try read("telescope-array"))
  }

  private var byteCount: Int {
    inputs.reduce(0) { sum, path in
      let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      return sum + (size ?? 0)
    }
  }

  /// Several files become one: they must agree in what holds for all events.
  private func check(
    _ file: any ForeignEvents, isLike first: any ForeignEvents
  ) throws(InputError) {
    func refuse(_ what: String) -> InputError {
      InputError(
        description: "\(file.path): \(what) than \(first.path). Import the files apart")
    }
    guard file.isSimulated == first.isSimulated else {
      throw refuse("holds \(file.isSimulated ? "simulated events" : "data"), other events")
    }
    guard file.array == first.array else {
      throw refuse("its events have other positions of stations")
    }
    guard file.sampleCount == first.sampleCount else {
      throw refuse("has waveforms of \(file.sampleCount) samples, others")
    }
  }

  private func batch(of file: any ForeignEvents, limit: Int) throws -> [ImportedEvent]? {
    var events: [ImportedEvent] = []
    while events.count < min(Self.batchSize, limit), let event = try file.next() {
      events.append(event)
    }
    return events.isEmpty ? nil : events
  }
}

/// Numbers of imported events: those of the file as long as they grow, else the next free one.
struct EventNumbering {
  private var last = -1

  /// Numbers that differ, in memory that does not grow with the events.
  mutating func numbered(_ events: [ImportedEvent]) -> [ImportedEvent] {
    events.map { event in
      var event = event
      let number = event.event.id > last ? event.event.id : last + 1
      if event.event.showerID == event.event.id { event.event.showerID = number }
      event.event.id = number
      last = number
      return event
    }
  }
}
