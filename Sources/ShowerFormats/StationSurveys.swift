public import ShowerModel

/// Positions of the stations of an observatory by the date of an event.
public struct StationSurveys: Sendable {
  /// The surveys, oldest first, each with the first second that it holds for [s since 1970 UTC].
  private let surveys: [(since: Int, array: DetectorArray)]

  /// One survey for all times.
  public init(_ array: DetectorArray) { surveys = [(.min, array)] }

  /// The Telescope Array, where stations were surveyed anew and five were added on
  /// 11 November 2008.
  public init(before2008 earlier: DetectorArray, since2008 later: DetectorArray) {
    surveys = [(.min, earlier), (CalendarTime(2008, 11, 11).seconds, later)]
  }

  /// The survey that holds at a time [s since 1970 UTC].
  func array(at seconds: Int) -> DetectorArray {
    surveys.last { $0.since <= seconds }?.array ?? surveys[0].array
  }
}
