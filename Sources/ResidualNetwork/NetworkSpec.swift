import ShowerModel

/// What a network looks like: the size of its image, its layers, its inputs and targets.
///
/// Read from `tables/networks/NAME.json`, and kept in every network file.
public struct NetworkSpec: Sendable, Equatable, Codable {
  /// What happens between layers.
  public enum Activation: String, Sendable, Codable, CaseIterable {
    case silu
    case relu
  }

  /// One convolution over time.
  public struct TimeLayer: Sendable, Equatable, Codable {
    /// Samples (or outputs of the layer before) that it looks at.
    public var kernel: Int
    /// Step between two outputs; the input is padded by zeros at its end.
    public var stride: Int
    /// Number of outputs at each step.
    public var channels: Int

    public init(kernel: Int, stride: Int, channels: Int) {
      self.kernel = kernel
      self.stride = stride
      self.channels = channels
    }
  }

  /// What turns the waveform of a station into features; the same weights for all stations.
  public struct Encoder: Sendable, Equatable, Codable {
    public var layers: [TimeLayer]
    /// Features a station.
    public var features: Int

    public init(layers: [TimeLayer], features: Int) {
      self.layers = layers
      self.features = features
    }
  }

  /// One 3 x 3 convolution over the grid of stations.
  public struct GridLayer: Sendable, Equatable, Codable {
    public var channels: Int
    /// Neighbours and channels are mixed one after the other: a ninth of the work.
    public var separable: Bool
    /// Adds its input to its output; needs equal channels.
    public var residual: Bool

    public init(channels: Int, separable: Bool = false, residual: Bool = false) {
      self.channels = channels
      self.separable = separable
      self.residual = residual
    }
  }

  /// Names out of `CellInput.all`, `StationInput.all`, `EventInput.all`.
  public struct Inputs: Sendable, Equatable, Codable {
    public var cell: [String]
    public var station: [String]
    public var event: [String]

    public init(
      cell: [String] = CellInput.all.map(\.name), station: [String] = StationInput.all.map(\.name),
      event: [String] = EventInput.all.map(\.name)
    ) {
      self.cell = cell
      self.station = station
      self.event = event
    }
  }

  public var name: String
  public var description: String
  /// Stations along an edge of the image, N = 4...8.
  public var gridSize: Int
  /// Samples of a waveform, T = 128...512.
  public var samples: Int
  /// nil: no waveforms.
  public var encoder: Encoder?
  /// Channels of a cell before the first convolution.
  public var cellChannels: Int
  public var grid: [GridLayer]
  /// Channels of a cell after the last convolution, before all cells are joined.
  public var joinedChannels: Int
  /// Sizes of the dense layers before the output.
  public var dense: [Int]
  public var activation: Activation
  /// Part of the values set to zero before each dense layer in training.
  public var dropout: Double
  public var inputs: Inputs
  /// Names out of `Residual.all`.
  public var targets: [String]

  public init(
    name: String, description: String = "", gridSize: Int = 6, samples: Int = 128,
    encoder: Encoder?, cellChannels: Int, grid: [GridLayer], joinedChannels: Int, dense: [Int],
    activation: Activation = .silu, dropout: Double = 0, inputs: Inputs = Inputs(),
    targets: [String] = NetworkTarget.all.map(\.name)
  ) {
    self.name = name
    self.description = description
    self.gridSize = gridSize
    self.samples = samples
    self.encoder = encoder
    self.cellChannels = cellChannels
    self.grid = grid
    self.joinedChannels = joinedChannels
    self.dense = dense
    self.activation = activation
    self.dropout = dropout
    self.inputs = inputs
    self.targets = targets
  }

  var cellCount: Int { gridSize * gridSize }

  /// Checks that every number makes sense and every name is known.
  ///
  /// - Throws: `NetworkError.invalidSpecification` with the key and what to do.
  public func validate(source: String = "network specification") throws(NetworkError) {
    func refuse(_ key: String, _ remedy: String) -> NetworkError {
      .invalidSpecification(source: source, key: key, remedy: remedy)
    }
    guard !name.isEmpty else { throw refuse("name", "give the network a name") }
    guard (4...8).contains(gridSize) else { throw refuse("gridSize", "must be 4 to 8") }
    guard (128...512).contains(samples) else { throw refuse("samples", "must be 128 to 512") }
    let widths =
      [("cellChannels", cellChannels), ("joinedChannels", joinedChannels)]
      + dense.map { ("dense", $0) } + grid.map { ("grid.channels", $0.channels) }
      + (encoder.map { encoder in
        [("encoder.features", encoder.features)]
          + encoder.layers.map { ("encoder.layers.channels", $0.channels) }
      } ?? [])
    for (key, width) in widths where !(1...4096).contains(width) {
      throw refuse(key, "must be 1 to 4096")
    }
    var length = samples
    for layer in encoder?.layers ?? [] {
      guard layer.stride >= 1, layer.kernel >= layer.stride, layer.kernel <= length else {
        throw refuse("encoder.layers", "need 1 <= stride <= kernel <= \(length) samples")
      }
      length = (length + layer.stride - 1) / layer.stride
    }
    var channels = cellChannels
    for layer in grid {
      guard !layer.residual || layer.channels == channels else {
        throw refuse("grid.residual", "needs \(channels) channels, as the layer before")
      }
      channels = layer.channels
    }
    guard (0..<1).contains(dropout) else { throw refuse("dropout", "must be in 0..<1") }
    guard !targets.isEmpty else { throw refuse("targets", "name at least one") }
    try check(inputs.cell, among: CellInput.all.map(\.name), key: "inputs.cell", source: source)
    try check(
      inputs.station, among: StationInput.all.map(\.name), key: "inputs.station", source: source)
    try check(inputs.event, among: EventInput.all.map(\.name), key: "inputs.event", source: source)
    try check(targets, among: NetworkTarget.all.map(\.name), key: "targets", source: source)
  }

  private func check(
    _ names: [String], among known: [String], key: String, source: String
  ) throws(NetworkError) {
    for name in names where !known.contains(name) {
      throw .invalidSpecification(
        source: source, key: key,
        remedy: "unknown name \"\(name)\", did you mean \"\(nearestName(to: name, in: known))\"?")
    }
    guard Set(names).count == names.count else {
      throw .invalidSpecification(source: source, key: key, remedy: "a name is given twice")
    }
  }
}
