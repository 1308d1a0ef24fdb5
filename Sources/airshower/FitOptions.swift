import ArgumentParser
import Foundation
import ShowerModel
import StandardReconstruction

/// Settings of the standard fit on the command line.
struct FitOptions: ParsableArguments {
  enum Choice: String, ExpressibleByArgument, CaseIterable {
    case joint, geometry
  }
  enum SignalSigma: String, ExpressibleByArgument, CaseIterable {
    case measured, expected
  }
  enum TimeErrorChoice: String, ExpressibleByArgument, CaseIterable {
    case published
    case measuredSignal = "measured-signal"
    case constant
  }

  @Option(
    name: .customLong("fit"),
    help: """
      joint: lateral distribution and front together. geometry: the front alone, from times, for arrays \
      and events where the lateral distribution does not apply; gives no S800 and no energy.
      """)
  var choice: Choice?

  @Option(help: "Core of --fit geometry: barycentre, or X,Y in metres on the plane z = 0.")
  var core = "barycentre"

  @Option(
    help: "Lateral distribution: \(LateralDistribution.all.map(\.name).joined(separator: ", ")).")
  var lateralDistribution = LateralDistribution.inr.name

  @Option(
    help: """
      Shower front: \(ShowerFront.all.map(\.name).joined(separator: ", ")); or tuned, delays and their errors \
      as fitted on simulated events (or a file from tune-front), with which reconstruct makes a second \
      reconstruction beside the standard one.
      """)
  var front = ShowerFront.linsley.name

  @Option(help: "Error of a signal from the measured one, or the one expected in the pass before.")
  var sigma = SignalSigma.measured

  @Option(
    help: """
      Error of a time: published (the front's scatter from the fitted S800 and curvature), \
      measured-signal (from the measured signal; default of --fit geometry), constant.
      """)
  var timeError: TimeErrorChoice?

  @Option(
    help: """
      FADC counts from which on a station is saturated, without a term of its signal. The electronics are \
      linear below 2000; 65536 for events simulated with linear electronics (nonLinearity, saturation).
      """)
  var saturationCounts = FitConfiguration().saturationCounts

  @Option(help: "Constant part of the error of a time, in ns.")
  var timeResolution = FitConfiguration().timeResolution

  @Option(help: "Factor on the front's scatter in the error of a time; 1 is as published.")
  var timeScatterScale = 1.0

  /// The settings of the library.
  func configuration(default mode: Choice) throws -> FitConfiguration {
    var settings = FitConfiguration()
    guard let shape = LateralDistribution.all.first(where: { $0.name == lateralDistribution })
    else { throw ValidationError("--lateral-distribution: there is no \(lateralDistribution)") }
    let published = ShowerFront.all.first { $0.name == front }
    guard timeResolution.isFinite, timeResolution > 0 else {
      throw ValidationError("--time-resolution needs a positive number of nanoseconds")
    }
    guard timeScatterScale.isFinite, timeScatterScale >= 0 else {
      throw ValidationError("--time-scatter-scale needs a number of at least 0")
    }
    guard (1...65_536).contains(saturationCounts) else {
      throw ValidationError("--saturation-counts needs a whole number from 1 to 65536")
    }
    settings.saturationCounts = saturationCounts
    settings.lateralDistribution = shape
    if let published { settings.front = published }
    settings.usesExpectedSignalSigma = sigma == .expected
    settings.timeResolution = timeResolution
    settings.timeScatterScale = timeScatterScale
    switch choice ?? mode {
    case .joint: settings.mode = .joint
    case .geometry: settings.mode = .geometry(core: try fixedCore())
    }
    let usual = settings.mode == .joint ? TimeErrorChoice.published : .measuredSignal
    settings.timeError =
      switch timeError ?? usual {
      case .published: .published
      case .measuredSignal: .measuredSignal
      case .constant: .constant
      }
    return settings
  }

  /// The tuned front that was asked for, and its file; nil for a published one.
  ///
  /// - Throws: `ValidationError` where other options do not go with it, or what is wrong with its table.
  func tunedFront(
    _ tables: TableFolder, default mode: Choice
  ) throws -> (front: TunedFrontFile, file: URL)? {
    guard !ShowerFront.all.contains(where: { $0.name == front }) else { return nil }
    guard (choice ?? mode) == .joint else {
      throw ValidationError(
        "--front \(front): a tuned front is for --fit joint, since its delays depend on signals")
    }
    guard timeError == nil, timeResolution == FitConfiguration().timeResolution else {
      throw ValidationError(
        "--front \(front): a tuned front has errors of its own, without --time-error and --time-resolution"
      )
    }
    do {
      return try tables.tunedFront(front)
    } catch let error as InputError where !front.contains(".") && front != "tuned" {
      // No name of a file: a misspelt word.
      let known = ShowerFront.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--front: not one of \(known), tuned. \(error)")
    }
  }

  private func fixedCore() throws -> SIMD2<Double>? {
    if core == "barycentre" { return nil }
    let parts = core.split(separator: ",").map { Double($0) }
    guard parts.count == 2, let x = parts[0], let y = parts[1], x.isFinite, y.isFinite else {
      throw ValidationError("--core: expected barycentre or X,Y in metres, found \"\(core)\"")
    }
    return SIMD2(x, y)
  }

  /// What the provenance says of them.
  var record: [String: String] {
    var record = [
      "fit": (choice ?? .joint).rawValue, "lateral_distribution": lateralDistribution,
      "front": ShowerFront.all.contains { $0.name == front } ? front : ShowerFront.linsley.name,
    ]
    if choice == .geometry { record["core"] = core }
    if sigma != .measured { record["sigma"] = sigma.rawValue }
    if let timeError { record["time_error"] = timeError.rawValue }
    if timeResolution != FitConfiguration().timeResolution {
      record["time_resolution_ns"] = "\(timeResolution)"
    }
    if saturationCounts != FitConfiguration().saturationCounts {
      record["saturation_counts"] = "\(saturationCounts)"
    }
    if timeScatterScale != 1 { record["time_scatter_scale"] = "\(timeScatterScale)" }
    return record
  }
}
