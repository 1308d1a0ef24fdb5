import ShowerModel

/// Units of the experiment's own programs: lengths in grid spacings L of 1200 m, times in L / c.
///
/// Some of its constants are numbers in these units, such as the 2.5 L within which pulses of a
/// station are merged.
enum GridUnits {
  /// One L [m].
  static let length = 1200.0
  /// One unit of time, L / c, by the constant of the programs: 1 us is 0.249827048333 L.
  static let timeUnit = 1000 / 0.249827048333
  /// L / c for one nanosecond.
  static let perNanosecond = 1 / timeUnit
}
