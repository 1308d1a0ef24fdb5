internal import Glibc
package import ShowerModel

/// How well methods tell the primaries: resolution and bias of Xmax and ln A, and the merit factor
/// of protons and iron.
///
/// Nothing of it is part of the standard quantities. Bias and resolution are mean and standard
/// deviation of estimate minus truth. The merit factor is |m_p - m_Fe| / sqrt(s_p^2 + s_Fe^2), with
/// mean m and standard deviation s of an output. Intervals are of the bootstrap over showers.
package struct CompositionComparison: Sendable, Equatable {
  /// Numbers of an output on some events.
  package struct Scores: Sendable, Equatable {
    package let events: Int
    /// nil for an observable, which has no truth.
    package let bias: Estimate?
    package let resolution: Estimate?
    /// nil without enough protons and iron nuclei.
    package let merit: Estimate?
  }

  package struct Output: Sendable, Equatable {
    package let method: String
    package let quantity: String
    package let title: String
    package let unit: String
    package let whole: Scores
    /// By bins of true energy, in the order of `energies`.
    package let byEnergy: [Scores]
    /// By primary, in the order of `primaries`.
    package let byPrimary: [Scores]

    package var isObservable: Bool { whole.bias == nil }
  }

  /// Edges of the bins in log10(E/EeV).
  package let energies: [(low: Double, high: Double)]
  package let primaries: [Primary]
  /// Networks, then the linear control, then observables of the fit by their merit factor.
  package let outputs: [Output]
  /// Standard deviation of the true Xmax and ln A: the resolution of a constant.
  package let spread: (xmax: Double, logMass: Double)

  package static func == (a: Self, b: Self) -> Bool {
    a.outputs == b.outputs && a.primaries == b.primaries && a.spread == b.spread
      && a.energies.elementsEqual(b.energies) { $0 == $1 }
  }

  /// nil where no method says anything of the primaries.
  init?(_ sample: CompositionSample, _ settings: ComparisonSettings, showerCount: Int) {
    guard sample.count >= settings.minimumEvents else { return nil }
    let cells = CompositionCells(sample, binWidth: settings.logEnergyBinWidth)
    (energies, primaries) = (cells.energies, cells.primaries)
    let control = (try? LinearControl.outputs(sample)) ?? []
    let networks = sample.outputs.prefix(sample.outputs.count - sample.observables.count)
    let compared = (networks + control + Array(sample.observables)).filter {
      $0.values.count(where: \.isFinite) >= settings.minimumEvents
    }
    let bootstrap = Bootstrap(
      replicas: settings.replicas, seed: settings.seed, showerCount: showerCount)
    let made = concurrentMap(Array(compared), threads: settings.threads) {
      cells.output($0, sample, bootstrap, minimumEvents: settings.minimumEvents)
    }
    outputs =
      made.filter { !$0.isObservable }
      + made.filter(\.isObservable).sorted {
        $0.whole.merit?.value ?? 0 > $1.whole.merit?.value ?? 0
      }
    spread = (cells.spread(sample.xmax), cells.spread(sample.logMass))
  }
}

/// Events by bin of true energy and primary, and sums over them.
private struct CompositionCells {
  let energies: [(low: Double, high: Double)]
  let primaries: [Primary]
  /// [event]
  private let cell: [Int]
  private let weights: [Double]

  private var cellCount: Int { energies.count * primaries.count }

  init(_ sample: CompositionSample, binWidth: Double) {
    let bins = sample.logEnergy.map {
      Int((($0 - Units.logEnergyOfEeV) / binWidth + 1e-9).rounded(.down))
    }
    let (first, last) = (bins.min() ?? 0, bins.max() ?? 0)
    energies = (first...last).map { (Double($0) * binWidth, Double($0 + 1) * binWidth) }
    let known = Set(sample.primary)
    let primaries = Primary.allCases.filter { known.contains(UInt8($0.rawValue)) }
    self.primaries = primaries
    let placeOfPrimary = Dictionary(
      uniqueKeysWithValues: primaries.enumerated().map { (UInt8($1.rawValue), $0) })
    cell = sample.primary.indices.map {
      (bins[$0] - first) * primaries.count + (placeOfPrimary[sample.primary[$0]] ?? 0)
    }
    weights =
      sample.weights.isEmpty ? [Double](repeating: 1, count: sample.count) : sample.weights
  }

  /// Weight, and first and second moments of the output and of its error.
  private struct Sums {
    var moments = SIMD8<Double>()
    var count = 0

    mutating func add(_ weight: Double, _ value: Double, _ error: Double) {
      moments += weight * SIMD8(1, value, value * value, error, error * error, 0, 0, 0)
      count += 1
    }

    mutating func add(_ other: Sums, weight: Double = 1) {
      moments += weight * other.moments
      count += other.count
    }

    var mean: Double { moments[1] / moments[0] }
    var variance: Double { max(moments[2] / moments[0] - mean * mean, 0) }
    var bias: Double { moments[3] / moments[0] }
    var resolution: Double { max(moments[4] / moments[0] - bias * bias, 0).squareRoot() }
  }

  func spread(_ values: [Double]) -> Double {
    var sums = Sums()
    for (event, value) in values.enumerated() { sums.add(weights[event], value, 0) }
    return sums.variance.squareRoot()
  }

  /// The numbers of an output in all subsets.
  func output(
    _ output: CompositionSample.Output, _ sample: CompositionSample, _ bootstrap: Bootstrap,
    minimumEvents: Int
  ) -> CompositionComparison.Output {
    let truth: [Double]? =
      switch (output.method == MethodIdentity.standard.name, output.quantity) {
      case (false, CompositionSample.xmaxName): sample.xmax
      case (false, CompositionSample.logMassName): sample.logMass
      default: nil
      }
    let known = output.values.indices.filter { output.values[$0].isFinite }
    // Second moments about a middle value keep their digits.
    let middle = known.reduce(0) { $0 + output.values[$1] } / Double(max(known.count, 1))
    // Events of one cell in one group of showers have the same weight in every replica.
    var entries: [Int: Sums] = [:]
    for event in known {
      let error = truth.map { output.values[event] - $0[event] } ?? 0
      let group = Int(bootstrap.groupOfShower[Int(sample.shower[event])])
      entries[group * cellCount + cell[event], default: Sums()].add(
        weights[event], output.values[event] - middle, error)
    }
    let ordered = entries.sorted { $0.key < $1.key }
    /// Sums by cell, with the weight of each group of showers.
    func sums(_ weightOfGroup: (Int) -> Double) -> [Sums] {
      var sums = [Sums](repeating: Sums(), count: cellCount)
      for (key, entry) in ordered {
        sums[key % cellCount].add(entry, weight: weightOfGroup(key / cellCount))
      }
      return sums
    }
    let found = sums { _ in 1 }
    let replicas = (0..<bootstrap.replicas).map { replica in
      sums { Double(bootstrap.weight(replica: replica, group: $0)) }
    }
    func scores(_ isIn: (_ bin: Int, _ primary: Int) -> Bool, hasMerit: Bool)
      -> CompositionComparison.Scores
    {
      let cells = found.indices.filter { isIn($0 / primaries.count, $0 % primaries.count) }
      func total(_ all: [Sums], _ primary: Primary? = nil) -> Sums {
        cells.reduce(into: Sums()) { sum, cell in
          if primary == nil || primaries[cell % primaries.count] == primary { sum.add(all[cell]) }
        }
      }
      func estimate(_ number: ([Sums]) -> Double) -> Estimate {
        Estimate(value: number(found), replicas: replicas.lazy.map(number))
      }
      let count = total(found).count
      let isEnough = count >= minimumEvents
      let (protons, iron) = (total(found, .proton).count, total(found, .iron).count)
      return CompositionComparison.Scores(
        events: count,
        bias: isEnough && truth != nil ? estimate { total($0).bias } : nil,
        resolution: isEnough && truth != nil ? estimate { total($0).resolution } : nil,
        merit: hasMerit && min(protons, iron) >= minimumEvents
          ? estimate {
            let (p, fe) = (total($0, .proton), total($0, .iron))
            return abs(p.mean - fe.mean) / (p.variance + fe.variance).squareRoot()
          } : nil)
    }
    return CompositionComparison.Output(
      method: output.method, quantity: output.quantity, title: output.title, unit: output.unit,
      whole: scores({ _, _ in true }, hasMerit: true),
      byEnergy: energies.indices.map { bin in scores({ own, _ in own == bin }, hasMerit: true) },
      byPrimary: primaries.indices.map { place in
        scores({ _, own in own == place }, hasMerit: false)
      })
  }
}
