internal import Foundation

/// A number with fixed decimals, a dash where there is none.
func text(_ value: Double, decimals: Int) -> String {
  guard value.isFinite else { return "–" }
  guard abs(value) < 1e12 else { return String(format: "%.3g", value) }
  let text = String(format: "%.\(decimals)f", value)
  // No minus before a zero.
  return text.contains { $0 != "-" && $0 != "0" && $0 != "." }
    ? text : text.replacing("-", with: "")
}

/// Decimals that show three digits of a number.
func significantDecimals(_ value: Double) -> Int {
  guard value.isFinite, value != 0 else { return 2 }
  return min(max(2 - Int(log10(abs(value)).rounded(.down)), 0), 5)
}

/// A number without decimals that say nothing: 5, 0.02.
func shortText(_ value: Double) -> String {
  let number = rounded(value)
  return number == number.rounded() && abs(number) < 1e9 ? "\(Int(number))" : "\(number)"
}

/// A count with its thousands apart: 141,439.
func text(_ count: Int) -> String {
  var digits = Array(String(count.magnitude))
  var place = digits.count - 3
  while place > 0 {
    digits.insert(",", at: place)
    place -= 3
  }
  return (count < 0 ? "-" : "") + String(digits)
}

extension Estimate {
  /// Decimals at which the 95 % interval has two digits, in numbers multiplied by `factor`.
  func decimals(factor: Double = 1) -> Int {
    let half = (high95 - low95) / 2 * factor
    let size = half > 0 && half.isFinite ? half : abs(value * factor) / 100
    guard size > 0, size.isFinite else { return 2 }
    return min(max(1 - Int(log10(size).rounded(.down)), 0), 5)
  }

  /// The value with the digits that its interval allows: 1.394.
  var valueText: String { text(value, decimals: decimals()) }

  /// Value and 95 % interval: 1.394 (1.381 to 1.407).
  var intervalText: String {
    guard isDefined else { return "–" }
    let decimals = decimals()
    return "\(text(value, decimals: decimals)) (\(text(low95, decimals: decimals)) to "
      + "\(text(high95, decimals: decimals)))"
  }

  /// Value and 95 % interval in percent: 37.4 % (36.9 to 37.9).
  var percentText: String {
    guard isDefined else { return "–" }
    let decimals = min(decimals(factor: 100), 2)
    return
      "\(text(100 * value, decimals: decimals)) % (\(text(100 * low95, decimals: decimals)) to "
      + "\(text(100 * high95, decimals: decimals)))"
  }
}

/// Greek letters for their names, as in titles of observables.
func withSymbols(_ title: String) -> String {
  title.replacing("Delta ", with: "Δ").replacing("theta", with: "θ").replacing("phi", with: "φ")
}
