internal import Glibc
internal import ShowerModel

/// What methods say of the primaries of events, beside what is true, and observables of the fit.
///
/// Holds nuclei alone, and those events alone of which a method says something.
struct CompositionSample: Sendable {
  /// What a method gives: an estimate of a true quantity, or an observable that differs by mass.
  struct Output: Sendable {
    let method: String
    let quantity: String
    let title: String
    let unit: String
    var values: [Double] = []
  }

  /// Names of the methods that may say something, with the place of their results.
  private let methods: [String]
  /// Two of each method, xmax then ln A, then the observables.
  private(set) var outputs: [Output]
  /// True values [event].
  private(set) var xmax: [Double] = []
  private(set) var logMass: [Double] = []
  private(set) var logEnergy: [Double] = []
  private(set) var primary: [UInt8] = []
  /// Number of the parent shower [event].
  private(set) var shower: [Int32] = []
  /// Of each event; empty where all count once.
  private(set) var weights: [Double] = []
  /// ln S800 and sec theta of the standard fit.
  private(set) var places: [SIMD2<Double>] = []

  static let xmaxName = "xmax"
  static let logMassName = "ln_mass"

  /// Observables of the fit that tell of the primary.
  private static let observables:
    [(name: String, title: String, unit: String, value: @Sendable (StandardResult) -> Double)] = [
      ("curvature", "ln of the curvature", "1", { log(max($0.curvature, 0.01)) }),
      ("linsley_curvature", "curvature a_L", "1", { $0.linsleyCurvature }),
      ("signal_moment_3", "ln S_3/S800", "1", { log($0.composition.signalMoment3 / $0.signal800) }),
      ("signal_moment_4", "ln S_4/S800", "1", { log($0.composition.signalMoment4 / $0.signal800) }),
      ("area_over_peak", "ln of area over peak", "1", { log($0.composition.areaOverPeak1200) }),
      ("area_over_peak_slope", "its slope", "ns/m", { $0.composition.areaOverPeakSlope }),
      (
        "peaks", "ln of peaks a station", "1",
        { log((1 + $0.composition.peakCount) / Double(max($0.stationCount, 1))) }
      ),
      (
        "layer_asymmetry", "ln of layer asymmetry", "1",
        { log(0.01 + $0.composition.layerAsymmetry) }
      ),
      ("stations", "ln of stations", "1", { log(1 + Double($0.stationCount)) }),
      ("reduced_chi2", "ln chi2/ndf", "1", { log(0.1 + $0.reducedChi2) }),
    ]

  init(methods: [String]) {
    self.methods = methods
    outputs =
      methods.flatMap { method in
        [
          Output(method: method, quantity: Self.xmaxName, title: "Xmax", unit: "g/cm2"),
          Output(method: method, quantity: Self.logMassName, title: "ln A", unit: "1"),
        ]
      }
      + Self.observables.map {
        Output(
          method: MethodIdentity.standard.name, quantity: $0.name, title: $0.title, unit: $0.unit)
      }
  }

  var count: Int { xmax.count }
  /// Observables among the outputs.
  var observables: ArraySlice<Output> { outputs[(2 * methods.count)...] }

  /// Keeps an event of a nucleus of which any method says something.
  mutating func append(
    _ truth: Truth, shower number: Int32, standard: StandardResult, others: [Reconstruction],
    weight: Double?
  ) {
    guard truth.primary.massNumber > 0, others.contains(where: { $0.composition != .none })
    else { return }
    xmax.append(truth.xmax)
    logMass.append(log(Double(truth.primary.massNumber)))
    logEnergy.append(truth.shower.logEnergy)
    primary.append(UInt8(truth.primary.rawValue))
    shower.append(number)
    if let weight { weights.append(weight) }
    places.append(SIMD2(log(standard.signal800), 1 / max(cos(standard.shower.zenith), 0.05)))
    for (place, result) in others.enumerated() {
      outputs[2 * place].values.append(result.composition.xmax ?? .nan)
      outputs[2 * place + 1].values.append(result.composition.logMass ?? .nan)
    }
    for (place, observable) in Self.observables.enumerated() {
      outputs[2 * methods.count + place].values.append(observable.value(standard))
    }
  }
}
