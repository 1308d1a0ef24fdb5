internal import Foundation

/// A number with fixed decimals, a dash where there is none.
package func text(_ value: Double, decimals: Int) -> String {
  guard value.isFinite else { return "–" }
  guard abs(value) < 1e12 else { return String(format: "%.3g", value) }
  let text = String(format: "%.\(decimals)f", value)
  // No minus before a zero.
  return text.contains { $0 != "-" && $0 != "0" && $0 != "." }
    ? text : text.replacing("-", with: "")
}

/// Decimals that show three digits of a number.
package func significantDecimals(_ value: Double) -> Int {
  guard value.isFinite, value != 0 else { return 2 }
  return min(max(2 - Int(log10(abs(value)).rounded(.down)), 0), 5)
}

/// A number in its shortest form: 5, 0.02.
package func shortText(_ value: Double) -> String {
  let number = rounded(value)
  return number == number.rounded() && abs(number) < 1e9 ? "\(Int(number))" : "\(number)"
}

/// A count with its thousands apart: 141,439.
package func text(_ count: Int) -> String {
  var digits = Array(String(count.magnitude))
  var place = digits.count - 3
  while place > 0 {
    digits.insert(",", at: place)
    place -= 3
  }
  return (count < 0 ? "-" : "") + String(digits)
}

/// A number to seven significant digits.
package func rounded(_ number: Double) -> Double {
  guard number.isFinite else { return number }
  // Powers of ten would overflow below.
  guard abs(number) > 1e-300 else { return 0 }
  let exponent = Int(floor(log10(abs(number)))) - 6
  // Powers of ten up to 22 are exact: dividing by one gives the nearest decimal number.
  return exponent < 0
    ? (number * pow(10, Double(-exponent))).rounded() / pow(10, Double(-exponent))
    : (number / pow(10, Double(exponent))).rounded() * pow(10, Double(exponent))
}
