internal import Glibc

/// A number with the intervals of its bootstrap replicas.
public struct Estimate: Sendable, Equatable {
  public let value: Double
  /// Percentile interval of 68 % (quantiles .16 and .84 of the replicas).
  public let low68: Double
  public let high68: Double
  /// Percentile interval of 95 % (quantiles .025 and .975).
  public let low95: Double
  public let high95: Double

  /// No number: too few events.
  public static let undefined = Estimate(value: .nan, replicas: [])

  /// A number with its replicas; those that are NaN are left out.
  public init(value: Double, replicas: some Sequence<Double>) {
    self.value = value
    var sorted = replicas.filter { !$0.isNaN }
    sorted.sort()
    low68 = quantile(sorted, 0.16)
    high68 = quantile(sorted, 0.84)
    low95 = quantile(sorted, 0.025)
    high95 = quantile(sorted, 0.975)
  }

  init(value: Double, low68: Double, high68: Double, low95: Double, high95: Double) {
    self.value = value
    self.low68 = low68
    self.high68 = high68
    self.low95 = low95
    self.high95 = high95
  }

  public var isDefined: Bool { value.isFinite }

  /// Equal numbers are equal, and so are two that are undefined.
  public static func == (a: Estimate, b: Estimate) -> Bool {
    zip(a.numbers, b.numbers).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }

  /// Value, then the ends of the intervals.
  var numbers: [Double] { [value, low68, high68, low95, high95] }
}

/// A number to seven significant digits.
func rounded(_ number: Double) -> Double {
  guard number.isFinite else { return number }
  // Powers of ten would overflow below.
  guard abs(number) > 1e-300 else { return 0 }
  let exponent = Int(floor(log10(abs(number)))) - 6
  // Powers of ten up to 22 are exact: dividing by one gives the nearest decimal number.
  return exponent < 0
    ? (number * pow(10, Double(-exponent))).rounded() / pow(10, Double(-exponent))
    : (number / pow(10, Double(exponent))).rounded() * pow(10, Double(exponent))
}
