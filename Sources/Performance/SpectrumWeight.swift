internal import Glibc
internal import ShowerModel

/// The weight that turns events thrown as E^thrown into events of a spectrum E^index.
public struct SpectrumWeight: Sendable, Codable, Equatable {
  public let index: Double
  public let thrown: Double

  public init(index: Double, thrown: Double) {
    self.index = index
    self.thrown = thrown
  }

  /// (E/EeV)^(index - thrown).
  func weight(of shower: Shower) -> Double { pow(shower.energy, index - thrown) }
}
