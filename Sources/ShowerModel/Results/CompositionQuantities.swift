/// Quantities of an event beyond the fit that tell of its primary: muons are few, come early and
/// reach far.
///
/// Together with `StandardResult.linsleyCurvature`, `reducedChi2` and the numbers of stations,
/// these are inputs of the INR chain of the Telescope Array (arXiv:1808.03680). It uses them in
/// searches for photons and studies of the composition. *Cluster* stations have the role `fitted`
/// or `saturated`, that is good timing. Stations whose signal is not a number are left out. S is
/// the signal of a station [VEM/m2], r its distance to the fitted axis. All quantities are NaN
/// without a fit; other cases of NaN are named below.
public struct CompositionQuantities: Sendable, Equatable {
  /// `S_b = sum S_i (r_i / 1000 m)^b` for b = 3 over unsaturated cluster stations [VEM/m2]; NaN
  /// without any.
  public var signalMoment3: Double
  /// The same for b = 4 [VEM/m2]. A larger b looks farther out, at muons.
  public var signalMoment4: Double
  /// Area over peak at 1200 m from the axis [ns], how long the signal lasts.
  ///
  /// For one station, it is (signal of both layers) / (largest sample of the sum of the layers) x
  /// 20 ns; 85 ns for a single muon. A straight line in r is fitted to the unsaturated cluster
  /// stations with r > 600 m and S > 0.1 VEM/m2, all with the same weight. NaN for fewer than 3 of
  /// them, or if the r.m.s. spread in r is below 100 m: a line through two near points means
  /// nothing. Traces get longer with distance, until the particles are so few that each is a pulse
  /// of its own. So the slope can have either sign.
  public var areaOverPeak1200: Double
  /// Slope of that line [ns/m]; NaN with the value.
  public var areaOverPeakSlope: Double
  /// Peaks in the traces of all cluster stations, those of both layers counted.
  ///
  /// A peak is a sample above 0.2 VEM. It is above the three before it and not below the three
  /// after it; of equal ones, the first counts. All are in one readout window. These are numbers of
  /// samples of 20 ns; for others charges and times stay in proportion.
  public var peakCount: Double
  /// Peaks in the unsaturated cluster station with the largest signal; NaN without any.
  public var largestStationPeakCount: Double
  /// Those of the peaks that one layer has alone: with u and l the samples of both layers there,
  /// |u - l| > (u + l) / 3 and u + l > 0.28 VEM. NaN where stations have one layer.
  public var oneLayerPeakCount: Double
  /// `sum |upper - lower| / sum (upper + lower)` of the signals of unsaturated cluster stations:
  /// electrons and photons, unlike muons, are not the same in both layers. NaN where the sum is not
  /// above 0, and where stations have one layer.
  public var layerAsymmetry: Double
  /// Sum of S over cluster stations [VEM/m2]; saturated ones count with what was measured.
  public var signalSum: Double
  /// Largest S of the cluster [VEM/m2], saturated ones included.
  public var largestSignal: Double

  public init(
    signalMoment3: Double, signalMoment4: Double, areaOverPeak1200: Double,
    areaOverPeakSlope: Double, peakCount: Double, largestStationPeakCount: Double,
    oneLayerPeakCount: Double, layerAsymmetry: Double, signalSum: Double, largestSignal: Double
  ) {
    self.signalMoment3 = signalMoment3
    self.signalMoment4 = signalMoment4
    self.areaOverPeak1200 = areaOverPeak1200
    self.areaOverPeakSlope = areaOverPeakSlope
    self.peakCount = peakCount
    self.largestStationPeakCount = largestStationPeakCount
    self.oneLayerPeakCount = oneLayerPeakCount
    self.layerAsymmetry = layerAsymmetry
    self.signalSum = signalSum
    self.largestSignal = largestSignal
  }

  /// All NaN: an event without a fit.
  public static let undefined = CompositionQuantities(
    signalMoment3: .nan, signalMoment4: .nan, areaOverPeak1200: .nan, areaOverPeakSlope: .nan,
    peakCount: .nan, largestStationPeakCount: .nan, oneLayerPeakCount: .nan, layerAsymmetry: .nan,
    signalSum: .nan, largestSignal: .nan)
}
