import Testing

@testable import ShowerFormats

@Suite struct DSTTests {
  @Test func checkSumIsThatOfCCITT() {
    let text = Array("123456789".utf8)
    #expect(text.withUnsafeBytes(DSTFormat.checkSum) == 0x2189)
  }
}
