internal import Glibc
internal import ShowerModel
internal import ShowerStore

/// Truth, results of the experiment and times of the events; both forms have the same names.
struct DSTParserShowers {
  struct Row {
    var truth: Truth?
    var results: [String: Reconstruction]
    var second: CalendarTime?
    /// The trigger after the second.
    var nanoseconds: Double
  }

  private let file: NumberFile
  private let form: any DSTParserForm
  private let isSimulated: Bool
  private let hasTimes: Bool
  private let hasXmax: Bool
  private let fits: [Fit]

  /// One fit of the experiment, with the endings of its data sets.
  private struct Fit {
    let method: ImportedMethod
    let prefix: String
    let ending: String
  }

  /// Whether events have a truth: the bank of data is empty.
  static func areSimulated(in file: NumberFile) throws(StoreError) -> Bool {
    guard try file.shape(of: "energy") != nil else { return false }
    return try file.values(0..<1, of: "energy")[0] > 0
  }

  init(
    _ file: NumberFile, _ form: any DSTParserForm, eventCount: Int, isSimulated: Bool
  ) throws(StoreError) {
    self.file = file
    self.form = form
    self.isSimulated = isSimulated
    if isSimulated {
      for name in ["energy", "mass_number"] { try file.require(name, shape: [eventCount]) }
      for name in ["shower_axis", "shower_core"] { try file.require(name, shape: [eventCount, 3]) }
    }
    hasXmax = try file.shape(of: "xmax") == [eventCount]
    hasTimes = try file.shape(of: "std_recon_yymmdd") == [eventCount]
    guard isSimulated || hasTimes else {
      throw .damaged(
        file: file.path, place: "/std_recon_yymmdd", reason: "data have no times in this file")
    }
    if hasTimes {
      for name in ["std_recon_hhmmss", "std_recon_usec"] {
        try file.require(name, shape: [eventCount])
      }
    }
    var fits: [Fit] = []
    for fit in [
      Fit(method: ResultBanks.published, prefix: "std_recon_", ending: ""),
      Fit(method: ResultBanks.combined, prefix: "std_recon_combined_", ending: "_combined"),
    ] {
      let axis = try file.shape(of: "std_recon_shower_axis\(fit.ending)")
      guard axis == [eventCount, 3] else { continue }
      for name in ["shower_core", "shower_core_err"] {
        try file.require(fit.prefix + name, shape: [eventCount, 2])
      }
      try file.require(fit.prefix + "energy", shape: [eventCount])
      try file.require("std_recon_shower_axis_err\(fit.ending)", shape: [eventCount])
      fits.append(fit)
    }
    self.fits = fits
  }

  /// Second of the first event; nil where the file has no times.
  var firstSecond: CalendarTime? {
    get throws(StoreError) { hasTimes ? try seconds(0..<1)[0].second : nil }
  }

  /// What is known of some events besides their stations.
  ///
  /// - Parameters:
  ///   - rows: of the events.
  ///   - centres: from which the cores of tiles count [m].
  ///   - array: whose spacing is the unit of tiles.
  /// - Returns: a row an event.
  /// - Throws: `StoreError` for numbers that cannot be.
  func rows(
    _ rows: Range<Int>, _ centres: [SIMD2<Double>], array: DetectorArray
  ) throws(StoreError) -> [Row] {
    let units = form.coreUnits(array)
    let isRelative = units.published == units.truth
    let times = hasTimes ? try seconds(rows) : nil
    var result = rows.indices.map { row in
      Row(
        results: [:], second: times?[row - rows.lowerBound].second,
        nanoseconds: times?[row - rows.lowerBound].nanoseconds ?? 0)
    }
    if isSimulated {
      let truths = try truths(rows, centres, unit: units.truth, isRelative: isRelative)
      for index in result.indices { result[index].truth = truths[index] }
    }
    for fit in fits {
      let isCombined = fit.method == ResultBanks.combined
      let fitted = try results(
        of: fit, rows, isRelative && !isCombined ? centres : centres.map { _ in SIMD2(0, 0) },
        unit: isCombined ? units.combined : units.published)
      for index in result.indices { result[index].results[fit.method.name] = fitted[index] }
    }
    return result
  }

  private func seconds(
    _ rows: Range<Int>
  ) throws(StoreError) -> [(second: CalendarTime, nanoseconds: Double)] {
    let days = try file.values(rows, of: "std_recon_yymmdd")
    let clocks = try file.values(rows, of: "std_recon_hhmmss")
    let fractions = try file.values(rows, of: "std_recon_usec")
    if let index = fractions.firstIndex(where: { !(abs($0) < 1e7) }) {
      throw .damaged(
        file: file.path, place: "/std_recon_usec",
        reason: "event \(rows.lowerBound + index) is \(fractions[index]) us after its second")
    }
    return zip(days, zip(clocks, fractions)).map { day, clock in
      let (date, time) = (Int(saturating: day), Int(saturating: clock.0))
      return (
        CalendarTime(
          2000 + date / 10_000 % 100, date / 100 % 100, date % 100, time / 10_000 % 100,
          time / 100 % 100, time % 100),
        clock.1 * Units.microsecond
      )
    }
  }

  private func truths(
    _ rows: Range<Int>, _ centres: [SIMD2<Double>], unit: Double, isRelative: Bool
  ) throws(StoreError) -> [Truth] {
    let masses = try file.values(rows, of: "mass_number")
    let energies = try file.values(rows, of: "energy")
    let depths = hasXmax ? try file.values(rows, of: "xmax") : nil
    let axes = try file.values(rows, of: "shower_axis")
    let cores = try file.values(rows, of: "shower_core")
    var truths: [Truth] = []
    for index in energies.indices {
      func damaged(_ name: String, _ what: String) -> StoreError {
        .damaged(
          file: file.path, place: "/\(name)",
          reason: "event \(rows.lowerBound + index) has \(what)")
      }
      guard let primary = Int(exactly: masses[index]).flatMap(Primary.init(rawValue:)) else {
        throw damaged("mass_number", "the mass number \(masses[index])")
      }
      guard energies[index] > 0, energies[index].isFinite else {
        throw damaged("energy", "the energy \(energies[index]) EeV")
      }
      let axis = Direction(along: SIMD3(axes[3 * index], axes[3 * index + 1], axes[3 * index + 2]))
      guard axis.zenith < 0.5 * Double.pi else {
        throw damaged("shower_axis", "the zenith angle \(axis.zenith / Units.degree) deg")
      }
      // Heights of tiles are in units of 30 m. The core moves along the axis to the plane z = 0.
      let height = cores[3 * index + 2] * (isRelative ? 30 : unit)
      let slope = tan(axis.zenith) * height
      let core =
        SIMD2(cores[3 * index], cores[3 * index + 1]) * unit
        + (isRelative ? centres[index] : SIMD2(0, 0))
        - slope * SIMD2(cos(axis.azimuth), sin(axis.azimuth))
      guard core.x.isFinite, core.y.isFinite else {
        throw damaged("shower_core", "the core \(core.x), \(core.y) m")
      }
      truths.append(
        Truth(
          shower: Shower(
            logEnergy: log10(energies[index]) + Units.logEnergyOfEeV, zenith: axis.zenith,
            azimuth: axis.azimuth, coreX: core.x, coreY: core.y, time: .nan),
          primary: primary, xmax: depths?[index] ?? .nan, muonScale: .nan))
    }
    return truths
  }

  private func results(
    of fit: Fit, _ rows: Range<Int>, _ centres: [SIMD2<Double>], unit: Double
  ) throws(StoreError) -> [Reconstruction] {
    let axes = try file.values(rows, of: "std_recon_shower_axis\(fit.ending)")
    let errors = try file.values(rows, of: "std_recon_shower_axis_err\(fit.ending)")
    let cores = try file.values(rows, of: fit.prefix + "shower_core")
    let coreErrors = try file.values(rows, of: fit.prefix + "shower_core_err")
    let energies = try file.values(rows, of: fit.prefix + "energy")
    return energies.indices.map { index in
      let axis = Direction(along: SIMD3(axes[3 * index], axes[3 * index + 1], axes[3 * index + 2]))
      let core = SIMD2(cores[2 * index], cores[2 * index + 1]) * unit + centres[index]
      // The file has the error of the direction, of both angles together.
      let error = errors[index] * Units.degree / 2.squareRoot()
      return ResultBanks.judged(
        Reconstruction(
          shower: Shower(
            logEnergy: energies[index] > 0 ? log10(energies[index]) + Units.logEnergyOfEeV : .nan,
            zenith: axis.zenith, azimuth: axis.azimuth, coreX: core.x, coreY: core.y, time: .nan),
          sigma: Shower(
            logEnergy: .nan, zenith: error, azimuth: error / sin(axis.zenith),
            coreX: coreErrors[2 * index] * unit, coreY: coreErrors[2 * index + 1] * unit,
            time: .nan),
          status: .good))
    }
  }
}
