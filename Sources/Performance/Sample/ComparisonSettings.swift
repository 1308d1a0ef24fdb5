internal import Glibc
package import ShowerModel

/// How a comparison is made. Stored with it, except for the number of threads, which changes
/// nothing.
package struct ComparisonSettings: Sendable, Equatable {
  /// Bootstrap replicas.
  package var replicas: Int
  package var seed: UInt64
  /// Width of the bins in true log10(E/EeV).
  package var logEnergyBinWidth: Double
  /// Width of the bins in true zenith [rad].
  package var zenithBinWidth: Double
  /// Ranges of the energy of the standard reconstruction that are quoted on their own.
  package var energyRanges: [EnergyRange]
  /// Lower edges of the bins in stations of the standard fit; the last bin has no end.
  package var stationEdges: [Double]
  /// Lower edges of the bins in the distance of the fitted core inside the edge of the array [m].
  package var borderEdges: [Double]
  /// A subset with fewer events has a count, but no numbers.
  package var minimumEvents: Int
  /// A subset with fewer events is warned of.
  package var fewEvents: Int
  /// A second method beside the standard one that the others are measured against, by name.
  package var against: String?
  /// The method that verdict and figures are about, by name; nil for the last network.
  package var headline: String?
  /// Threads of the bootstrap.
  package var threads: Int

  /// Standard deviation, over seeds, of the half width of a 95 % interval, relative to it.
  ///
  /// An end is the quantile p = 0.025 of R replicas. For a normal distribution its variance is
  /// p (1 - p) / (R φ(z)²), with z = 1.96. The half width of the interval is z, and its ends are
  /// independent.
  package var intervalScatter: Double {
    let (p, z) = (0.025, 1.959964)
    let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
    return (p * (1 - p) / (2 * Double(replicas))).squareRoot() / (density * z)
  }

  /// A range of energy [EeV], from `minimum` up to `maximum` or without an end.
  package struct EnergyRange: Sendable, Equatable {
    package var minimum: Double
    package var maximum: Double?

    package init(minimum: Double, maximum: Double? = nil) {
      self.minimum = minimum
      self.maximum = maximum
    }
  }

  /// As many threads as there are processors, unless told otherwise.
  package init(
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

/// The weight that turns events thrown as E^thrown into events of a spectrum E^index.
package struct SpectrumWeight: Sendable, Codable, Equatable {
  package let index: Double
  package let thrown: Double

  package init(index: Double, thrown: Double) {
    self.index = index
    self.thrown = thrown
  }

  /// (E/EeV)^(index - thrown).
  package func weight(of shower: Shower) -> Double { pow(shower.energy, index - thrown) }
}
