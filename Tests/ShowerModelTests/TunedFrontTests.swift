import Foundation
import ShowerModel
import Testing

@Suite struct TunedFrontTests {
  /// The shipped table.
  static func shipped() throws -> TunedFrontFile {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(
        path: "tables/fronts/telescope-array-tuned.json")
    return try TunedFrontFile(
      parsing: String(contentsOf: file, encoding: .utf8), file: "telescope-array-tuned.json")
  }

  func place(_ r: Double, _ s: Double, _ zenith: Double, _ l: Double = 0)
    -> TunedFront.StationCoordinates
  {
    TunedFront.StationCoordinates(
      distance: r, logSignal: log(s), secant: 1 / cos(zenith * Units.degree), upstream: l)
  }

  @Test func aPolynomialByHand() {
    // s = 1.5, y = 1, z = 0.3, w = -2: 7 + 2 s^3 y z + 4 s w^2 = 7 + 2.025 + 24.
    let front = TunedFront(
      name: "by hand",
      ranges: TunedFront.Ranges(
        distance: 10...5000, logSignal: -1...6, secant: 1...2, upstream: -5000...5000,
        delay: -1e4...1e4, sigma: 1...1e3),
      scaleSigma: 0.1,
      delayTerms: [
        TunedFront.Term(powers: [0, 0, 0, 0], coefficient: 7),
        TunedFront.Term(powers: [3, 1, 1, 0], coefficient: 2),
        TunedFront.Term(powers: [1, 0, 0, 2], coefficient: 4),
      ],
      logVarianceTerms: [TunedFront.Term(powers: [0, 1, 0, 0], coefficient: 2)])
    let place = TunedFront.StationCoordinates(
      distance: 2250, logSignal: 3, secant: 1.5, upstream: -2000)
    #expect(abs(front.value(at: place).delay - 33.025) < 1e-12)
    #expect(abs(front.sigma(at: place) - exp(1)) < 1e-12)
  }

  @Test func derivativesEqualCentralDifferences() throws {
    let front = try Self.shipped().front
    for r in [200.0, 700, 1500, 3000, 5000] {
      for zenith in [5.0, 25, 40] {
        for l in [-0.4 * r, 0, 0.3 * r] where front.ranges.upstream.contains(l) {
          let at = place(r, 3, zenith, l)
          let value = front.value(at: at)
          for (path, analytic, h) in [
            (\TunedFront.StationCoordinates.distance, value.perDistance, 1e-2),
            (\.secant, value.perSecant, 1e-5), (\.upstream, value.perUpstream, 1e-2),
          ] {
            var (low, high) = (at, at)
            low[keyPath: path] -= h
            high[keyPath: path] += h
            let numeric = (front.value(at: high).delay - front.value(at: low).delay) / (2 * h)
            #expect(
              abs(numeric - analytic) < 1e-5 * max(1, abs(analytic)),
              "r \(r), zenith \(zenith), l \(l): \(numeric) and \(analytic)")
          }
        }
      }
    }
  }

  @Test func noPlaceGivesNonsense() throws {
    let front = try Self.shipped().front
    let numbers: [Double] = [
      -.infinity, -1e300, -1, 0, 1e-300, 0.5, 1, 3, 50, 1000, 6000, 1e300, .infinity, .nan,
    ]
    for r in numbers {
      for signal in numbers {
        for secant in numbers {
          for l in numbers {
            let at = TunedFront.StationCoordinates(
              distance: r, logSignal: signal, secant: secant, upstream: l)
            let (value, sigma) = (front.value(at: at), front.sigma(at: at))
            #expect(front.ranges.delay.contains(value.delay))
            #expect(front.ranges.sigma.contains(sigma))
            #expect(
              value.perDistance.isFinite && value.perSecant.isFinite
                && value.perUpstream.isFinite)
          }
        }
      }
    }
  }

  /// Farther stations are later and less sure, larger signals earlier and surer, where stations
  /// are.
  @Test func theShippedFrontIsOne() throws {
    let front = try Self.shipped().front
    for zenith in [0.0, 20, 35, 44] {
      for (s, distances) in [(0.7, 1500...3500), (3.0, 1000...2500), (15, 600...1700)] {
        var last = (delay: -1.0, sigma: -1.0)
        for r in stride(from: distances.lowerBound, through: distances.upperBound, by: 100) {
          let at = place(Double(r), s, zenith)
          let (delay, sigma) = (front.value(at: at).delay, front.sigma(at: at))
          #expect(delay > last.delay && sigma > last.sigma, "\(zenith), \(s), \(r)")
          let louder = place(Double(r), 1.5 * s, zenith)
          #expect(front.value(at: louder).delay < delay && front.sigma(at: louder) < sigma)
          last = (delay, sigma)
        }
      }
    }
  }

  @Test func theFileComesBack() throws {
    let file = try Self.shipped()
    let again = try TunedFrontFile(parsing: file.text, file: "again")
    #expect(again == file && again.front == file.front)
    #expect(file.origin.simulationSeeds == [3001] && file.origin.events > 50_000)
  }

  @Test(arguments: [
    ("\"scaleSigma\"", "\"scaleSigmas\"", "scaleSigma: is missing"),
    ("\"formatVersion\" : 1", "\"formatVersion\" : 2", "has version 2"),
    ("\"airshower-front\"", "\"airshower-network\"", "is no tuned front"),
    ("\"coefficient\" : ", "\"coefficient\" : NaN,\"x\" : ", "is not valid JSON"),
    ("\"coefficient\" : ", "\"coefficient\" : 1e999,\"x\" : ", "is not valid JSON"),
    ("\"coefficient\" : ", "\"coefficient\" : \"32\",\"x\" : ", "of the wrong type"),
    ("\"coefficient\" : ", "\"coefficients\" : ", "delay[0].coefficient: is missing"),
    ("\"secant\" : [", "\"secant\" : [ 0.5,", "ranges.secant: must be two rising"),
    ("\"distance\" : [", "\"distance\" : [ 1e12,", "ranges.distance: must be two rising"),
    ("\"events\" : ", "\"event\" : ", "origin.events: is missing"),
    ("{", "", "is not valid JSON"),
  ])
  func badFilesSayWhatIsWrong(old: String, new: String, reason: String) throws {
    let text = try Self.shipped().text
    let place = try #require(text.range(of: old))
    let error = #expect(throws: TableError.self) {
      try TunedFrontFile(
        parsing: text.replacingCharacters(in: place, with: new), file: "bad.json")
    }
    #expect(error?.description.hasPrefix("bad.json: ") ?? false)
    #expect(error?.description.contains(reason) ?? false, "\(error?.description ?? "")")
  }

  @Test func impossiblePowersAreRefused() throws {
    let text = try Self.shipped().text
    let place = try #require(text.range(of: "\"powers\" : ["))
    for powers in ["-1, 0, 0, 0", "8, 0, 0, 0", "0, 4, 0, 0", "0, 0, 0"] {
      let end = try #require(text.range(of: "]", range: place.upperBound..<text.endIndex))
      let changed = text.replacingCharacters(
        in: place.upperBound..<end.lowerBound, with: powers)
      let error = #expect(throws: TableError.self) {
        try TunedFrontFile(parsing: changed, file: "bad.json")
      }
      #expect(error?.reason.hasPrefix("delay[0].powers") ?? false, "\(powers)")
    }
  }
}
