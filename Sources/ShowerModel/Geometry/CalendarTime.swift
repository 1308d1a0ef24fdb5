/// A date and time of day, UTC.
///
/// Seconds are counted as POSIX does, 86,400 a day: **leap seconds are not counted**. A time within
/// a leap second, 23:59:60, is that of the second after it.
public struct CalendarTime: Sendable, Hashable {
  /// Seconds since 1970-01-01T00:00:00 UTC.
  public let seconds: Int

  public init(seconds: Int) { self.seconds = seconds }

  /// A date of the Gregorian calendar and a time of day; months and days beyond their ends go on
  /// counting.
  ///
  /// Source: E. Richards, in Explanatory Supplement to the Astronomical Almanac, 3rd ed., 15.11.
  public init(
    _ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0
  ) {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    seconds = (days - 719_468) * 86_400 + hour * 3600 + minute * 60 + second
  }

  /// Year, month and day.
  public var date: (year: Int, month: Int, day: Int) {
    let days = Int((Double(seconds) / 86_400).rounded(.down)) + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1
    )
  }

  /// Seconds since midnight.
  public var secondOfDay: Int { (seconds % 86_400 + 86_400) % 86_400 }

  /// `2014-07-13T04:38:52.000000000`, with the nanoseconds of a fraction.
  public func text(nanoseconds: Int = 0) -> String {
    let (date, second) = (self.date, secondOfDay)
    func digits(_ number: Int, _ count: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(count - text.count, 0)) + text
    }
    return "\(digits(date.year, 4))-\(digits(date.month, 2))-\(digits(date.day, 2))T"
      + "\(digits(second / 3600, 2)):\(digits(second % 3600 / 60, 2)):\(digits(second % 60, 2))"
      + ".\(digits(nanoseconds, 9))"
  }
}
