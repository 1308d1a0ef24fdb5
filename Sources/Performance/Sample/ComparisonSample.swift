internal import Glibc
package import ShowerModel

/// Truth and the results of all methods on the same events, gathered event by event.
///
/// Events may come in chunks of any size. An event takes 75 bytes, and 96 more for every method,
/// the standard one included (48 without predicted errors). A shower takes about 50 bytes, by which
/// its other events are recognised. A million events of a million showers with a network and the
/// polynomial take 350 MB.
package struct ComparisonSample: Sendable {
  package let cuts: QualityCuts
  /// The standard method first, then the others in the order of a table.
  package private(set) var methods: [Method]
  /// Numbers of events seen, lost and compared.
  package private(set) var flow: EventFlow
  /// Events compared in which a method kept the standard value, by reason [method][reason].
  private(set) var fallbacks: [[CorrectionFallback: Int]]
  /// Fractions of the events that are reconstructed, selected and compared, by true energy.
  package private(set) var efficiency = EventEfficiency()
  /// Where the polynomial control comes from; nil without one.
  package private(set) var controlSource: ControlSource?

  package private(set) var truths: [Shower] = []
  /// [method][event]
  package private(set) var estimates: [[Shower]]
  /// Predicted standard deviations [method][event]; empty for a method without.
  package private(set) var sigmas: [[Shower]]
  package private(set) var primary: [UInt8] = []
  /// Number of the parent shower, counted from 0 in order of first appearance [event].
  private(set) var shower: [Int32] = []
  /// log10(S800 / (VEM/m2)), stations and distance of the core inside the edge [m] of the standard
  /// fit.
  private(set) var logSignal: [Double] = []
  private(set) var stationCount: [UInt16] = []
  private(set) var edgeDistance: [Float] = []
  /// Weights that make the events those of another spectrum [event]; nil where all count once.
  package private(set) var weights: [Double]?
  private var showerNumber: [Int: Int32] = [:]
  /// Stored number of each parent shower.
  private(set) var showerIDs: [Int] = []
  /// Numbers of the events in their files [event]; empty where none were given.
  package private(set) var eventIDs: [Int] = []
  let spectrum: SpectrumWeight?
  /// What the methods say of the primaries.
  private(set) var composition: CompositionSample

  /// - Parameters:
  ///   - cuts: on the standard reconstruction.
  ///   - methods: those beside the standard one, in the order in which results will be appended.
  ///   - spectrum: weights of the events; nil where all count once.
  package init(cuts: QualityCuts, methods: [Method], spectrum: SpectrumWeight? = nil) {
    self.cuts = cuts
    self.methods = [.standard] + methods
    self.spectrum = spectrum
    flow = .comparison(cuts: cuts, methods: methods)
    fallbacks = self.methods.map { _ in [:] }
    estimates = self.methods.map { _ in [] }
    sigmas = self.methods.map { _ in [] }
    weights = spectrum.map { _ in [] }
    composition = CompositionSample(methods: methods.map(\.name))
  }

  /// Events kept.
  package var count: Int { shower.count }
  /// Different parent showers of the events kept.
  package var showerCount: Int { showerNumber.count }

  /// Counts an event, and keeps its results where all methods have one and the cuts are passed.
  ///
  /// - Parameters:
  ///   - truth: what was simulated.
  ///   - eventID: number of the event in its file, for all events or for none.
  ///   - showerID: parent shower; events of one shower are not independent, intervals go by this.
  ///   - standard: result of the standard method; the cuts look at this alone.
  ///   - others: results of the other methods, in their order.
  ///   - codes: raw values of `CorrectionFallback` of the other methods, 0 for none; empty where
  ///     none are known.
  package mutating func append(
    truth: Truth, eventID: Int? = nil, showerID: Int, standard: StandardResult,
    others: [Reconstruction], fallbacks codes: [Int] = []
  ) {
    precondition(others.count == methods.count - 1)
    efficiency.countSeen(truth.shower, standard, cuts)
    if flow.countIfLost(standard, cuts.verdict(standard)) { return }
    for (method, result) in zip(methods.dropFirst(), others) where result.status != .good {
      return flow.countLost(.corrected, EventFlow.reason(result.status, of: method))
    }
    let results = [standard.reconstruction] + others
    guard truth.shower.isComparable, results.allSatisfy({ $0.shower.isComparable }),
      standard.signal800 > 0
    else { return flow.countLost(.undefined, "undefined") }
    flow.countKept()
    efficiency.countCompared(truth.shower)
    for (method, code) in codes.enumerated() {
      if let reason = CorrectionFallback(rawValue: code), reason != .none {
        fallbacks[method + 1][reason, default: 0] += 1
      }
    }
    truths.append(truth.shower)
    for (method, result) in results.enumerated() {
      estimates[method].append(result.shower)
      sigmas[method].append(result.sigma)
    }
    primary.append(UInt8(truth.primary.rawValue))
    let number = number(of: showerID)
    shower.append(number)
    if let eventID { eventIDs.append(eventID) }
    logSignal.append(log10(standard.signal800))
    stationCount.append(UInt16(clamping: standard.stationCount))
    edgeDistance.append(Float(standard.edgeDistance))
    let weight = spectrum?.weight(of: truth.shower)
    if let weight { weights?.append(weight) }
    composition.append(
      truth, shower: number, standard: standard, others: others, weight: weight)
  }

  /// Counts an event of data, which has no truth: the standard result stands for it, so that
  /// "errors" are shifts.
  mutating func append(
    eventID: Int, distinctID: Int, standard: StandardResult, others: [Reconstruction],
    fallbacks codes: [Int]
  ) {
    append(
      truth: Truth(shower: standard.shower, primary: .proton, xmax: .nan, muonScale: .nan),
      eventID: eventID, showerID: distinctID, standard: standard, others: others, fallbacks: codes)
  }

  /// Where an event lies on an axis, in the unit of the axis; NaN on axes without numbers.
  package func value(_ axis: EventSubset.Axis, _ event: Int) -> Double {
    switch axis {
    case .fittedEnergy: estimates[0][event].energy
    case .energy: truths[event].logEnergy - Units.logEnergyOfEeV
    case .zenith: truths[event].zenith / Units.degree
    case .stations: Double(stationCount[event])
    case .border: Double(edgeDistance[event])
    case .whole, .primary, .shower: .nan
    }
  }

  private mutating func number(of showerID: Int) -> Int32 {
    if let known = showerNumber[showerID] { return known }
    let new = Int32(showerNumber.count)
    showerNumber[showerID] = new
    showerIDs.append(showerID)
    return new
  }

  /// Errors of a method, in native units [event].
  func errors(_ quantity: Quantity, of method: Int) -> [Double] {
    let error = quantity.error
    return truths.indices.map {
      error(
        truths[$0], estimates[0][$0], estimates[method][$0],
        sigmas[method].isEmpty ? .undefined : sigmas[method][$0])
    }
  }

  /// Adds the polynomial control in its place of the table, without uncertainties.
  mutating func add(_ polynomial: Method, _ results: [Shower], source: ControlSource) {
    let place = 1
    methods.insert(polynomial, at: place)
    estimates.insert(results, at: place)
    sigmas.insert([], at: place)
    fallbacks.insert([:], at: place)
    controlSource = source
  }
}

extension Shower {
  /// Whether errors of it are finite numbers.
  fileprivate var isComparable: Bool {
    abs(logEnergy) < 100 && zenith.isFinite && azimuth.isFinite && abs(coreX) < 1e12
      && abs(coreY) < 1e12
  }
}

/// How many events a comparison keeps, and how many it loses for which reason.
extension EventFlow {
  /// The reasons to lose an event, with the failures of all methods.
  static func comparison(cuts: QualityCuts, methods: [Method]) -> EventFlow {
    let failures = methods.flatMap { method in
      ReconstructionStatus.allCases.filter { $0 != .good }.map {
        Loss(
          stage: .corrected, reason: reason($0, of: method),
          explanation: "\(method.name): \($0.explanation)")
      }
    }
    return EventFlow(
      cuts: cuts,
      further: failures + [
        Loss(stage: .undefined, reason: "undefined", explanation: "an error is not a finite number")
      ])
  }

  /// The name of a method's failure: "grid.unphysical".
  static func reason(_ status: ReconstructionStatus, of method: Method) -> String {
    "\(method.name).\(status.name)"
  }
}
