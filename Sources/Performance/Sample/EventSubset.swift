internal import Glibc
package import ShowerModel

/// A part of the events of a sample, with numbers of its own.
package struct EventSubset: Sendable, Equatable {
  /// The quantity by which a group is divided into subsets.
  package enum Axis: String, Sendable, CaseIterable {
    /// The whole group.
    case whole
    /// A range of the energy of the standard reconstruction [EeV].
    case fittedEnergy = "fitted_energy"
    /// A bin of true log10(E/EeV).
    case energy
    /// A bin of true zenith [deg].
    case zenith
    /// One primary.
    case primary
    /// A bin of the number of stations of the standard fit.
    case stations
    /// A bin of the distance of the fitted core inside the edge of the array [m].
    case border
    /// All events of one parent shower, where each of a few showers was thrown many times.
    case shower
  }

  package let group: PrimaryGroup
  package let axis: Axis
  /// Its name on the axis, which is its key in summaries: `10_to_60`, `above_10`, `Fe`.
  package let label: String
  /// Range on the axis, in the unit named there; nil where it has no end or no meaning.
  package let low: Double?
  package let high: Double?
  /// Whether the end of the simulated or selected range distorts bias and width.
  ///
  /// True for the first and last bin of energy, and for the last bin of zenith.
  package let isAtEdge: Bool

  /// The name of a range on an axis.
  static func label(low: Double?, high: Double?) -> String {
    switch (low, high) {
    case (let low?, let high?): "\(shortText(low))_to_\(shortText(high))"
    case (let low?, nil): "above_\(shortText(low))"
    case (nil, let high?): "below_\(shortText(high))"
    case (nil, nil): "all"
    }
  }
}

extension PrimaryGroup {
  /// The group of a primary by its raw value.
  package init(rawPrimary: UInt8) {
    self = Int(rawPrimary) == Primary.photon.rawValue ? .photons : .nuclei
  }
}

/// The subsets of a sample, and which of them each event belongs to.
struct SubsetPlan: Sendable {
  private(set) var subsets: [EventSubset] = []
  /// Families of subsets that share no event: number of the subset, or -1 [family][event].
  private(set) var families: [[Int16]] = []
  /// Number of the family [subset].
  private(set) var familyOfSubset: [Int] = []
  private let groups: [PrimaryGroup]

  init(_ sample: ComparisonSample, _ settings: ComparisonSettings) {
    let group = sample.primary.map { PrimaryGroup(rawPrimary: $0) }
    groups = PrimaryGroup.allCases.filter { group.contains($0) }
    addFamily(.whole, [(nil, nil)], group) { _ in 0 }
    for range in settings.energyRanges {
      let high = range.maximum ?? .infinity
      addFamily(.fittedEnergy, [(range.minimum, range.maximum)], group) { event in
        let energy = sample.estimates[0][event].energy
        return energy >= range.minimum && energy < high ? 0 : -1
      }
    }
    addBins(
      .energy, sample.truths.map { $0.logEnergy - Units.logEnergyOfEeV },
      width: settings.logEnergyBinWidth, scale: 1, group)
    addBins(
      .zenith, sample.truths.map(\.zenith), width: settings.zenithBinWidth, scale: Units.degree,
      group)
    addPrimaries(sample, group)
    addEdges(.stations, settings.stationEdges, sample.stationCount.map(Double.init), group)
    addEdges(.border, settings.borderEdges, sample.edgeDistance.map(Double.init), group)
    addShowers(sample, group)
  }

  /// Showers up to which each is shown by itself.
  private static let mostShowers = 200
  /// Events of the mean shower from which each is shown by itself.
  private static let fewestThrows = 20

  /// Adds subsets of every group by ranges, and the place of every event among these ranges, -1 for
  /// none.
  private mutating func addFamily(
    _ axis: EventSubset.Axis, _ ranges: [(low: Double?, high: Double?)],
    _ group: [PrimaryGroup], isAtEdge: (Int) -> Bool = { _ in false },
    _ place: (Int) -> Int
  ) {
    var first: [PrimaryGroup: Int16] = [:]
    for group in groups {
      first[group] = Int16(subsets.count)
      for (number, range) in ranges.enumerated() {
        subsets.append(
          EventSubset(
            group: group, axis: axis, label: EventSubset.label(low: range.low, high: range.high),
            low: range.low, high: range.high, isAtEdge: isAtEdge(number)))
        familyOfSubset.append(families.count)
      }
    }
    families.append(
      group.indices.map { event in
        let place = place(event)
        guard place >= 0, let first = first[group[event]] else { return -1 }
        return first + Int16(place)
      })
  }

  private mutating func addBins(
    _ axis: EventSubset.Axis, _ values: [Double], width: Double, scale: Double,
    _ group: [PrimaryGroup]
  ) {
    guard let bins = Bins(covering: values, width: width) else { return }
    let ranges = (0..<bins.count).map {
      (
        low: Double?(rounded(bins.edge($0) / scale)),
        high: Double?(rounded(bins.edge($0 + 1) / scale))
      )
    }
    addFamily(
      axis, ranges, group,
      isAtEdge: { $0 == bins.count - 1 || (axis == .energy && $0 == 0) }
    ) { bins.index(of: values[$0]) }
  }

  /// Bins between edges; those without events at either end are left out.
  private mutating func addEdges(
    _ axis: EventSubset.Axis, _ edges: [Double], _ values: [Double], _ group: [PrimaryGroup]
  ) {
    func place(_ value: Double) -> Int { (edges.firstIndex { value < $0 } ?? edges.count) - 1 }
    let places = values.map { $0.isNaN ? -1 : place($0) }
    guard let first = places.filter({ $0 >= 0 }).min(), let last = places.max(), last >= 0 else {
      return
    }
    let ranges = (first...last).map { bin in
      (
        low: edges[bin].isFinite ? Double?(edges[bin]) : nil,
        high: bin + 1 < edges.count ? Double?(edges[bin + 1]) : nil
      )
    }
    addFamily(axis, ranges, group) { places[$0] < 0 ? -1 : places[$0] - first }
  }

  private mutating func addPrimaries(_ sample: ComparisonSample, _ group: [PrimaryGroup]) {
    var numbers = [Int16](repeating: -1, count: 256)
    for primary in Primary.allCases {
      let raw = UInt8(primary.rawValue)
      guard sample.primary.contains(raw) else { continue }
      numbers[Int(raw)] = Int16(subsets.count)
      subsets.append(
        EventSubset(
          group: PrimaryGroup(primary), axis: .primary, label: primary.symbol, low: nil,
          high: nil, isAtEdge: false))
      familyOfSubset.append(families.count)
    }
    families.append(sample.primary.map { numbers[Int($0)] })
  }
}

extension SubsetPlan {
  /// Adds every shower, where a few showers were thrown many times.
  private mutating func addShowers(_ sample: ComparisonSample, _ group: [PrimaryGroup]) {
    let count = sample.showerCount
    guard count > 0, count <= Self.mostShowers, sample.count >= Self.fewestThrows * count
    else { return }
    var first = [Int?](repeating: nil, count: count)
    for (event, shower) in sample.shower.enumerated() where first[Int(shower)] == nil {
      first[Int(shower)] = event
    }
    let start = subsets.count
    for (shower, event) in first.enumerated() {
      guard let event else { continue }
      let truth = sample.truths[event]
      let name = Primary(rawValue: Int(sample.primary[event]))?.symbol ?? "?"
      subsets.append(
        EventSubset(
          group: group[event], axis: .shower,
          label: "\(sample.showerIDs[shower])_\(name)_\(Self.tenths(truth.energy))_EeV_"
            + "\(Self.tenths(truth.zenith / Units.degree))_deg",
          low: nil, high: nil, isAtEdge: false))
      familyOfSubset.append(families.count)
    }
    families.append(sample.shower.map { Int16(start + Int($0)) })
  }

  private static func tenths(_ value: Double) -> String { shortText((10 * value).rounded() / 10) }
}

/// Bins of equal width whose edges are multiples of it.
struct Bins: Sendable {
  let first: Double
  let width: Double
  let count: Int

  /// The fewest bins that hold all values; nil where there are none.
  ///
  /// The width is doubled until 40 bins suffice, so that one wild value does not make a million
  /// bins.
  init?(covering values: [Double], width: Double) {
    guard let low = values.min(), let high = values.max(), low.isFinite, high.isFinite, width > 0
    else { return nil }
    var width = width
    while true {
      // An edge that rounding moved by 1e-6 of a bin is still that edge.
      let start = (low / width + 1e-6).rounded(.down)
      let end = max((high / width - 1e-6).rounded(.up), start + 1)
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
  func index(of value: Double) -> Int {
    min(max(Int(saturating: ((value - first) / width + 1e-6).rounded(.down)), 0), count - 1)
  }
}
