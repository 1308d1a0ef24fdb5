/// Which part of the data a shower belongs to.
///
/// By the shower, never by the event. The uses of one simulated shower stay together, so that a
/// network cannot gain by remembering showers. `compare` quotes results of the test part alone.
public enum Split: String, Sendable, CaseIterable, Codable {
  case training
  case validation
  case test

  /// Salt of the hash; stored with every network.
  public static let salt: UInt64 = 0x6169_7273_686f_7765

  /// 80 % training, 10 % validation, 10 % test, by a hash of the shower's id (SplitMix64).
  public static func of(showerID: Int) -> Split {
    var z = UInt64(bitPattern: Int64(showerID)) ^ salt
    z &+= 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    switch z % 10 {
    case 8: return .validation
    case 9: return .test
    default: return .training
    }
  }
}
