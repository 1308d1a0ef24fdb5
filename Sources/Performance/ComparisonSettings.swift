import Glibc

/// How a comparison is made. Stored with it, except for the number of threads, which changes nothing.
public struct ComparisonSettings: Sendable, Codable, Equatable {
  /// Bootstrap replicas.
  public var replicas: Int
  public var seed: UInt64
  /// Width of the bins in true log10(E/EeV).
  public var logEnergyBinWidth: Double
  /// Width of the bins in true zenith [rad].
  public var zenithBinWidth: Double
  /// Ranges of the energy of the standard reconstruction that are quoted on their own.
  public var energyRanges: [EnergyRange]
  /// A subset with fewer events has a count, but no numbers.
  public var minimumEvents: Int
  /// Threads of the bootstrap.
  public var threads: Int

  /// A range of energy [EeV], from `minimum` up to `maximum` or without an end.
  public struct EnergyRange: Sendable, Codable, Equatable {
    public var minimum: Double
    public var maximum: Double?

    public init(minimum: Double, maximum: Double? = nil) {
      self.minimum = minimum
      self.maximum = maximum
    }
  }

  /// As many threads as there are processors, unless told otherwise.
  public init(
    replicas: Int = 1000, seed: UInt64 = 1, logEnergyBinWidth: Double = 0.25,
    zenithBinWidth: Double = .pi / 18,
    energyRanges: [EnergyRange] = [
      EnergyRange(minimum: 10), EnergyRange(minimum: 10, maximum: 60),
    ], minimumEvents: Int = 20, threads: Int? = nil
  ) {
    self.replicas = replicas
    self.seed = seed
    self.logEnergyBinWidth = logEnergyBinWidth
    self.zenithBinWidth = zenithBinWidth
    self.energyRanges = energyRanges
    self.minimumEvents = minimumEvents
    self.threads = threads ?? max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1)
  }

  private enum CodingKeys: String, CodingKey {
    case replicas
    case seed
    case logEnergyBinWidth
    case zenithBinWidth
    case energyRanges
    case minimumEvents
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      replicas: try container.decode(Int.self, forKey: .replicas),
      seed: try container.decode(UInt64.self, forKey: .seed),
      logEnergyBinWidth: try container.decode(Double.self, forKey: .logEnergyBinWidth),
      zenithBinWidth: try container.decode(Double.self, forKey: .zenithBinWidth),
      energyRanges: try container.decode([EnergyRange].self, forKey: .energyRanges),
      minimumEvents: try container.decode(Int.self, forKey: .minimumEvents))
  }
}
