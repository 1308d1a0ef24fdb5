/// Native units of the program, and the factors of the others.
///
/// Native are metre, nanosecond, radian, EeV and VEM/m2: station spacings, delays and signals are
/// then numbers of ordinary size, and the speed of light is about 0.3. A quantity in another unit
/// is multiplied by its factor on the way in and divided by it on the way out: `45 * Units.degree`.
public enum Units {
  /// Speed of light in vacuum [m/ns].
  public static let speedOfLight = 0.299792458
  /// One degree [rad].
  public static let degree = Double.pi / 180
  /// One kilometre [m].
  public static let kilometre = 1000.0
  /// One microsecond [ns].
  public static let microsecond = 1000.0
  /// log10(E/eV) of 1 EeV.
  public static let logEnergyOfEeV = 18.0

  /// An angle from -pi to pi as one from 0 to 2 pi [rad].
  package static func positive(_ angle: Double) -> Double { angle < 0 ? angle + 2 * .pi : angle }
}
