import Glibc
internal import ShowerModel

/// Events that are looked at together.
public struct EventSubset: Sendable, Codable, Equatable {
  /// Nuclei and photons are never mixed: the standard energy scale is that of nuclei.
  public enum Group: String, Sendable, Codable, CaseIterable {
    case nuclei
    case photons
  }

  /// What tells the subsets of a group apart.
  public enum Axis: String, Sendable, Codable {
    /// The whole group.
    case whole
    /// A range of the energy of the standard reconstruction [EeV].
    case fittedEnergy
    /// A bin of true log10(E/EeV).
    case energy
    /// A bin of true zenith [deg].
    case zenith
    /// One primary.
    case primary
  }

  public let group: Group
  public let axis: Axis
  public let label: String
  /// Range on the axis, in the unit named there; null where it has no end or no meaning.
  public let low: Double?
  public let high: Double?
  /// First or last bin of energy or last bin of zenith, where the end of the simulated or selected
  /// range distorts bias and width.
  public let isAtEdge: Bool
}

/// The subsets of a sample, and which of them each event belongs to.
struct SubsetPlan: Sendable {
  private(set) var subsets: [EventSubset] = []
  /// Families of subsets that share no event: number of the subset, or -1 [family][event].
  private(set) var families: [[Int16]] = []

  init(_ sample: ComparisonSample, _ settings: ComparisonSettings) {
    let groups = EventSubset.Group.allCases.filter { group in
      sample.primary.contains { Self.group(of: $0) == group }
    }
    addWholes(sample, groups)
    for range in settings.energyRanges { addRange(range, sample, groups) }
    addBins(.energy, sample.logEnergy, width: settings.logEnergyBinWidth, scale: 1, sample, groups)
    addBins(
      .zenith, sample.zenith, width: settings.zenithBinWidth, scale: Units.degree, sample, groups)
    addPrimaries(sample)
  }

  private static func group(of primary: UInt8) -> EventSubset.Group {
    Int(primary) == Primary.photon.rawValue ? .photons : .nuclei
  }

  /// Adds a subset, and gives its number.
  private mutating func add(
    _ group: EventSubset.Group, _ axis: EventSubset.Axis, _ label: String, low: Double? = nil,
    high: Double? = nil, isAtEdge: Bool = false
  ) -> Int16 {
    subsets.append(
      EventSubset(
        group: group, axis: axis, label: label, low: low, high: high, isAtEdge: isAtEdge))
    return Int16(subsets.count - 1)
  }

  private mutating func addWholes(_ sample: ComparisonSample, _ groups: [EventSubset.Group]) {
    var numbers: [EventSubset.Group: Int16] = [:]
    for group in groups { numbers[group] = add(group, .whole, group.rawValue) }
    families.append(sample.primary.map { numbers[Self.group(of: $0)] ?? -1 })
  }

  /// The energy of the standard reconstruction is the true one times its error.
  private mutating func addRange(
    _ range: ComparisonSettings.EnergyRange, _ sample: ComparisonSample,
    _ groups: [EventSubset.Group]
  ) {
    guard let column = Quantity.index(ofObservable: Observable.logEnergy.name) else { return }
    func text(_ energy: Double) -> String {
      energy == energy.rounded() && energy < 1e9 ? "\(Int(energy))" : "\(energy)"
    }
    var numbers: [EventSubset.Group: Int16] = [:]
    for group in groups {
      let limits =
        range.maximum.map { "\(text(range.minimum)) to \(text($0)) EeV" }
        ?? "above \(text(range.minimum)) EeV"
      numbers[group] = add(
        group, .fittedEnergy, "\(group.rawValue), standard energy \(limits)", low: range.minimum,
        high: range.maximum)
    }
    let (low, high) = (log(range.minimum), range.maximum.map { log($0) } ?? .infinity)
    families.append(
      sample.primary.indices.map { event in
        let value = Double(sample.logEnergy[event]) * log(10) + Double(sample.before[column][event])
        return value >= low && value < high
          ? numbers[Self.group(of: sample.primary[event])] ?? -1 : -1
      })
  }

  private mutating func addBins(
    _ axis: EventSubset.Axis, _ values: [Float], width: Double, scale: Double,
    _ sample: ComparisonSample, _ groups: [EventSubset.Group]
  ) {
    guard let bins = Bins(covering: values, width: width) else { return }
    var numbers: [EventSubset.Group: Int16] = [:]
    for group in groups {
      for bin in 0..<bins.count {
        let (low, high) = (bins.edge(bin) / scale, bins.edge(bin + 1) / scale)
        let number = add(
          group, axis, "\(group.rawValue), \(rounded(low)) to \(rounded(high))", low: rounded(low),
          high: rounded(high), isAtEdge: bin == bins.count - 1 || (axis == .energy && bin == 0))
        if bin == 0 { numbers[group] = number }
      }
    }
    families.append(
      values.indices.map { event in
        numbers[Self.group(of: sample.primary[event])].map {
          $0 + Int16(bins.index(of: values[event]))
        } ?? -1
      })
  }

  private mutating func addPrimaries(_ sample: ComparisonSample) {
    var numbers = [Int16](repeating: -1, count: 256)
    for primary in Primary.allCases {
      let raw = UInt8(primary.rawValue)
      guard sample.primary.contains(raw) else { continue }
      numbers[Int(raw)] = add(Self.group(of: raw), .primary, primary.symbol)
    }
    families.append(sample.primary.map { numbers[Int($0)] })
  }
}

/// Bins of equal width whose edges are multiples of it.
struct Bins: Sendable {
  let first: Double
  let width: Double
  let count: Int

  /// The fewest bins that hold all values; nil where there are none.
  ///
  /// The width is doubled until 40 bins suffice, so that one wild value does not make a million bins.
  init?(covering values: [Float], width: Double) {
    guard let low = values.min(), let high = values.max(), low.isFinite, high.isFinite, width > 0
    else { return nil }
    var width = width
    while true {
      // An edge that rounding moved by 1e-6 of a bin is still that edge.
      let start = (Double(low) / width + 1e-6).rounded(.down)
      let end = max((Double(high) / width - 1e-6).rounded(.up), start + 1)
      if end - start <= 40 {
        self.first = start * width
        self.width = width
        self.count = Int(end - start)
        return
      }
      width *= 2
    }
  }

  func edge(_ index: Int) -> Double { first + Double(index) * width }

  /// The bin of a value that is covered; the last edge belongs to the last bin.
  func index(of value: Float) -> Int {
    min(max(Int(((Double(value) - first) / width + 1e-6).rounded(.down)), 0), count - 1)
  }
}
