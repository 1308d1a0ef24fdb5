/// Things about a standard reconstruction that a user should know. Stored as a bit field.
public struct FitFlags: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The core was tied to the barycentre, since the free fit ran away.
  public static let coreConstrained = FitFlags(rawValue: 1 << 0)
  /// The curvature was fixed: fewer than five timing stations.
  public static let curvatureFixed = FitFlags(rawValue: 1 << 1)
  /// The curvature lies outside 0.3 ... 3 times its mean.
  public static let curvatureExtreme = FitFlags(rawValue: 1 << 2)
  /// The largest signal is at the edge of the array.
  public static let atEdge = FitFlags(rawValue: 1 << 3)
  /// The zenith angle was held below 85 degrees during the fit.
  public static let zenithLimited = FitFlags(rawValue: 1 << 4)
  /// The passes ended before errors and terms settled: a parameter still moved by more than 0.05 of
  /// its error.
  public static let branchesUnsettled = FitFlags(rawValue: 1 << 5)
  /// Geometry and lateral distribution are two fits: chi2_time has station_count - 6 degrees of
  /// freedom, chi2_signal the others.
  public static let separateFits = FitFlags(rawValue: 1 << 6)
  /// The energy comes from a part of the table beyond the simulated energies.
  public static let energyExtrapolated = FitFlags(rawValue: 1 << 7)

  /// Bit numbers and names, as stored in files.
  public static let names: [(FitFlags, String)] = [
    (.coreConstrained, "coreConstrained"), (.curvatureFixed, "curvatureFixed"),
    (.curvatureExtreme, "curvatureExtreme"), (.atEdge, "atEdge"),
    (.zenithLimited, "zenithLimited"), (.branchesUnsettled, "branchesUnsettled"),
    (.separateFits, "separateFits"), (.energyExtrapolated, "energyExtrapolated"),
  ]
}

/// The standard reconstruction of one event.
public struct StandardResult: Sendable, Equatable {
  public var reconstruction: Reconstruction
  /// Signal at 800 m from the axis, S800 [VEM/m2], and its standard deviation.
  public var signal800: Double
  public var signal800Sigma: Double
  /// Front curvature a [ns], and its standard deviation (0 where it was fixed).
  public var curvature: Double
  public var curvatureSigma: Double
  /// Uncertainty of the direction, sqrt(sigma_theta^2 + sin^2 theta sigma_phi^2) [rad].
  public var directionSigma: Double
  /// chi2 by parts, and degrees of freedom (a silent station counts 0.1).
  public var chi2Time: Double
  public var chi2Signal: Double
  public var chi2Silent: Double
  public var degreesOfFreedom: Double
  /// Distance of the fitted core inside the edge of the array [m], negative outside.
  public var edgeDistance: Double
  /// Stations in the cluster, that is with a timing term.
  public var stationCount: Int
  public var saturatedCount: Int
  public var badTimingCount: Int
  public var silentCount: Int
  public var passes: Int
  public var iterations: Int
  public var flags: FitFlags
  /// What the quality cuts of the reconstruction made of the event.
  public var verdict: CutVerdict
  public var composition: CompositionQuantities
  /// Covariance of (core_x, core_y [m], zenith, azimuth [rad], ln S800, time, curvature [ns]), 7 x
  /// 7 by rows.
  public var covariance: [Double]

  /// Parameters of the covariance, in order.
  public static let parameterNames = [
    "core_x", "core_y", "zenith", "azimuth", "ln_signal800", "time", "curvature",
  ]

  public init(reconstruction: Reconstruction) {
    self.reconstruction = reconstruction
    signal800 = .nan
    signal800Sigma = .nan
    curvature = .nan
    curvatureSigma = .nan
    directionSigma = .nan
    chi2Time = .nan
    chi2Signal = .nan
    chi2Silent = .nan
    degreesOfFreedom = .nan
    edgeDistance = .nan
    stationCount = 0
    saturatedCount = 0
    badTimingCount = 0
    silentCount = 0
    passes = 0
    iterations = 0
    flags = []
    verdict = .unjudged
    composition = .undefined
    covariance = [Double](repeating: .nan, count: 49)
  }

  /// A failed event: a row with its reason.
  public static func failed(_ status: ReconstructionStatus) -> StandardResult {
    StandardResult(reconstruction: .failed(status))
  }

  public var status: ReconstructionStatus { reconstruction.status }
  public var shower: Shower { reconstruction.shower }
  public var chi2: Double { chi2Time + chi2Signal + chi2Silent }
  /// chi2 / ndf of the joint fit; NaN without degrees of freedom.
  ///
  /// Of separate fits, the larger of the two. As the experiment does, chi2 itself stands for a fit
  /// without degrees of freedom.
  public var reducedChi2: Double {
    guard flags.contains(.separateFits) else {
      return degreesOfFreedom > 0 ? chi2 / degreesOfFreedom : .nan
    }
    return max(
      chi2Time / max(timingDegreesOfFreedom, 1), chi2Signal / max(signalDegreesOfFreedom, 1))
  }
  /// Of the timing fit of `separateFits`; it may be negative.
  public var timingDegreesOfFreedom: Double { Double(stationCount) - 6 }
  /// Of the lateral-distribution fit of `separateFits`; it may be negative.
  public var signalDegreesOfFreedom: Double { degreesOfFreedom - timingDegreesOfFreedom }
  /// Curvature in the normalisation of AGASA and Linsley, a_L = a sqrt(S800) / 0.67 ns.
  public var linsleyCurvature: Double {
    curvature * signal800.squareRoot() / ShowerFront.linsleyUnit
  }
}
