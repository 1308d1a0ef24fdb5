import Foundation
import ShowerModel
import Testing

/// Sky coordinates against astropy and against published events.
@Suite struct SkyCoordinatesTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/sky")

  private static func rows(_ name: String) throws -> [[String]] {
    try String(contentsOf: fixtures.appending(path: name), encoding: .utf8)
      .split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
      .map { $0.split(separator: ",").map(String.init) }
  }

  /// The direction of two angles of the sky [deg].
  private static func direction(_ longitude: Double, _ latitude: Double) -> Direction {
    Direction(zenith: (90 - latitude) * Units.degree, azimuth: longitude * Units.degree)
  }

  @Test func agreeWithAstropy() throws {
    let rows = try Self.rows("astropy.csv").map { $0.compactMap { Double($0) } }
    #expect(rows.count == 200)
    var worst = 0.0
    for row in rows {
      let sky = SkyCoordinates(
        Direction(zenith: row[2] * Units.degree, azimuth: row[3] * Units.degree),
        at: CalendarTime(seconds: Int(row[0])), nanoseconds: row[1], site: .telescopeArray)
      let found = Self.direction(
        sky.rightAscension / Units.degree, sky.declination / Units.degree)
      let galactic = Self.direction(
        sky.galacticLongitude / Units.degree, sky.galacticLatitude / Units.degree)
      worst = max(
        worst, found.angle(to: Self.direction(row[4], row[5])),
        galactic.angle(to: Self.direction(row[6], row[7])))
    }
    print("sky coordinates: within \(worst / Units.degree * 3600) arcsec of astropy")
    #expect(worst / Units.degree * 60 < 1)
  }

  /// The zenith of the site at the time of an event is as far from the published place in the sky
  /// as the published zenith angle says.
  @Test func agreeWithPublishedEvents() throws {
    // Published coordinates still have the aberration by the Earth's orbit, up to 0.006 deg.
    let withoutAberration = try worstZenith(removesAberration: true)
    let asPublished = try worstZenith(removesAberration: false)
    print("published events: zenith within \(asPublished) deg, \(withoutAberration) without it")
    #expect(asPublished < 0.007)
    #expect(withoutAberration < 0.012 && withoutAberration > asPublished)
  }

  private func worstZenith(removesAberration: Bool) throws -> Double {
    var worst = 0.0
    for row in try Self.rows("published-events.csv") {
      let numbers = row[1].split { !$0.isNumber }.compactMap { Int($0) }
      let time = CalendarTime(
        numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
      let up = SkyCoordinates(
        Direction(zenith: 0, azimuth: 0), at: time, site: .telescopeArray,
        removesAberration: removesAberration)
      let zenith = Self.direction(
        up.rightAscension / Units.degree, up.declination / Units.degree
      ).angle(to: Self.direction(try #require(Double(row[4])), try #require(Double(row[5]))))
      let difference = abs(zenith / Units.degree - (try #require(Double(row[2]))))
      // The coordinates of the event of 2021 are printed to 0.1 deg.
      if numbers[0] == 2021 { #expect(difference < 0.2) } else { worst = max(worst, difference) }
    }
    return worst
  }

  @Test func errorsOfTheSkyFollowThoseOfTheDirection() {
    let time = CalendarTime(2014, 7, 13, 4, 38, 52)
    let (zenith, azimuth) = (0.6, 1.1)
    let sky = SkyCoordinates(
      Direction(zenith: zenith, azimuth: azimuth), at: time, site: .telescopeArray)
    let errors = SkyCoordinates.deviations(
      zenith: (zenith, 0.01), azimuth: (azimuth, 0.01 / sin(zenith)), at: time,
      site: .telescopeArray)
    // A round error in the sky: 0.01 rad in declination, and more in right ascension.
    #expect(abs(errors.declination - 0.01) < 1e-6)
    #expect(abs(errors.rightAscension * cos(sky.declination) - 0.01) < 1e-6)
    #expect(abs(errors.galacticLatitude - 0.01) < 1e-6)
    #expect(abs(errors.galacticLongitude * cos(sky.galacticLatitude) - 0.01) < 1e-6)
  }

  @Test func calendar() {
    #expect(CalendarTime(1970, 1, 1).seconds == 0)
    #expect(CalendarTime(2000, 2, 29, 12).seconds == 951_825_600)
    #expect(CalendarTime(seconds: -1).text() == "1969-12-31T23:59:59.000000000")
    // A leap second is the second after it.
    #expect(CalendarTime(2016, 12, 31, 23, 59, 60) == CalendarTime(2017, 1, 1))
    for seconds in stride(from: 0, to: 2_000_000_000, by: 7_777_777) {
      let time = CalendarTime(seconds: seconds)
      let (date, day) = (time.date, time.secondOfDay)
      #expect(
        CalendarTime(date.year, date.month, date.day, 0, 0, day).seconds == seconds)
    }
  }
}
