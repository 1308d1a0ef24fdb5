internal import ShowerModel

/// What the event file is called inside: version, groups, pointer columns, chunk sizes.
enum EventFormat {
  static let name = "airshower"
  /// Files of another major version are refused; a new column raises the minor one.
  static let version = "1.7.0"
  static let majorVersion = 1

  static let description = """
    Events of a surface detector array. One dataset a column, with UNIT and DESCRIPTION. \
    Event i owns the rows first_hit[i] ..< first_hit[i] + hit_count[i] of /hits; /truth and every \
    group under /reconstruction have the rows of /events. status 0 is a good result.
    """
  static let frame = """
    x east, y north, z up from the altitude ALTITUDE. Directions point to where the shower came \
    from, azimuth counter-clockwise from east.
    """

  /// Rows of a chunk of a column: 32 kB of Double.
  static let columnChunk = 4096
  /// Hits in a chunk of waveforms, 64 kB at 128 samples. Measured: from 64 to 256 hits, the rates
  /// are those of gzip. Below, calls cost a third. Above, random chunks of events are read slower.
  static let waveformChunk = 128
  /// Events of a chunk of covariance matrices.
  static let covarianceChunk = 128

  /// Attributes of the groups under /reconstruction.
  static let energyScale = "ENERGY_SCALE"
  static let front = "FRONT"
  /// What the method is, `MethodIdentity` as JSON.
  static let identity = "IDENTITY"

  /// Attribute of the file: which showers it holds and which its methods learned from, `Lineage` as
  /// JSON.
  static let lineage = "LINEAGE"

  /// The group with the stations of a fit: /stations of the standard one, /stations_NAME of
  /// another.
  static func stations(of name: String) -> String {
    name == "standard" ? "stations" : "stations_\(name)"
  }

  /// Whether a member of the root group is one of ours.
  static func isGroup(_ name: String) -> Bool {
    [StoredArray.group, "events", "hits", "dead_stations", "truth", "stations"].contains(name)
      || name.hasPrefix("stations_")
  }

  /// Attribute of a file of results without hits. It lists, one in each line, reconstructions of
  /// the original file that these results make out of date.
  static let omittedResults = "RESULTS_WITHOUT"

  // MARK: - Pointer columns, which are no part of a row of ShowerModel

  static let eventID = DatasetLabel("event_id", "Number of the event", .int64)
  static let showerID = DatasetLabel("shower_id", "Number of the shower that made it", .int64)
  static let eventTime = DatasetLabel(
    "time", unit: "ns", "Start of the event's clock, from which its other times count", .float64)
  /// Only where the time of all events is known; not in files before format 1.5.
  static let utc = DatasetLabel(
    "utc", unit: "s",
    "Second of UTC since 1970-01-01 from which time counts, without leap seconds", .int64)
  /// Beyond these limits a float64 has no nanoseconds.
  static let eventTimeColumn = Column<Double>(
    eventTime.name, unit: eventTime.unit, eventTime.description, \.self
  ).within(-0x1p53...0x1p53)
  static let firstHit = DatasetLabel("first_hit", "First row of the event in /hits", .int64)
  static let hitCount = DatasetLabel("hit_count", "Rows of the event in /hits", .int32)
  static let firstDead = DatasetLabel(
    "first_dead", "First row of the event in /dead_stations", .int64)
  static let deadCount = DatasetLabel("dead_count", "Rows of the event in /dead_stations", .int32)
  static let firstStation = DatasetLabel(
    "first_station", "First row of the event in /stations", .int64)
  /// Not `station_count`, which counts the stations of the fit.
  static let stationRows = DatasetLabel("station_rows", "Rows of the event in /stations", .int32)
  static let stationID = DatasetLabel(
    "station_id", "Number of the station, as in /array/station_id", .int32)

  static let waveform = DatasetLabel(
    "waveform", unit: "FADC counts", "Traces [hit, layer (0 upper, 1 lower), sample]",
    type: .uint16)
  static let covariance = DatasetLabel(
    "covariance", unit: "products of the units of the parameters",
    "Covariance matrix [event, parameter, parameter] of the parameters in PARAMETERS", .float64)
}

extension Hit {
  /// The columns of a file whose stations have 1 or 2 layers.
  static func columns(layers: Int) -> [Column<Hit>] {
    layers == 2 ? columns : columns.filter { !$0.name.hasSuffix("_lower") }
  }

  /// Columns of /hits without the station, which is stored as its id, and the samples.
  private static let columns: [Column<Hit>] = [
    Column(
      "window_start", unit: "ns", "Time of the first sample, on the event's clock",
      \.windowStart
    ).within(-1e15...1e15),
    Column(
      "pedestal_upper", unit: "FADC counts", "Mean counts of a sample without signal, upper layer",
      storage: .float32, \.upper.pedestal),
    Column(
      "pedestal_lower", unit: "FADC counts", "Mean counts of a sample without signal, lower layer",
      storage: .float32, \.lower.pedestal),
    Column(
      "pedestal_deviation_upper", unit: "FADC counts",
      "Half width of the histogram of 8-sample sums / 8 / 2.33, upper layer", storage: .float32,
      \.upper.pedestalDeviation),
    Column(
      "pedestal_deviation_lower", unit: "FADC counts",
      "Half width of the histogram of 8-sample sums / 8 / 2.33, lower layer", storage: .float32,
      \.lower.pedestalDeviation),
    Column(
      "counts_per_vem_upper", unit: "FADC counts/VEM", "Integrated counts of one VEM, upper layer",
      storage: .float32, \.upper.countsPerVEM),
    Column(
      "counts_per_vem_lower", unit: "FADC counts/VEM", "Integrated counts of one VEM, lower layer",
      storage: .float32, \.lower.countsPerVEM),
    Column(
      "bad_layers", unit: "1",
      "Layers that must not be used, since the monitoring has excluded them: "
        + "bit 0 upper, bit 1 lower",
      storage: .uint8, get: { Double($0.badLayers.rawValue) },
      set: { $0.badLayers = LayerSet(rawValue: UInt8($1)).intersection(.both) }
    ).since(minorVersion: 2),
  ]

  /// Columns of /hits that only simulated events have; NaN where the truth of a hit is unknown.
  static let truthColumns: [Column<Hit>] = [
    Column(
      "truth_muon_signal", unit: "VEM/m2", "True expected signal of muons", storage: .float32,
      get: { $0.truth?.muonSignal ?? .nan },
      set: { if !$1.isNaN { $0.truth = $0.truth ?? .unknown; $0.truth?.muonSignal = $1 } }),
    Column(
      "truth_electromagnetic_signal", unit: "VEM/m2",
      "True expected signal of electrons and photons", storage: .float32,
      get: { $0.truth?.electromagneticSignal ?? .nan },
      set: {
        if !$1.isNaN { $0.truth = $0.truth ?? .unknown; $0.truth?.electromagneticSignal = $1 }
      }),
  ]

  /// A hit to be filled from columns.
  static func blank(station: Int, layers: Int) -> Hit {
    let waveform = Waveform(samples: [], pedestal: 0, pedestalDeviation: 0, countsPerVEM: 0)
    return Hit(
      station: station, windowStart: 0, upper: waveform, lower: layers == 2 ? waveform : .none)
  }
}

extension HitTruth {
  fileprivate static let unknown = HitTruth(muonSignal: .nan, electromagneticSignal: .nan)
}

extension Truth {
  static let blank = Truth(shower: .undefined, primary: .proton, xmax: .nan, muonScale: .nan)
}

extension StationSignal {
  static func blank(station: Int, area: Double) -> StationSignal {
    StationSignal(
      station: station, time: .nan, timeError: .nan, upper: .nan, lower: .nan, area: area,
      windowCount: 0, isSaturated: false)
  }
}
