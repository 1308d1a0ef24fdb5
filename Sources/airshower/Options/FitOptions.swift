import ArgumentParser
import ShowerModel
import Workflow

/// Settings of the standard fit on the command line.
struct FitOptions: ParsableArguments {
  @Option(
    name: .customLong("fit"),
    help: """
      joint: lateral distribution and front together. geometry: the front alone, from times, for \
      arrays and events where the lateral distribution does not apply; gives no S800 and no energy.
      """)
  var choice: FitSettings.Mode?

  @Option(help: "Core of --fit geometry: barycentre, or X,Y in metres on the plane z = 0.")
  var core = "barycentre"

  @Option(
    help: "Lateral distribution: \(LateralDistribution.all.map(\.name).joined(separator: ", ")).")
  var lateralDistribution = LateralDistribution.inr.name

  @Option(
    help: """
      Shower front: \(ShowerFront.all.map(\.name).joined(separator: ", ")); or tuned, delays and \
      their errors as fitted on simulated events (or a file from tune-front), with which \
      reconstruct makes a second reconstruction beside the standard one.
      """)
  var front = ShowerFront.linsley.name

  @Option(help: "Error of a signal from the measured one, or the one expected in the pass before.")
  var sigma = FitSettings.SignalSigma.measured

  @Option(
    help: """
      Error of a time: published (the front's scatter from the fitted S800 and curvature), \
      measured-signal (from the measured signal; default of --fit geometry), constant.
      """)
  var timeError: FitSettings.TimeError?

  @Option(
    help: """
      FADC counts from which on a station is saturated, without a term of its signal (default: \
      the linear limit of the array's electronics, 2000 for the Telescope Array); 65536 for \
      events simulated with linear electronics (nonLinearity, saturation).
      """)
  var saturationCounts: Int?

  @Option(help: "Constant part of the error of a time, in ns.")
  var timeResolution = FitSettings().timeResolution

  @Option(help: "Factor on the front's scatter in the error of a time; 1 is as published.")
  var timeScatterScale = 1.0

  /// The options as the library wants them.
  var settings: FitSettings {
    var settings = FitSettings()
    settings.mode = choice
    settings.core = core
    settings.lateralDistribution = lateralDistribution
    settings.front = front
    settings.sigma = sigma
    settings.timeError = timeError
    settings.saturationCounts = saturationCounts
    settings.timeResolution = timeResolution
    settings.timeScatterScale = timeScatterScale
    return settings
  }
}

extension FitSettings.Mode: ExpressibleByArgument {}
extension FitSettings.SignalSigma: ExpressibleByArgument {}
extension FitSettings.TimeError: ExpressibleByArgument {}
