internal import Glibc

/// How a comparison is made. Stored with it, except for the number of threads, which changes nothing.
public struct ComparisonSettings: Sendable, Equatable {
  /// Bootstrap replicas.
  public var replicas: Int
  public var seed: UInt64
  /// Width of the bins in true log10(E/EeV).
  public var logEnergyBinWidth: Double
  /// Width of the bins in true zenith [rad].
  public var zenithBinWidth: Double
  /// Ranges of the energy of the standard reconstruction that are quoted on their own.
  public var energyRanges: [EnergyRange]
  /// Lower edges of the bins in stations of the standard fit; the last bin has no end.
  public var stationEdges: [Double]
  /// Lower edges of the bins in the distance of the fitted core inside the edge of the array [m].
  public var borderEdges: [Double]
  /// A subset with fewer events has a count, but no numbers.
  public var minimumEvents: Int
  /// A subset with fewer events is warned of.
  public var fewEvents: Int
  /// A second method beside the standard one that the others are measured against, by name.
  public var against: String?
  /// The method that verdict and figures are about, by name; nil for the last network.
  public var headline: String?
  /// Threads of the bootstrap.
  public var threads: Int

  /// A range of energy [EeV], from `minimum` up to `maximum` or without an end.
  public struct EnergyRange: Sendable, Equatable {
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
    ], stationEdges: [Double] = [0, 5, 7, 10, 15, 20, 30],
    borderEdges: [Double] = [-.infinity, 0, 600, 1200, 2400, 4800], minimumEvents: Int = 20,
    fewEvents: Int = 50, against: String? = nil, headline: String? = nil, threads: Int? = nil
  ) {
    self.replicas = replicas
    self.seed = seed
    self.logEnergyBinWidth = logEnergyBinWidth
    self.zenithBinWidth = zenithBinWidth
    self.energyRanges = energyRanges
    self.stationEdges = stationEdges
    self.borderEdges = borderEdges
    self.minimumEvents = minimumEvents
    self.fewEvents = fewEvents
    self.against = against
    self.headline = headline
    self.threads = threads ?? max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1)
  }
}
