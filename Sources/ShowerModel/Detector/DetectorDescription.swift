/// What the stations of an array are: layers, area, electronics and trigger.
///
/// It belongs to a `DetectorArray`, comes from the array's file, and is stored in event files.
/// Every step reads it again: a file with another sample period is reconstructed with that period.
public struct DetectorDescription: Sendable, Hashable {
  /// Scintillator layers of a station, one above the other: 1 or 2.
  public var layerCount = 2
  /// Area of a layer [m2].
  public var stationArea = 3.0
  /// Length of one FADC sample [ns].
  public var samplePeriod = 20.0
  /// Most probable energy loss of a vertical muon in a layer, 1 VEM [MeV].
  public var energyOfVEM = 2.05
  /// Largest FADC count.
  public var fullScale = 4095.0
  /// FADC counts above which the electronics are not linear; a station with such a sample counts as
  /// saturated.
  public var linearLimit = 2000.0
  /// FADC counts of 8 samples above the pedestal that store a waveform, level 0.
  public var storageThreshold = 15.0
  /// FADC counts of 128 samples above the pedestal that can make an event, level 1.
  public var triggerThreshold = 150.0
  /// Longest time between any two of the three stations of a trigger [ns].
  public var coincidence = 8000.0

  /// Response of the stations to single particles: a table of `tables/detectors`, or a file.
  public var response = "telescope-array"

  public init() {}

  /// Layers that no station has: the lower one where stations have one layer. Hits and signals
  /// count it among their bad layers.
  public var absentLayers: LayerSet { layerCount == 1 ? .lower : [] }

  /// The surface detector of the Telescope Array: Abu-Zayyad et al., NIM A 689 (2012) 87.
  public static let telescopeArray = DetectorDescription()

  /// One number of a description: its name in files, its unit and meaning, and which values make
  /// sense.
  public struct Quantity: Sendable {
    /// The key in an array's file, in lower case; event files have it in upper case.
    public let name: String
    public let unit: String
    public let meaning: String
    public let limits: ClosedRange<Double>
    let get: @Sendable (DetectorDescription) -> Double
    let set: @Sendable (inout DetectorDescription, Double) -> Void

    init(
      _ name: String, _ unit: String, _ meaning: String, _ limits: ClosedRange<Double>,
      _ path: any WritableKeyPath<DetectorDescription, Double> & Sendable
    ) {
      self.name = name
      self.unit = unit
      self.meaning = meaning
      self.limits = limits
      get = { $0[keyPath: path] }
      set = { $0[keyPath: path] = $1 }
    }

    /// The layers, the one whole number.
    init(layers name: String) {
      self.name = name
      unit = "1"
      meaning = "Scintillator layers of a station"
      limits = 1...2
      get = { Double($0.layerCount) }
      set = { $0.layerCount = Int($1) }
    }
  }

  /// All numbers of a description.
  public static let quantities: [Quantity] = [
    Quantity(layers: "layers"),
    Quantity("station_area", "m2", "Area of a layer", 0.01...1000, \.stationArea),
    Quantity("sample_period", "ns", "Length of one FADC sample", 0.1...1000, \.samplePeriod),
    Quantity("vem_energy", "MeV", "Energy of 1 VEM in a layer", 0.01...1000, \.energyOfVEM),
    Quantity("full_scale", "FADC counts", "Largest count", 1...65_535, \.fullScale),
    Quantity(
      "linear_limit", "FADC counts", "Count above which a station is saturated", 1...65_535,
      \.linearLimit),
    Quantity(
      "storage_threshold", "FADC counts", "Sum of 8 samples that stores a waveform", 0...1e6,
      \.storageThreshold),
    Quantity(
      "trigger_threshold", "FADC counts", "Sum of 128 samples that can make an event", 0...1e6,
      \.triggerThreshold),
    Quantity(
      "coincidence", "ns", "Longest time between stations of a trigger", 1...1e6, \.coincidence),
  ]

  /// The value of a quantity.
  public subscript(quantity: Quantity) -> Double { quantity.get(self) }

  /// Sets a quantity.
  ///
  /// - Returns: false for a value without meaning, which is not set.
  public mutating func set(_ quantity: Quantity, to value: Double) -> Bool {
    guard quantity.limits.contains(value), quantity.name != "layers" || value == value.rounded()
    else { return false }
    quantity.set(&self, value)
    return true
  }

  /// The quantities in which two descriptions differ, each with both values: `sample_period 10 and
  /// 20 ns`.
  public func differences(from other: DetectorDescription) -> [String] {
    Self.quantities.filter { self[$0] != other[$0] }.map {
      "\($0.name) \(self[$0]) and \(other[$0]) \($0.unit)"
    }
  }
}

/// An object of numbers by the names of `quantities`, as array files have them.
extension DetectorDescription: Codable {
  /// What is left out is that of the Telescope Array.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let values = try container.decode([String: Double].self)
    for quantity in Self.quantities {
      guard let value = values[quantity.name] else { continue }
      guard set(quantity, to: value) else {
        throw DecodingError.dataCorruptedError(
          in: container,
          debugDescription: "\(quantity.name) \(value), not \(quantity.limits.lowerBound) to "
            + "\(quantity.limits.upperBound) \(quantity.unit)")
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(
      Dictionary(uniqueKeysWithValues: Self.quantities.map { ($0.name, self[$0]) }))
  }
}
