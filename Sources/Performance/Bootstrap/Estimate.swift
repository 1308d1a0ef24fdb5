internal import Numerics

/// A number with the intervals of its bootstrap replicas.
package struct Estimate: Sendable, Equatable {
  package let value: Double
  /// Percentile interval of 68 % (quantiles .16 and .84 of the replicas).
  package let low68: Double
  package let high68: Double
  /// Percentile interval of 95 % (quantiles .025 and .975).
  package let low95: Double
  package let high95: Double

  /// No number: too few events.
  package static let undefined = Estimate(value: .nan, replicas: [])

  /// A number with its replicas; those that are NaN are left out.
  package init(value: Double, replicas: some Sequence<Double>) {
    self.value = value
    let ends = quantiles(of: replicas.filter { !$0.isNaN }, [0.025, 0.16, 0.84, 0.975])
    (low95, low68, high68, high95) = (ends[0], ends[1], ends[2], ends[3])
  }

  package init(value: Double, low68: Double, high68: Double, low95: Double, high95: Double) {
    self.value = value
    self.low68 = low68
    self.high68 = high68
    self.low95 = low95
    self.high95 = high95
  }

  package var isDefined: Bool { value.isFinite }

  /// Equal numbers are equal, and so are two that are undefined.
  package static func == (a: Estimate, b: Estimate) -> Bool {
    zip(a.numbers, b.numbers).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }

  /// Value, then the ends of the intervals.
  package var numbers: [Double] { [value, low68, high68, low95, high95] }
}
