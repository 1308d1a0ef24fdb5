import Testing

@testable import Numerics

@Suite struct QuantileTests {
  @Test func quantilesAreThoseOfNumpy() {
    // numpy.quantile([1, 2, 4, 8, 16], [0, .3, .5, .68, .95, 1])
    let values: [Double] = [1, 2, 4, 8, 16]
    let expected = [(0.0, 1.0), (0.3, 2.4), (0.5, 4), (0.68, 6.88), (0.95, 14.4), (1, 16)]
    for (p, value) in expected {
      #expect(abs(quantile(sorted: values, p) - value) < 1e-12)
      #expect(quantile(of: [8, 1, 16, 2, 4], p) == quantile(sorted: values, p))
    }
    #expect(quantile(sorted: [], 0.5).isNaN)
    #expect(quantile(sorted: [3], 0.84) == 3)
  }

  /// Whatever the shape of the values: the same as after a sort, to the last bit.
  @Test(
    arguments: ["uniform", "tails", "ties", "one value", "infinite", "huge", "tiny", "few", "none"])
  func severalQuantilesAreThoseOfASort(shape: String) {
    var state: UInt64 = 1
    func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 0x1p53
    }
    var values = (0..<1000).map { _ in uniform() - 0.4 }
    switch shape {
    case "tails": values = values.map { 1 / $0 }
    case "ties": values = values.map { ($0 * 8).rounded() }
    case "one value": values = values.map { _ in 0.25 }
    case "infinite": values[17] = .infinity
    case "huge": values = values.map { $0 * .greatestFiniteMagnitude * 1.6 }
    case "tiny": values = values.map { $0 * .leastNonzeroMagnitude * 1000 }
    case "few": values = Array(values.prefix(5))
    case "none": values = []
    default: break
    }
    let probabilities = [0.84, 0, 0.025, 0.5, 0.16, 0.975, 1]
    let sorted = values.sorted()
    for (found, p) in zip(quantiles(of: values, probabilities), probabilities) {
      let expected = quantile(sorted: sorted, p)
      #expect(found == expected || (found.isNaN && expected.isNaN), "\(p)")
    }
  }

  @Test func polynomialsHaveTheirTermsInOrder() {
    let (x, y) = (0.3, -0.7)
    let terms = BivariatePolynomial.terms(x, y)
    let expected = [1, x, y, x * x, x * y, y * y, x * x * x, x * x * y, x * y * y, y * y * y]
    #expect(expected.count == BivariatePolynomial.cubicCount)
    for (index, term) in expected.enumerated() { #expect(terms[index] == term) }
    for index in expected.count..<16 { #expect(terms[index] == 0) }
    #expect(BivariatePolynomial.scaled(1.5, from: 1, to: 2) == 0)
    #expect(BivariatePolynomial.scaled(9, from: 1, to: 2) == 1)
    #expect(BivariatePolynomial.scaled(-9, from: 1, to: 2) == -1)
  }
}
