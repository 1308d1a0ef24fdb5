extension SkyCoordinates {
  /// The standard deviations of sky coordinates that follow from those of a direction.
  ///
  /// First order in the errors, which are taken for independent. The errors of right ascension and
  /// of galactic longitude are those of the angle itself, not times the cosine of the latitude.
  ///
  /// - Parameters:
  ///   - zenith: angle [rad] and its standard deviation.
  ///   - azimuth: the same, counter-clockwise from east.
  ///   - second: of UTC.
  ///   - nanoseconds: after it.
  ///   - site: where the array is.
  /// - Returns: standard deviations [rad] in the place of the coordinates; NaN where an error is
  ///   not known.
  public static func deviations(
    zenith: (value: Double, sigma: Double), azimuth: (value: Double, sigma: Double),
    at second: CalendarTime, nanoseconds: Double = 0, site: GeographicSite
  ) -> SkyCoordinates {
    let step = 1e-4
    func place(_ zenithStep: Double, _ azimuthStep: Double) -> SkyCoordinates {
      SkyCoordinates(
        Direction(zenith: zenith.value + zenithStep, azimuth: azimuth.value + azimuthStep),
        at: second, nanoseconds: nanoseconds, site: site)
    }
    let byZenith = (place(step, 0), place(-step, 0))
    let byAzimuth = (place(0, step), place(0, -step))
    func deviation(_ angle: (SkyCoordinates) -> Double) -> Double {
      let slopes = (
        wrappedAngle(angle(byZenith.0) - angle(byZenith.1)) / (2 * step),
        wrappedAngle(angle(byAzimuth.0) - angle(byAzimuth.1)) / (2 * step)
      )
      let terms = (slopes.0 * zenith.sigma, slopes.1 * azimuth.sigma)
      return (terms.0 * terms.0 + terms.1 * terms.1).squareRoot()
    }
    var result = place(0, 0)
    result.rightAscension = deviation(\.rightAscension)
    result.declination = deviation(\.declination)
    result.galacticLongitude = deviation(\.galacticLongitude)
    result.galacticLatitude = deviation(\.galacticLatitude)
    return result
  }
}
