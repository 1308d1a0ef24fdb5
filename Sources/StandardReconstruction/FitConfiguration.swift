import Glibc
public import ShowerModel

/// What the standard reconstruction fits.
public enum FitMode: Sendable, Equatable {
  /// Lateral distribution and front together: core, direction, S800, t0, a.
  case joint
  /// The front alone, from times: direction, t0 and, unless the front is plane, a.
  ///
  /// For arrays and events where no lateral distribution applies. The core is given [m], or else
  /// the barycentre of the signals.
  case geometry(core: SIMD2<Double>?)
}

/// Which stations of an event may take part in the fit.
public enum ClusterRule: Sendable {
  /// Those of the largest cluster of neighbours in space and time.
  case neighbours
  /// All above threshold: for arrays without a square grid, and lists of stations already selected.
  case everyStation
}

/// How the error of a time depends on the shower; a constant part is always added in quadrature.
public enum TimeError: Sendable {
  /// Scatter of the front from the fitted S800 and curvature, as the INR chain has it.
  case published
  /// Scatter of the front from the measured density: `0.70 ns a_I (1 + r/30 m)^1.5 S^-0.3` (Utah
  /// chain).
  case measuredSignal
  /// Half the scatter of the Utah chain's fit with a free curvature, from the expected density:
  /// `0.78 ns (1 + l/12 km)^1.05 (1 + r/30 m)^1.5 S^-0.3`.
  ///
  /// The experiment states the errors of directions about twice too large.
  case halfUtah
  /// The constant part alone.
  case constant
}

/// Settings of the standard reconstruction.
///
/// The form of the fit is that of the INR chain. Front and scatter of times are those of the Utah
/// chain's fit with a free curvature.
public struct FitConfiguration: Sendable {
  /// What the stations are: those of the array of the `StandardFit`, which sets it.
  public internal(set) var detector = DetectorDescription.telescopeArray
  public var mode = FitMode.joint
  public var lateralDistribution = LateralDistribution.inr
  public var front = ShowerFront.utahAxial
  /// Delays and their errors as fitted on simulated events, instead of `front` and `timeError`.
  ///
  /// For the joint fit alone. The curvature is then a factor on all delays, constrained to 1 with
  /// the front's `scaleSigma` as its standard deviation.
  public var tunedFront: TunedFront?

  // MARK: Waveforms

  /// Onset threshold above the pedestal, in pedestal deviations.
  public var onsetThreshold = 5.0
  /// Time above the threshold that makes an onset, and at least four samples in a row [ns].
  public var onsetDuration = 80.0
  /// Time at the pedestal after which a new pulse begins [ns].
  public var pulseGap = 1.0 * Units.microsecond
  /// Later pulses of a station within this time belong to the same signal [ns].
  public var mergeTime = 10 * Units.microsecond
  /// A raw sample at or above this is in the non-linear region: the station counts as saturated.
  ///
  /// nil for the linear limit of the array's electronics. Stands for the published criterion, 40
  /// muons in 20 ns of the deconvolved trace.
  public var saturationCounts: Int?

  // MARK: Station selection

  public var clusterRule = ClusterRule.neighbours
  /// Smallest signal of a station in a cluster, mean of the layers [VEM].
  public var smallestSignal = 1.4
  /// Whether stations out of time with the front are cleaned away before the fit.
  public var cleansTimes = true
  /// Whether stations out of time get another of their pulses, where one belongs to the front.
  public var choosesPulses = true
  /// A station out of time keeps its signal term above this [VEM] and within this distance [m]...
  public var badTimingSignal = 10.0
  public var badTimingDistance = 2.4 * Units.kilometre
  /// ...but not above this density [VEM/m2].
  public var badTimingLargestDensity = 15.0
  /// Silent stations count within this distance of the largest signal [m].
  public var silentDistance = 4.2 * Units.kilometre

  // MARK: Fit

  public var timeError = TimeError.halfUtah
  /// Constant part of the timing error [ns].
  public var timeResolution = 30.0
  /// Factor on the front's scatter in the timing error: 1 as published.
  public var timeScatterScale = 1.0
  /// Whether sigma_S comes from the expected signal of the pass before instead of the measured one.
  public var usesExpectedSignalSigma = true
  /// Attenuation length of the signals along the axis [g/cm2]; nil for none.
  ///
  /// `ln S_fit` grows by l / Lambda, l the distance upstream times the density of the air. Stations
  /// that the shower reaches later see an older one. 500 g/cm2 are the published attenuation of
  /// S600 (AGASA).
  public var attenuationLength: Double? = 500
  /// Expected density above which a silent station was not working [VEM/m2]; nil for any.
  public var largestSilentDensity: Double? = 10
  /// Number of passes with frozen errors: at least, at most.
  public var passes = 3...6
  /// Softening of the axis distance, r_eff^2 = r^2 + this^2 [m].
  public var coreSoftening = 10.0
  /// Standard deviation of the core about the barycentre, where the core is constrained [m].
  public var barycentreWidth = 180.0
  /// A core farther than this from every hit station has run away [m].
  public var largestCoreDistance = 1.2 * Units.kilometre

  public init() {}

  /// Density that counts as none, 0.3 VEM in a station: 0.1 VEM/m2 for 3 m2 [VEM/m2].
  var leastDensity: Double { 0.1 * (3 / detector.stationArea) }

  /// Expected density at and below which a signal is one of few particles, 12 VEM in a station: 4
  /// VEM/m2 for 3 m2 [VEM/m2].
  var largestPoissonDensity: Double { 4 * (3 / detector.stationArea) }

  /// Density of the air at the ground of the Telescope Array, 1400 m above sea level [g/cm2/m].
  private static let airDensity = 0.107

  /// d ln S_fit / dl [1/m].
  var attenuation: Double { attenuationLength.map { Self.airDensity / $0 } ?? 0 }

  /// FADC counts from which on a station is saturated.
  var saturationLimit: Double { saturationCounts.map(Double.init) ?? detector.linearLimit }

  /// Samples in a row that make an onset.
  var onsetSamples: Int { max(4, Int((onsetDuration / detector.samplePeriod).rounded())) }

  /// Whether there is a curvature to fit.
  var isCurved: Bool { tunedFront != nil || front.isCurved }

  /// The curvature that a fit begins with [ns]; the factor 1 with a tuned front.
  func expectedCurvature(signal800: Double, zenith: Double) -> Double {
    tunedFront == nil ? front.expectedCurvature(signal800: signal800, zenith: zenith) : 1
  }

  /// sigma_S [VEM/m2]: `sigma_S^2 = 2 S/A + (0.15 S)^2`, A the area of a layer, and 1/A^2 below
  /// 0.3 VEM.
  func signalSigma(measured: Double, expected: Double) -> Double {
    let s = usesExpectedSignalSigma ? expected : measured
    let area = detector.stationArea
    return s < leastDensity ? 1 / area : (2 * s / area + 0.0225 * s * s).squareRoot()
  }
}
