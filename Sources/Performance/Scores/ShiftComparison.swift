internal import Glibc
internal import Numerics
package import ShowerModel

/// Methods on the same events of data, gathered event by event. There is no truth.
package struct ShiftSample: Sendable {
  fileprivate var sample: ComparisonSample

  package init(cuts: QualityCuts, methods: [Method]) {
    sample = ComparisonSample(cuts: cuts, methods: methods)
  }

  package var count: Int { sample.count }

  /// Counts an event, and keeps its results where all methods have one and the cuts are passed.
  ///
  /// - Parameters:
  ///   - eventID: number of the event in its file.
  ///   - distinctID: a number that no event of another file has; nil for `eventID`.
  ///   - standard: result of the standard method; the cuts look at this alone.
  ///   - others: results of the other methods, in their order.
  ///   - codes: raw values of `CorrectionFallback` of the other methods.
  package mutating func append(
    eventID: Int, distinctID: Int? = nil, standard: StandardResult, others: [Reconstruction],
    fallbacks codes: [Int] = []
  ) {
    sample.append(
      eventID: eventID, distinctID: distinctID ?? eventID, standard: standard, others: others,
      fallbacks: codes)
  }
}

/// Shifts of methods from the standard results of data, which have no truth.
///
/// It tells whether predicted errors allow the shifts, and whether the intensity is the same at all
/// zenith angles. It does not tell which method is right.
package struct ShiftComparison: Sendable {
  /// The "errors" of this comparison are shifts from the standard result. Bins are in its energy
  /// and zenith.
  package let comparison: Comparison
  package let consistency: [ShiftConsistency]
  /// One for every method, the standard one among them.
  package let intensities: [ConstantIntensity]
  package let sample: ComparisonSample

  package init(_ sample: ShiftSample, settings: ComparisonSettings = ComparisonSettings()) {
    self.sample = sample.sample
    comparison = Comparison(sample.sample, settings: settings)
    consistency = sample.sample.methods.indices.dropFirst().flatMap {
      ShiftConsistency.all(sample.sample, method: $0)
    }
    let energy = settings.energyRanges.first?.minimum ?? 10
    intensities = sample.sample.methods.indices.map {
      ConstantIntensity(sample.sample, method: $0, energy: energy)
    }
  }

  package var flow: EventFlow { comparison.flow }
}

/// The shift of a value by a method against what both predicted errors allow.
package struct ShiftConsistency: Sendable {
  package let method: String
  package let name: String
  package let unit: String
  package let rootMeanSquare: Double
  /// sqrt(mean(sigma_std^2 - sigma_method^2)): the shift of a correction that removes this part of
  /// the variance. NaN where the method predicts larger errors than the standard one.
  package let expected: Double
  /// Fraction of events with |shift| <= sqrt(sigma_std^2 + sigma_method^2).
  ///
  /// At least 68 % where errors are right, since both methods use the same signals.
  package let coverage: Double

  private static let values: [(name: String, unit: String, value: @Sendable (Shower) -> Double)] = [
    ("zenith", "deg", { $0.zenith / Units.degree }),
    ("sin theta phi", "deg", { $0.azimuth / Units.degree }),
    ("ln E", "1", { $0.logEnergy * log(10) }),
    ("core east", "m", { $0.coreX }), ("core north", "m", { $0.coreY }),
  ]

  static func all(_ sample: ComparisonSample, method: Int) -> [ShiftConsistency] {
    guard !sample.sigmas[method].isEmpty else { return [] }
    return values.enumerated().map { number, entry in
      var (squares, difference, inside, count) = (0.0, 0.0, 0.0, 0.0)
      for event in sample.estimates[0].indices {
        let (standard, own) = (sample.estimates[0][event], sample.estimates[method][event])
        let isAzimuth = number == 1
        // On the sphere.
        let factor = isAzimuth ? sin(standard.zenith) : 1
        let shift =
          factor
          * (isAzimuth
            ? wrappedAngle(own.azimuth - standard.azimuth) / Units.degree
            : entry.value(own) - entry.value(standard))
        let before = factor * entry.value(sample.sigmas[0][event])
        let after = factor * entry.value(sample.sigmas[method][event])
        guard before.isFinite, after.isFinite else { continue }
        count += 1
        squares += shift * shift
        difference += before * before - after * after
        if shift * shift <= before * before + after * after { inside += 1 }
      }
      return ShiftConsistency(
        method: sample.methods[method].name, name: entry.name, unit: entry.unit,
        rootMeanSquare: (squares / count).squareRoot(),
        expected: (difference / count).squareRoot(), coverage: inside / count)
    }
  }
}

/// Events above an energy in bins of equal sin^2 theta, which see equal exposure.
///
/// Cosmic rays come from all directions alike, so an energy without a zenith bias has as many
/// events in each bin.
package struct ConstantIntensity: Sendable {
  package static let binCount = 5

  package let method: String
  /// Energy above which events are counted [EeV].
  package let energy: Double
  /// Upper end of the bins: the sin^2 theta that all events of the standard selection lie below.
  package let maximumSine2: Double
  package let counts: [Int]
  /// Energy above which each bin has as many events as the mean bin [EeV]: constant where energies
  /// are.
  package let energies: [Double]

  init(_ sample: ComparisonSample, method: Int, energy: Double) {
    self.method = sample.methods[method].name
    self.energy = energy
    let sines = sample.estimates[0].map { pow(sin($0.zenith), 2) }.sorted()
    maximumSine2 = quantile(sorted: sines, 0.995)
    var energies = [[Double]](repeating: [], count: Self.binCount)
    for shower in sample.estimates[method] {
      let bin = Int(
        saturating: pow(sin(shower.zenith), 2) / maximumSine2 * Double(Self.binCount))
      if bin < Self.binCount { energies[bin].append(shower.energy) }
    }
    counts = energies.map { bin in bin.count { $0 >= energy } }
    let mean = Double(counts.reduce(0, +)) / Double(Self.binCount)
    self.energies = energies.map { bin in
      let sorted = bin.sorted(by: >)
      let rank = Int(saturating: mean.rounded())
      return rank >= 1 && rank <= sorted.count ? sorted[rank - 1] : .nan
    }
  }

  /// sum (n - mean)^2 / mean over the bins; NaN without events.
  package var chi2: Double {
    let mean = Double(counts.reduce(0, +)) / Double(counts.count)
    return mean > 0 ? counts.reduce(0) { $0 + pow(Double($1) - mean, 2) / mean } : .nan
  }

  package var degreesOfFreedom: Int { Self.binCount - 1 }
}
