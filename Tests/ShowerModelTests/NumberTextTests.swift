import Testing

@testable import ShowerModel

@Suite struct NumberTextTests {
  @Test func sevenDigitsAreKept() {
    #expect(rounded(0.123456789) == 0.1234568)
    #expect(rounded(-98765.4321) == -98765.43)
    #expect(rounded(1.23456789e12) == 1.234568e12)
    #expect(rounded(0) == 0)
  }
}
