import Glibc
import ShowerModel

/// What the joint fit knows of one station.
struct FitStation {
  /// Index in the array.
  var station: Int
  var position: Position
  /// Leading edge [ns], and whether it is used.
  var time: Double
  var hasTime: Bool
  /// Measured density [VEM/m2], and whether it is used.
  var signal: Double
  var hasSignal: Bool
  /// Alive, without a signal.
  var isSilent: Bool

  var isHit: Bool { hasTime || hasSignal }

  /// ln S, on which a tuned front depends.
  var logSignal: Double { log(signal) }
}
