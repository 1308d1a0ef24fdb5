/// One triggered event of the array.
public struct Event: Sendable, Equatable {
  public var id: Int
  /// The shower that made it. All events of one shower stay together in every split of the data.
  public var showerID: Int
  /// Start of the event's clock [ns]; times of hits and showers count from here.
  public var time: Double
  /// Readout windows, ordered by station and time.
  public var hits: [Hit]
  /// Indices of stations that were not working.
  public var deadStations: [Int]
  /// What was simulated; nil for data.
  public var truth: Truth?
  /// The second of UTC from which `time` counts; nil where it is not known, as in simulations.
  public var utc: CalendarTime?
  /// What the monitoring says of clocks and calibration.
  public var accuracy: DetectorAccuracy

  public init(
    id: Int, showerID: Int, time: Double = 0, hits: [Hit], deadStations: [Int] = [],
    truth: Truth? = nil, utc: CalendarTime? = nil, accuracy: DetectorAccuracy = DetectorAccuracy()
  ) {
    self.id = id
    self.showerID = showerID
    self.time = time
    self.hits = hits
    self.deadStations = deadStations
    self.truth = truth
    self.utc = utc
    self.accuracy = accuracy
  }
}

/// An event with what the standard reconstruction made of it.
public struct ReconstructedEvent: Sendable, Equatable {
  public var event: Event
  public var stations: [StationSignal]
  public var standard: StandardResult

  public init(event: Event, stations: [StationSignal], standard: StandardResult) {
    self.event = event
    self.stations = stations
    self.standard = standard
  }
}
