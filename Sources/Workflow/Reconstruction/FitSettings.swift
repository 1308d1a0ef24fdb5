import Foundation
import ShowerModel
import StandardReconstruction

/// Settings of the standard fit in the words of the command line.
package struct FitSettings: Sendable {
  package enum Mode: String, Sendable, CaseIterable {
    case joint, geometry
  }
  package enum SignalSigma: String, Sendable, CaseIterable {
    case measured, expected
  }
  package enum TimeError: String, Sendable, CaseIterable {
    case published
    case halfUtah = "half-utah"
    case measuredSignal = "measured-signal"
    case constant
  }

  /// Nil for that of the command.
  package var mode: Mode?
  /// "barycentre", or X,Y in metres on the plane z = 0; for the mode geometry.
  package var core = "barycentre"
  package var lateralDistribution = LateralDistribution.inr.name
  /// Name of a published front, "tuned", or a file of a tuned one; nil for that of the mode.
  package var front: String?
  package var sigma = SignalSigma.expected
  /// Nil for that of the mode.
  package var timeError: TimeError?
  /// FADC counts from which on a station is saturated; nil for those of the array's electronics.
  package var saturationCounts: Int?
  /// Constant part of the error of a time [ns].
  package var timeResolution = FitConfiguration().timeResolution
  /// Factor on the front's scatter in the error of a time; 1 is as published.
  package var timeScatterScale = 1.0
  /// Smallest signal of a station in the fit [VEM]; nil for that of the command.
  package var smallestSignal: Double?
  /// Time above the threshold that makes an onset [ns].
  package var onsetDuration = FitConfiguration().onsetDuration

  /// Attenuation length of signals along the axis [g/cm2]; 0 for none.
  package var attenuationLength = FitConfiguration().attenuationLength ?? 0

  package init() {}

  /// The settings of the fit, in a mode of the command where the user names none.
  ///
  /// - Throws: `WrongUse` for values that the fit cannot have.
  func configuration(default mode: Mode) throws(WrongUse) -> FitConfiguration {
    var settings = FitConfiguration()
    guard let shape = LateralDistribution.all.first(where: { $0.name == lateralDistribution })
    else {
      let known = LateralDistribution.all.map(\.name).joined(separator: ", ")
      throw WrongUse(
        "--lateral-distribution: unknown \"\(lateralDistribution)\"; known: \(known)")
    }
    let chosen = self.mode ?? mode
    let published = publishedFront(in: chosen)
    guard timeResolution.isFinite, timeResolution > 0 else {
      throw WrongUse("--time-resolution needs a positive number of nanoseconds")
    }
    guard timeScatterScale.isFinite, timeScatterScale >= 0 else {
      throw WrongUse("--time-scatter-scale needs a number of at least 0")
    }
    guard saturationCounts.map((1...65_536).contains) ?? true else {
      throw WrongUse("--saturation-counts needs a whole number from 1 to 65536")
    }
    guard smallestSignal.map({ $0.isFinite && $0 >= 0 }) ?? true else {
      throw WrongUse("--smallest-signal needs a number of VEM of at least 0")
    }
    guard onsetDuration.isFinite, onsetDuration > 0 else {
      throw WrongUse("--onset-duration needs a positive number of nanoseconds")
    }
    if let smallestSignal { settings.smallestSignal = smallestSignal }
    settings.onsetDuration = onsetDuration
    settings.saturationCounts = saturationCounts
    guard attenuationLength == 0 || (10...1e6).contains(attenuationLength) else {
      throw WrongUse("--attenuation-length needs 10 to 1000000 g/cm2, or 0 for no attenuation")
    }
    settings.attenuationLength = attenuationLength == 0 ? nil : attenuationLength
    settings.lateralDistribution = shape
    settings.front = published ?? Self.usualFront(in: chosen)
    settings.usesExpectedSignalSigma = sigma == .expected
    settings.timeResolution = timeResolution
    settings.timeScatterScale = timeScatterScale
    switch chosen {
    case .joint: settings.mode = .joint
    case .geometry: settings.mode = .geometry(core: try fixedCore())
    }
    let usual = settings.mode == .joint ? TimeError.halfUtah : .measuredSignal
    settings.timeError =
      switch timeError ?? usual {
      case .published: .published
      case .halfUtah: .halfUtah
      case .measuredSignal: .measuredSignal
      case .constant: .constant
      }
    return settings
  }

  /// The tuned front that was asked for, and its file; nil for a published one.
  ///
  /// - Throws: `WrongUse` where other options do not go with it, or what is wrong with its table.
  func tunedFront(
    _ tables: TableFolder, default mode: Mode
  ) throws -> (front: TunedFrontFile, file: URL)? {
    let chosen = self.mode ?? mode
    guard let front, publishedFront(in: chosen) == nil else { return nil }
    guard chosen == .joint else {
      throw WrongUse(
        "--front \(front): a tuned front needs --fit joint, because its delays depend on signals")
    }
    guard timeError == nil, timeResolution == FitConfiguration().timeResolution else {
      throw WrongUse(
        "--front \(front): a tuned front has its own timing errors. "
          + "Leave out --time-error and --time-resolution")
    }
    do {
      return try tables.tunedFront(front)
    } catch let error as InputError where !front.contains(".") && front != "tuned" {
      // No name of a file: a misspelt word.
      let known = ShowerFront.all.map(\.name).joined(separator: ", ")
      throw WrongUse("--front: unknown \"\(front)\"; known: \(known), tuned. \(error)")
    }
  }

  private func fixedCore() throws(WrongUse) -> SIMD2<Double>? {
    if core == "barycentre" { return nil }
    let parts = core.split(separator: ",").map { Double($0) }
    guard parts.count == 2, let x = parts[0], let y = parts[1], x.isFinite, y.isFinite else {
      throw WrongUse("--core: expected barycentre or X,Y in metres, found \"\(core)\"")
    }
    return SIMD2(x, y)
  }

  /// The front of a mode of which none is named.
  private static func usualFront(in mode: Mode) -> ShowerFront {
    mode == .joint ? FitConfiguration().front : .linsley
  }

  /// The published front that is used in a mode; nil where the name is another's.
  private func publishedFront(in mode: Mode) -> ShowerFront? {
    guard let front else { return Self.usualFront(in: mode) }
    return ShowerFront.all.first { $0.name == front }
  }

  /// What the provenance says of them.
  var record: [String: String] {
    let chosen = mode ?? .joint
    var record = [
      "fit": chosen.rawValue, "lateral_distribution": lateralDistribution,
      "front": (publishedFront(in: chosen) ?? Self.usualFront(in: chosen)).name,
      "sigma": sigma.rawValue,
      "time_error": (timeError ?? (chosen == .joint ? .halfUtah : .measuredSignal)).rawValue,
      "attenuation_length_gcm2": "\(attenuationLength)",
    ]
    if mode == .geometry { record["core"] = core }
    if timeResolution != FitConfiguration().timeResolution {
      record["time_resolution_ns"] = "\(timeResolution)"
    }
    if let saturationCounts { record["saturation_counts"] = "\(saturationCounts)" }
    if let smallestSignal { record["smallest_signal_vem"] = "\(smallestSignal)" }
    if onsetDuration != FitConfiguration().onsetDuration {
      record["onset_duration_ns"] = "\(onsetDuration)"
    }
    if timeScatterScale != 1 { record["time_scatter_scale"] = "\(timeScatterScale)" }
    return record
  }
}
