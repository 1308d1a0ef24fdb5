import Performance
import ShowerModel
import ShowerStore

/// By how much each training event counts.
enum TrainingWeights: Equatable {
  /// The events become those of a spectrum E^index.
  case spectrum(Double)
  /// Numbers that the file holds beside its events: /events/NAME.
  case column(String)

  /// Reads `spectrum=-2.7` or `column=NAME`.
  ///
  /// - Throws: `WrongUse`.
  init(_ text: String) throws(WrongUse) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    switch (parts.first, parts.last) {
    case ("spectrum", let number?) where parts.count == 2:
      guard let index = Double(number), (-10...10).contains(index) else {
        throw WrongUse(
          "--weights \(text): needs an index between -10 and 10, as in --weights spectrum=-2.7")
      }
      self = .spectrum(index)
    case ("column", let name?) where parts.count == 2: self = .column(name)
    default:
      throw WrongUse(
        "--weights \(text): is neither spectrum=INDEX, as in spectrum=-2.7, nor column=NAME, the "
          + "name of a dataset in /events")
    }
  }

  /// Refuses files that do not have what the weights need, before any work.
  ///
  /// - Throws: `InputError`.
  func check(_ readers: [EventFileReader]) throws {
    for reader in readers {
      switch self {
      case .spectrum(let index): _ = try Self.weight(index, reader)
      case .column(let name):
        guard try reader.hasEventNumbers(name) else {
          throw InputError(
            description: "\(reader.path): has no dataset /events/\(name) for --weights. "
              + "Write one number an event there, for example with h5py")
        }
      }
    }
  }

  private static func weight(_ index: Double, _ reader: EventFileReader) throws -> SpectrumWeight {
    try SpectrumWeight(to: index, from: reader, option: "--weights spectrum")
  }

  /// Weights of the events of some rows.
  ///
  /// - Throws: `InputError` for one that is infinite, negative or not a number.
  func values(
    _ rows: Range<Int>, of reader: EventFileReader, _ events: [ReconstructedEvent]
  ) throws -> [Double] {
    switch self {
    case .spectrum(let index):
      let spectrum = try Self.weight(index, reader)
      return events.map { event in event.event.truth.map { spectrum.weight(of: $0.shower) } ?? 0 }
    case .column(let name):
      let values = try reader.eventNumbers(name, rows)
      for (row, value) in zip(rows, values) where !(value >= 0 && value.isFinite) {
        throw InputError(
          description: "\(reader.path): /events/\(name)[\(row)] is \(value). "
            + "A weight is a finite number of at least 0")
      }
      return values
    }
  }
}
