import Glibc
internal import ShowerModel

/// A network as TorchScript source text with its parameters, from a specification.
///
/// One definition serves training, the file and Python. Layout: rows of values, no transposition.
/// The arguments of `forward` are `traces [S, T, 2]`, `stations [S, F]`, `station_cells [S]`,
/// `cells [B * N * N, F]` and `events [B, F]`; it gives `[B, outputs]`. S counts the stations with
/// a waveform of all B events, event after event; `station_cells` says where in the B * N * N cells
/// each belongs, and so to which event. Waveforms cost only where there are some.
///
/// The value at hand is `x` throughout; layers may use `y` as they like.
struct NetworkProgram {
  private(set) var source = ""
  private(set) var parameters: [TorchModule.Parameter] = []
  let spec: NetworkSpec
  let widths: Widths

  /// What the rows of `x` are, and the numbers in a row (at a time, where there are times).
  var rows = LayerRows.events
  var width = 0

  /// The line of the specification that is being written, as `grid[2]`.
  var place = ""
  var prefix = ""
  private var activationAtHand: NetworkSpec.Activation
  /// L2 of the layer at hand.
  private var penalty = 0.0
  /// Values that several layers need, written once.
  private var written: Set<String> = []
  private var random: CounterRandom

  /// Widths of the rows of inputs.
  struct Widths: Equatable {
    let cell: Int
    let station: Int
    let event: Int

    init(spec: NetworkSpec) {
      func width<View>(_ inputs: [ImageInput<View>]) -> Int { inputs.reduce(0) { $0 + $1.width } }
      cell = width(CellInput.all.named(spec.inputs.cell))
      station = width(StationInput.all.named(spec.inputs.station))
      event = width(EventInput.all.named(spec.inputs.event))
    }
  }

  /// Writes the program; the parameters start from numbers of the seed alone.
  ///
  /// - Throws: `invalidSpecification` naming the layer that does not fit, and why.
  init(spec: NetworkSpec, seed: UInt64) throws(NetworkError) {
    self.spec = spec
    widths = Widths(spec: spec)
    activationAtHand = spec.activation
    random = CounterRandom(seed: seed, event: 0, stream: .initialWeights)
    line("def forward(self, traces, stations, station_cells, cells, events):", indent: 0)
    line("batch = events.size(0)")
    try writeStations()
    try writeCells()
    try writeEvent()
  }

  // MARK: - Parts of the network

  /// The encoder, the same for every station, joined with the station's other inputs.
  private mutating func writeStations() throws(NetworkError) {
    guard spec.readsStations else { return }
    line("count = stations.size(0)")
    if spec.readsWaveforms {
      (rows, width) = (.times(spec.samples), 2)
      line("x = traces.reshape(count, \(2 * spec.samples))")
      try write(.encoder, spec.encoder)
      if case .times(let steps) = rows { width *= steps }
      line("x = torch.cat([stations, x], 1)")
      width += widths.station
    } else {
      line("x = stations")
      width = widths.station
    }
    rows = .stations
    try write(.stations, spec.stations)
  }

  /// All cells: where no waveform is, zeros.
  private mutating func writeCells() throws(NetworkError) {
    guard !spec.grid.isEmpty else {
      guard rows == .events else {
        throw .invalidSpecification(
          source: "",
          key: spec.stations.isEmpty ? "stations" : "stations[\(spec.stations.count - 1)]",
          remedy: "end the stations with a \"summary\", or add a grid")
      }
      return
    }
    guard rows == .stations else {
      throw .invalidSpecification(
        source: "", key: "grid",
        remedy: "the stations end in a \"summary\" already: leave out that or the grid")
    }
    let cells = spec.cellCount
    line("image = events.new_zeros([batch * \(cells), \(width)]).index_copy(0, station_cells, x)")
    line("x = torch.cat([cells, image], 1)")
    width += widths.cell
    rows = .cells(edge: spec.gridSize)
    try write(.grid, spec.grid)
    guard rows == .events else {
      throw .invalidSpecification(
        source: "", key: "grid[\(spec.grid.count - 1)]",
        remedy: "end the grid with \"flatten\" or \"summary\"")
    }
  }

  private mutating func writeEvent() throws(NetworkError) {
    line(width == 0 ? "x = events" : "x = torch.cat([x, events], 1)")
    width += widths.event
    rows = .events
    try write(.event, spec.event)
    (place, prefix, penalty) = ("event", NetworkProgram.output, 0)
    // Small first outputs: training starts from the standard result.
    let outputs = spec.outputCount - (spec.density?.outputCount ?? 0)
    let weight = weight("", [width, outputs], fanIn: width, gain: 0.1)
    let bias = bias("", outputs)
    if spec.density != nil { line("features = x") }
    line("x = torch.addmm(\(bias), x, \(weight))")
    if spec.loss == .gaussian {
      let targets = spec.targets.count
      line("means = x.narrow(1, 0, \(targets))")
      line("sigmas = torch.clamp(x.narrow(1, \(targets), \(targets)), -5., 3.)")
      let densities = writeDensities()
      line("x = torch.cat([\((["means", "sigmas"] + densities).joined(separator: ", "))], 1)")
    }
    line("return x")
  }

  /// Name of the last layer.
  static let output = "output"

  private mutating func write(
    _ stage: NetworkStage, _ layers: [LayerSpec]
  ) throws(NetworkError) {
    for (index, layer) in layers.enumerated() {
      place = "\(stage.rawValue)[\(index)]"
      prefix = "\(stage.rawValue)\(index)"
      guard stage == .event || rows != .events else {
        throw .invalidSpecification(
          source: "", key: place, remedy: "the layer before has ended the \(stage.rawValue)")
      }
      guard let kind = stage.layers.first(where: { $0.name == layer.layer }) else {
        let names = stage.layers.map { $0.name }
        throw refuse(
          "layer",
          "unknown layer \"\(layer.layer)\", did you mean "
            + "\"\(nearestName(to: layer.layer, in: names))\"? "
            + "Here are \(names.joined(separator: ", "))"
        )
      }
      var values = LayerValues(layer, place: place)
      activationAtHand = try values.choice("activation", default: spec.activation)
      penalty = try values.number("l2", in: 0...10, default: 0)
      let written = try kind.init(&values)
      try values.checkAllRead()
      try written.write(to: &self)
    }
  }

  // MARK: - What layers write with

  /// Appends a line of source.
  mutating func line(_ text: String, indent: Int = 1) {
    source += String(repeating: "    ", count: indent) + text + "\n"
  }

  /// The error that a value of the layer at hand cannot be used.
  func refuse(_ key: String, _ remedy: String) -> NetworkError {
    .invalidSpecification(source: "", key: "\(place).\(key)", remedy: remedy)
  }

  /// The layer's activation of an expression.
  func activation(_ expression: String) -> String {
    switch activationAtHand {
    case .silu: "torch.silu(\(expression))"
    case .relu: "torch.relu(\(expression))"
    case .none: expression
    }
  }

  /// y = x W + b, x `[rows, from]`.
  mutating func linear(_ name: String = "", from: Int, to: Int, fanIn: Int? = nil) {
    let weight = weight(name, [from, to], fanIn: fanIn ?? from)
    let bias = bias(name, to)
    line("y = torch.addmm(\(bias), x, \(weight))")
  }

  /// A learnable array, uniform within sqrt(6 / fan-in) (He et al., arXiv:1502.01852); gives its
  /// name.
  mutating func weight(_ name: String, _ shape: [Int], fanIn: Int, gain: Double = 1) -> String {
    let bound = gain * (6 / Double(max(fanIn, 1))).squareRoot()
    let values = (0..<shape.reduce(1, *)).map { _ in Float(random.uniform(-bound..<bound)) }
    return parameter(name + "_weight", shape, values, penalty: penalty)
  }

  /// A learnable row of equal numbers; gives its name.
  mutating func bias(_ name: String, _ size: Int, value: Float = 0) -> String {
    parameter(name + "_bias", [size], [Float](repeating: value, count: size))
  }

  /// A learnable array of the layer at hand; gives its name.
  mutating func parameter(
    _ name: String, _ shape: [Int], _ values: [Float], penalty: Double = 0
  ) -> String {
    let full = name.hasPrefix("_") ? prefix + name : "\(prefix)_\(name)"
    parameters.append(.init(name: full, shape: shape, values: values, penalty: penalty))
    return "self.\(full)"
  }

  // MARK: - Values that several layers need

  /// Event of each station with a waveform.
  mutating func stationEvents() -> String {
    once("station_events") {
      $0.line(
        "station_events = torch.div(station_cells, \($0.spec.cellCount), rounding_mode=\"floor\")")
    }
  }

  /// Stations with a waveform of each event.
  private mutating func stationCounts() -> String {
    let events = stationEvents()
    return once("station_counts") {
      $0.line("station_counts = torch.bincount(\(events), minlength=batch)")
    }
  }

  /// 0 at the cells with a waveform, -10000 at the others: what softmax passes over.
  mutating func stationMask() -> String {
    once("station_mask") {
      $0.line(
        "station_mask = events.new_full([batch * \($0.spec.cellCount)], -1e4)"
          + ".index_fill(0, station_cells, 0.)")
    }
  }

  /// Number of the difference in column and row of every pair of cells.
  mutating func gridOffsets() -> String {
    let (n, places) = (spec.gridSize, 2 * spec.gridSize - 1)
    return once("offsets") {
      $0.line("cell = torch.arange(\(n * n), device=events.device)")
      $0.line("row = torch.div(cell, \(n), rounding_mode=\"floor\")")
      $0.line("column = cell - \(n) * row")
      $0.line("rows = row.unsqueeze(0) - row.unsqueeze(1) + \(n - 1)")
      $0.line("columns = column.unsqueeze(0) - column.unsqueeze(1) + \(n - 1)")
      $0.line("offsets = (rows * \(places) + columns).reshape(\(n * n * n * n))")
    }
  }

  /// Sums over the stations of each event of an expression with some columns: `[batch, columns]`.
  mutating func segmentSum(_ expression: String, columns: Int) -> String {
    segments(expression, "sum", columns: columns)
  }

  /// Stations of an event lie one after another.
  private mutating func segments(_ expression: String, _ reduction: String, columns: Int) -> String
  {
    Self.segments(
      expression, reduction, lengths: stationCounts(), rows: "count",
      empty: "events.new_zeros([batch, \(columns)])")
  }

  /// Sums or largest values of rows that lie one after another; libtorch refuses to make any of no
  /// rows at all.
  static func segments(
    _ expression: String, _ reduction: String, lengths: String, rows: String, empty: String
  ) -> String {
    // Sums of many rows are made in float32 whatever the precision; libtorch has no others.
    "(torch.segment_reduce((\(expression)).float(), \"\(reduction)\", lengths=\(lengths), "
      + "unsafe=True) if \(rows) > 0 else \(empty))"
  }

  /// Mean of x over the stations of each event, or its working cells: `[batch, width]`.
  mutating func mean() throws(NetworkError) -> String {
    if case .cells(let edge) = rows {
      if let mask = try cellMask(edge: edge) {
        line("mean = (x * \(mask)).reshape(batch, \(edge * edge), \(width)).sum(1)")
        line("mean = mean / \(mask).reshape(batch, \(edge * edge)).sum(1, True).clamp(min=1.)")
      } else {
        line("mean = x.reshape(batch, \(edge * edge), \(width)).mean(1)")
      }
    } else {
      let counts = stationCounts()
      line("mean = \(segmentSum("x", columns: width)) / \(counts).clamp(min=1).unsqueeze(1)")
    }
    return "mean"
  }

  /// Largest x over the stations of each event, or its working cells; 0 where there is none.
  mutating func largest() throws(NetworkError) -> String {
    if case .cells(let edge) = rows {
      if let mask = try cellMask(edge: edge) {
        line("largest = x.masked_fill(\(mask) == 0., -1e4)")
        line("largest = largest.reshape(batch, \(edge * edge), \(width)).amax(1)")
        line("largest = largest.masked_fill(largest <= -1e4, 0.)")
      } else {
        line("largest = x.reshape(batch, \(edge * edge), \(width)).amax(1)")
      }
    } else {
      let counts = stationCounts()
      line("largest = \(segments("x", "max", columns: width))")
      line("largest = largest.masked_fill(\(counts).unsqueeze(1) == 0, 0.)")
    }
    return "largest"
  }

  /// 1 at working stations; nil where cells no longer are single stations.
  private mutating func cellMask(edge: Int) throws(NetworkError) -> String? {
    guard edge == spec.gridSize else { return nil }
    let name = CellInput.alive
    guard let index = spec.inputs.cell.firstIndex(of: name) else {
      throw refuse("of", "needs \"\(name)\" among inputs.cell")
    }
    let column = CellInput.all.named(Array(spec.inputs.cell[..<index])).reduce(0) { $0 + $1.width }
    return once("alive") { $0.line("alive = cells.narrow(1, \(column), 1)") }
  }

  /// Writes the lines of a value at its first use; gives its name.
  mutating func once(_ name: String, _ write: (inout NetworkProgram) -> Void) -> String {
    if written.insert(name).inserted { write(&self) }
    return name
  }
}
