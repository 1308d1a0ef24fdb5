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
