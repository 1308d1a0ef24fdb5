import ShowerModel
import Testing

@testable import StandardReconstruction

/// Hits of the published chain, from windows made by hand.
@Suite struct PublishedHitTests {
  static let finder = PublishedHitFinder(samplePeriod: 20)

  /// Pedestal 6 counts, threshold 5 counts above it, 40 counts a VEM.
  static func trace(_ pulses: [Range<Int>: UInt16]) -> Waveform {
    var samples = [UInt16](repeating: 6, count: 128)
    for (range, height) in pulses { for j in range { samples[j] = 6 + height } }
    return Waveform(samples: samples, pedestal: 6, pedestalDeviation: 1, countsPerVEM: 40)
  }

  static func window(_ station: Int, _ index: Int, _ pulses: [Range<Int>: UInt16]) -> Hit {
    Hit(
      station: station, windowStart: 2560 * Double(index), upper: trace(pulses),
      lower: trace(pulses))
  }

  @Test func onlySamplesInsidePulsesCount() throws {
    let hit = try #require(
      Self.finder.hits(of: [Self.window(0, 0, [20..<30: 100, 60..<70: 50, 90..<93: 30])]).first)
    // The last group of three samples is too short for an onset.
    #expect(abs(hit.charge - 1500 / 40) < 1e-12)
    #expect(abs(hit.time - 20 * 20 * GridUnits.perNanosecond) < 1e-12)
    #expect(hit.flag == .alone && hit.windows == 0..<1)
  }

  /// Samples at the threshold begin a pulse; an end needs four at or below it and a small mean.
  @Test func onsetsAndEndsHaveTheirOwnComparison() throws {
    let at = try #require(Self.finder.hits(of: [Self.window(0, 0, [20..<30: 5])]).first)
    #expect(at.charge > 0)
    let below = try #require(Self.finder.hits(of: [Self.window(0, 0, [20..<30: 4])]).first)
    #expect(below.charge == 0)
    // Without an onset: start of the window, error 127 samples / 2.33.
    #expect(below.time == 0)
    let error = 127 / 2.33 * 20 * GridUnits.perNanosecond
    #expect(abs(below.timeVariance - 0.5 * error * error) < 1e-12)
  }

  @Test func theSecondWindowOfAnEventBeginsAHit() {
    let (a, b) = (Self.window(0, 0, [100..<128: 50]), Self.window(0, 1, [0..<10: 50]))
    #expect(Self.finder.hits(of: [a, b]).map(\.windows) == [0..<1, 1..<2])
    let other = Self.window(7, 0, [20..<30: 50])
    #expect(Self.finder.hits(of: [other, a, b]).map(\.windows) == [0..<1, 1..<3])
  }

  @Test func fiftyQuietSamplesInBothLayersBeginAHit() {
    let other = Self.window(7, 0, [20..<30: 50])
    let early = Self.window(0, 0, [20..<30: 50])
    let next = Self.window(0, 1, [10..<20: 50])
    #expect(Self.finder.hits(of: [other, early, next]).count == 3)
    var oneLayer = early
    oneLayer.lower = Self.trace([100..<110: 50])
    #expect(Self.finder.hits(of: [other, oneLayer, next]).count == 2)
  }

  @Test func laterPulsesAreMergedIntoHitsOfTheClusterAlone() throws {
    let other = Self.window(7, 0, [20..<30: 50])
    let windows = [
      other, Self.window(0, 0, [20..<30: 50]), Self.window(0, 3, [10..<20: 50]),
      Self.window(0, 8, [10..<20: 50]),
    ]
    var hits = Self.finder.hits(of: windows)
    try #require(hits.count == 4)
    var unmerged = hits
    unmerged.mergeLaterHits()
    #expect(unmerged.count == 4)
    hits[1].flag = .spaceTimeCluster
    hits.mergeLaterHits()
    // The last one is 20 us later.
    #expect(hits.count == 3 && hits[1].windows == 1..<3)
    #expect(abs(hits[1].charge - 2 * 500 / 40) < 1e-12)
  }

  @Test func badLayersMakeABadHit() throws {
    var window = Self.window(0, 0, [20..<30: 50])
    window.badLayers = .lower
    let hit = try #require(Self.finder.hits(of: [window]).first)
    #expect(hit.flag == .bad && hit.charge == 0)
  }

  /// The pulse of one muon, a thousand times, comes from one sample of a thousand.
  @Test func goldDeconvolutionFindsTheMuons() {
    let pulse = [
      0.09044301, 0.2011518, 0.2357062, 0.1958141, 0.1346454, 0.07871757, 0.03778135, 0.01320628,
      0.003927172, 0.001456995, 0.0007651797, 0.0004421589,
    ]
    var trace = [Double](repeating: 0, count: 128)
    for (k, h) in pulse.enumerated() { trace[40 + k] = 1000 * h }
    let one = PublishedSaturation.largestSample(deconvolving: trace)
    // Gold's method nears the solution from below: 4 % are missing after 1000 iterations.
    #expect(one > 950 && one < 1000)
    // Spread over twenty samples, each has a twentieth.
    var spread = [Double](repeating: 0, count: 128)
    for start in 40..<60 { for (k, h) in pulse.enumerated() { spread[start + k] += 50 * h } }
    let many = PublishedSaturation.largestSample(deconvolving: spread)
    #expect(many > 45 && many < 80)
    let nothing = [Double](repeating: 0, count: 128)
    #expect(PublishedSaturation.largestSample(deconvolving: nothing) == 0)
  }
}
