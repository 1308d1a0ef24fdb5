public import ShowerModel

/// Settings of the standard reconstruction. The defaults are the published ones of the INR chain.
public struct FitConfiguration: Sendable {
  public var lateralDistribution = LateralDistribution.inr
  public var front = ShowerFront.linsley

  // MARK: Waveforms

  /// Onset threshold above the pedestal, in pedestal deviations, four samples in a row.
  public var onsetThreshold = 5.0
  /// Samples at the pedestal after which a new pulse begins.
  public var pulseGap = 50
  /// Later pulses of a station within this time belong to the same signal [ns].
  public var mergeTime = 10 * Units.microsecond
  /// A raw sample at or above this is in the non-linear region: the station counts as saturated.
  public var saturationCounts = 2000

  // MARK: Station selection

  /// Smallest signal of a station in a cluster, mean of the layers [VEM].
  public var smallestSignal = 1.4
  /// A station out of time keeps its signal term above this [VEM] and within this distance [m]...
  public var badTimingSignal = 10.0
  public var badTimingDistance = 2.4 * Units.kilometre
  /// ...but not above this density [VEM/m2].
  public var badTimingLargestDensity = 15.0
  /// Silent stations count within this distance of the largest signal [m].
  public var silentDistance = 4.2 * Units.kilometre

  // MARK: Fit

  /// Constant part of the timing error [ns].
  public var timeResolution = 30.0
  /// Passes with errors and branches frozen: at least, at most.
  public var passes = 3...6
  /// Softening of the axis distance, r_eff^2 = r^2 + this^2 [m].
  public var coreSoftening = 10.0
  /// Width of the tie of the core to the barycentre, where one is used [m].
  public var barycentreWidth = 180.0
  /// A core farther than this from every hit station has run away [m].
  public var largestCoreDistance = 1.2 * Units.kilometre

  public init() {}
}
