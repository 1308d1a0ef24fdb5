import Foundation
import Performance
import ShowerCalibration
import ShowerModel
import ShowerReport
import ShowerStore

extension Thresholds {
  /// - Throws: `InputError` for a file that is none.
  init(ofFile path: String) throws(InputError) {
    do {
      try self.init(json: try data(of: path), file: path)
    } catch {
      throw InputError(description: "\(error)")
    }
  }

  /// - Throws: `BelowThreshold` where numbers fall short, `InputError` for unknown keys.
  func check(_ summary: Summary, file: String) throws {
    let shortfalls: [String]
    do {
      shortfalls = try self.shortfalls(of: summary.results, file: file)
    } catch {
      throw InputError(description: error.description)
    }
    guard shortfalls.isEmpty else { throw BelowThreshold(shortfalls: shortfalls, file: file) }
  }
}

/// Numbers that fall short of what was asked of them.
struct BelowThreshold: SeveralLinesError {
  let shortfalls: [String]
  let file: String

  var lines: [String] {
    ["\(shortfalls.count) of the thresholds of \(file) are not met:"]
      + shortfalls.map { "  \($0)" }
  }
}

extension TrainingHistory {
  /// - Throws: `InputError` for a file that is none.
  init(ofFile path: String) throws(InputError) {
    do {
      try self.init(parsing: String(decoding: try data(of: path), as: UTF8.self), file: path)
    } catch {
      throw InputError(description: "\(error)")
    }
  }
}

private func data(of path: String) throws(InputError) -> Data {
  do throws(TextFileError) { return Data(try TextFile.read(path).utf8) } catch {
    throw InputError(description: "\(path): \(error)")
  }
}

extension SpectrumWeight {
  /// Weights to a spectrum from the one that the events of a file were simulated with.
  ///
  /// - Parameters:
  ///   - index: of the spectrum E^index.
  ///   - reader: the file.
  ///   - option: what the user gave, for messages.
  /// - Throws: `WrongUse` for an index without meaning, `InputError` for a file that does not tell.
  init(to index: Double, from reader: EventFileReader, option: String = "--spectrum") throws {
    guard index.isFinite, (-10...10).contains(index) else {
      throw WrongUse("\(option) needs an index between -10 and 10, as in \(option)=-2.7")
    }
    let simulations = reader.provenance.filter { $0.activity == "simulate" }
    let thrown = Set(simulations.compactMap(spectralIndex))
    guard let only = thrown.first, thrown.count == 1 else {
      throw InputError(
        description: thrown.isEmpty
          ? "\(reader.path): its provenance does not name the spectrum of the simulation, "
            + "so \(option) cannot be used"
          : "\(reader.path): was simulated with several spectra, so \(option) cannot be used")
    }
    self.init(index: index, thrown: only)
  }
}

/// The index of a step's `configuration`; nil where it states none.
private func spectralIndex(of step: ProvenanceStep) -> Double? {
  struct Spectrum: Decodable { var spectralIndex: Double }
  return step.settings["configuration"].flatMap {
    try? JSONDecoder().decode(Spectrum.self, from: Data($0.utf8)).spectralIndex
  }
}
