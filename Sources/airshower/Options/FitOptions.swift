import ArgumentParser
import ShowerModel
import Workflow

/// Settings of the standard fit on the command line.
struct FitOptions: ParsableArguments {
  @Option(
    name: .customLong("fit"),
    help: """
      joint: fit lateral distribution and front together. geometry: fit the front alone, from \
      times. It is for arrays and events that the lateral distribution does not describe. It gives \
      no S800 and no energy. Default: joint for reconstruct, geometry for fit.
      """)
  var choice: FitSettings.Mode?

  @Option(help: "Core for --fit geometry: barycentre, or X,Y in metres on the plane z = 0.")
  var core = "barycentre"

  @Option(
    help: "Lateral distribution: \(LateralDistribution.all.map(\.name).joined(separator: ", ")).",
    completion: .list(LateralDistribution.all.map(\.name)))
  var lateralDistribution = LateralDistribution.inr.name

  @Option(
    help: """
      Shower front: \(ShowerFront.all.map(\.name).joined(separator: ", ")), tuned, or a file from \
      tune-front. tuned has delays and timing errors fitted to simulated events. With tuned or a \
      file, reconstruct makes a second reconstruction beside the standard one. Default: \
      \(ShowerFront.utahAxial.name) for --fit joint, linsley for --fit geometry.
      """, completion: .table(.front, or: ShowerFront.all.map(\.name) + ["tuned"]))
  var front: String?

  @Option(help: "Error of a signal: from the measured signal, or that expected in the pass before.")
  var sigma = FitSettings.SignalSigma.expected

  @Option(
    help: """
      Error of a time. half-utah: half the scatter of the Utah chain, from the fitted S800 \
      (default of --fit joint). published: the scatter of the INR chain, from the fitted S800 and \
      curvature. measured-signal: from the measured signal (default of --fit geometry). \
      constant: --time-resolution only.
      """)
  var timeError: FitSettings.TimeError?

  @Option(
    help: """
      A station with a sample of at least so many FADC counts is saturated. Its signal does not \
      enter the fit. Default: the linear limit of the electronics of the array, 2000 for the \
      Telescope Array. Use 65536 for events simulated with linear electronics (settings \
      nonLinearity, saturation).
      """)
  var saturationCounts: Int?

  @Option(help: "Constant part of the error of a time, in ns.")
  var timeResolution = FitSettings().timeResolution

  @Option(help: "Factor on the front's scatter in the error of a time.")
  var timeScatterScale = 1.0

  @Option(
    help: """
      Attenuation length of the signals along the shower axis, in g/cm2. Stations that the shower \
      reaches later have smaller signals. 0: no attenuation.
      """)
  var attenuationLength = FitSettings().attenuationLength

  @Option(
    help: """
      Smallest signal of a station that takes part, in VEM, the mean of its layers. Default: 1.4 \
      for reconstruct, 0 for fit.
      """
  )
  var smallestSignal: Double?

  @Option(
    help: """
      Time above the threshold that makes an onset of a waveform, in ns; at least four samples. \
      Use less for pulses shorter than those of the Telescope Array.
      """
  )
  var onsetDuration = FitSettings().onsetDuration

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
    settings.attenuationLength = attenuationLength
    settings.smallestSignal = smallestSignal
    settings.onsetDuration = onsetDuration
    return settings
  }
}

extension FitSettings.Mode: ExpressibleByArgument {}
extension FitSettings.SignalSigma: ExpressibleByArgument {}
extension FitSettings.TimeError: ExpressibleByArgument {}
