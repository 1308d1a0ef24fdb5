public import ShowerModel

/// The errors of two methods on the same events, gathered event by event.
///
/// Events may come in chunks of any size. Kept are 4-byte errors, two for every observable and every
/// residual, and 13 bytes beside: 109 bytes an event with the lists of today, and about 40 bytes a
/// shower to recognise its other uses. One million events of one million showers take 150 MB.
public struct ComparisonSample: Sendable {
  public let cuts: QualityCuts
  /// Numbers of events seen, lost and compared.
  public private(set) var flow: EventFlow

  /// Errors in native units [quantity][event].
  private(set) var before: [[Float]]
  private(set) var after: [[Float]]
  /// True log10(E/EeV), zenith [rad] and primary [event].
  private(set) var logEnergy: [Float] = []
  private(set) var zenith: [Float] = []
  private(set) var primary: [UInt8] = []
  /// Number of the parent shower, counted from 0 in order of first appearance [event].
  private(set) var shower: [Int32] = []
  private var showerNumber: [Int: Int32] = [:]

  public init(cuts: QualityCuts) {
    self.cuts = cuts
    flow = .comparison(cuts: cuts)
    before = Quantity.all.map { _ in [] }
    after = before
  }

  /// Events kept.
  public var count: Int { shower.count }
  /// Different parent showers of the events kept.
  public var showerCount: Int { showerNumber.count }

  /// Counts an event, and keeps its errors where both results are good and the cuts are passed.
  ///
  /// - Parameters:
  ///   - truth: what was simulated.
  ///   - showerID: parent shower; events of one shower are not independent, intervals go by this.
  ///   - standard: result of the standard method; the cuts look at this alone.
  ///   - corrected: result of the method to compare.
  public mutating func append(
    truth: Truth, showerID: Int, standard: StandardResult, corrected: Reconstruction
  ) {
    if flow.countIfLost(standard, cuts.verdict(standard)) { return }
    guard corrected.status == .good else {
      return flow.countLost(.corrected, corrected.status.name)
    }
    let pairs = Quantity.all.map { $0.errors(truth.shower, standard.shower, corrected.shower) }
    guard pairs.allSatisfy({ $0.0.isFinite && $0.1.isFinite }) else {
      return flow.countLost(.undefined, "undefined")
    }
    flow.countKept()
    for (index, pair) in pairs.enumerated() {
      before[index].append(Float(pair.0))
      after[index].append(Float(pair.1))
    }
    logEnergy.append(Float(truth.shower.logEnergy - Units.logEnergyOfEeV))
    zenith.append(Float(truth.shower.zenith))
    primary.append(UInt8(truth.primary.rawValue))
    shower.append(number(of: showerID))
  }

  private mutating func number(of showerID: Int) -> Int32 {
    if let known = showerNumber[showerID] { return known }
    let new = Int32(showerNumber.count)
    showerNumber[showerID] = new
    return new
  }
}
