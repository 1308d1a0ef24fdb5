internal import ShowerModel

/// What a network looks like: the size of its image, its layers, its inputs and targets.
///
/// Read from `tables/networks/NAME.json`, and kept in every network file. An event passes the lists
/// of layers in turn: `encoder` (every waveform by itself), `stations` (those with a waveform,
/// together), `grid` (all N x N cells), `event`. All lists but the last may be empty.
/// `NetworkStage` lists the layers of each.
public struct NetworkSpec: Sendable, Equatable, Codable {
  /// What happens to the numbers that a layer makes.
  public enum Activation: String, Sendable, Codable, CaseIterable {
    /// x / (1 + exp(-x))
    case silu
    /// max(x, 0)
    case relu
    /// Nothing.
    case none
  }

  /// What training makes small.
  public enum Loss: String, Sendable, Codable, CaseIterable {
    /// Mean of (z - output)^2 over the standardised targets z.
    case meanSquare
    /// Mean of ((z - output)/sigma)^2 / 2 + ln sigma. The network predicts sigma too: a second
    /// output for each target is ln sigma. These outputs follow those of all targets.
    case gaussian
  }

  /// Names out of `CellInput.all`, `StationInput.all`, `EventInput.all`.
  public struct Inputs: Sendable, Equatable, Codable {
    public var cell: [String]
    public var station: [String]
    public var event: [String]

    public init(
      cell: [String] = CellInput.standard, station: [String] = StationInput.standard,
      event: [String] = EventInput.all.map(\.name)
    ) {
      self.cell = cell
      self.station = station
      self.event = event
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      cell = try container.decodeIfPresent([String].self, forKey: .cell) ?? []
      station = try container.decodeIfPresent([String].self, forKey: .station) ?? []
      event = try container.decodeIfPresent([String].self, forKey: .event) ?? []
    }
  }

  public var name: String
  public var description: String
  /// Stations along an edge of the image, N = 4...8.
  public var gridSize: Int
  /// Samples of a waveform, T = 128...512.
  public var samples: Int
  /// Of all layers that do not say otherwise.
  public var activation: Activation
  /// Layers over time; none: no waveforms.
  public var encoder: [LayerSpec]
  /// Layers between the stations with a waveform.
  public var stations: [LayerSpec]
  /// Layers over the cells; none: the stations end with a `summary`.
  public var grid: [LayerSpec]
  /// Layers before the output.
  public var event: [LayerSpec]
  public var inputs: Inputs
  /// Names out of `NetworkTarget.all`.
  public var targets: [String]
  public var loss: Loss
  /// Densities of pairs of targets that it predicts too; nil for none.
  public var density: DensitySpec?
  /// How it is trained where the command line does not say otherwise.
  public var training: TrainingSettings

  public init(
    name: String, description: String = "", gridSize: Int = 6, samples: Int = 128,
    activation: Activation = .silu, encoder: [LayerSpec] = [], stations: [LayerSpec] = [],
    grid: [LayerSpec] = [], event: [LayerSpec] = [], inputs: Inputs = Inputs(),
    targets: [String] = NetworkTarget.standard, loss: Loss = .meanSquare,
    density: DensitySpec? = nil, training: TrainingSettings = TrainingSettings()
  ) {
    self.name = name
    self.description = description
    self.gridSize = gridSize
    self.samples = samples
    self.activation = activation
    self.encoder = encoder
    self.stations = stations
    self.grid = grid
    self.event = event
    self.inputs = inputs
    self.targets = targets
    self.loss = loss
    self.density = density
    self.training = training
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func layers(_ key: CodingKeys) throws -> [LayerSpec] {
      try container.decodeIfPresent([LayerSpec].self, forKey: key) ?? []
    }
    self.init(
      name: try container.decode(String.self, forKey: .name),
      description: try container.decodeIfPresent(String.self, forKey: .description) ?? "",
      gridSize: try container.decodeIfPresent(Int.self, forKey: .gridSize) ?? 6,
      samples: try container.decodeIfPresent(Int.self, forKey: .samples) ?? 128,
      activation: try container.decodeIfPresent(Activation.self, forKey: .activation) ?? .silu,
      encoder: try layers(.encoder), stations: try layers(.stations), grid: try layers(.grid),
      event: try layers(.event), inputs: try container.decode(Inputs.self, forKey: .inputs),
      targets: try container.decode([String].self, forKey: .targets),
      loss: try container.decodeIfPresent(Loss.self, forKey: .loss) ?? .meanSquare,
      density: try container.decodeIfPresent(DensitySpec.self, forKey: .density),
      training: try container.decodeIfPresent(TrainingSettings.self, forKey: .training)
        ?? TrainingSettings())
  }

  var cellCount: Int { gridSize * gridSize }
  var readsWaveforms: Bool { !encoder.isEmpty }
  var readsCells: Bool { !grid.isEmpty }
  /// Whether it needs the columns and rows of a square grid: for layers over the cells, and for
  /// stations that look at each other by relative place.
  public var needsGrid: Bool {
    let ofPlaces = [AttentionLayer.name, MessageLayer.name]
    return readsCells || stations.contains { ofPlaces.contains($0.layer) }
  }
  /// Whether stations enter one by one.
  var readsStations: Bool { readsWaveforms || readsCells || !stations.isEmpty }
  /// Numbers that the network gives for an event.
  var outputCount: Int {
    (loss == .gaussian ? 2 * targets.count : targets.count) + (density?.outputCount ?? 0)
  }

  /// Checks that every number makes sense, every name is known and every layer fits the one before.
  ///
  /// - Throws: `NetworkError.invalidSpecification` with the key and what to do.
  public func validate(source: String = "network specification") throws(NetworkError) {
    func refuse(_ key: String, _ remedy: String) -> NetworkError {
      .invalidSpecification(source: source, key: key, remedy: remedy)
    }
    guard !name.isEmpty else { throw refuse("name", "give the network a name") }
    guard (4...8).contains(gridSize) else { throw refuse("gridSize", "must be 4 to 8") }
    guard (128...512).contains(samples) else { throw refuse("samples", "must be 128 to 512") }
    guard !targets.isEmpty else { throw refuse("targets", "must have at least one name") }
    try check(inputs.cell, among: CellInput.all.map(\.name), key: "inputs.cell", source: source)
    try check(
      inputs.station, among: StationInput.all.map(\.name), key: "inputs.station", source: source)
    try check(inputs.event, among: EventInput.all.map(\.name), key: "inputs.event", source: source)
    try check(targets, among: NetworkTarget.all.map(\.name), key: "targets", source: source)
    guard readsCells || inputs.cell.isEmpty else {
      throw refuse("inputs.cell", "no layer sees the cells: leave the names out, or add a grid")
    }
    guard readsStations || inputs.station.isEmpty else {
      throw refuse(
        "inputs.station", "no layer sees the stations: leave the names out, or add layers")
    }
    guard readsStations || !inputs.event.isEmpty else {
      throw refuse("inputs.event", "the network sees nothing: name some inputs")
    }
    guard !(readsStations && !readsWaveforms && inputs.station.isEmpty) else {
      throw refuse("inputs.station", "the layers see nothing of the stations: name some inputs")
    }
    if let (key, remedy) = densityProblem { throw refuse(key, remedy) }
    if let (key, remedy) = training.problem { throw refuse("training.\(key)", remedy) }
    do { _ = try NetworkProgram(spec: self, seed: 1) } catch {
      guard case .invalidSpecification(_, let key, let remedy) = error else { throw error }
      throw refuse(key, remedy)
    }
  }

  private func check(
    _ names: [String], among known: [String], key: String, source: String
  ) throws(NetworkError) {
    for (index, name) in names.enumerated() where !known.contains(name) {
      throw .invalidSpecification(
        source: source, key: "\(key)[\(index)]",
        remedy: "unknown name \"\(name)\", did you mean \"\(nearestName(to: name, in: known))\"?")
    }
    for (index, name) in names.enumerated() where names[..<index].contains(name) {
      throw .invalidSpecification(
        source: source, key: "\(key)[\(index)]", remedy: "\"\(name)\" is given twice")
    }
  }
}

extension NetworkSpec {
  /// Whether the network sees waveforms, by their samples or by numbers of them; else it is a
  /// control.
  public var usesWaveforms: Bool {
    !encoder.isEmpty || !TraceFeatures.names.isDisjoint(with: inputs.station)
  }
}
