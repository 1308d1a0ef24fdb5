import Glibc
internal import ShowerModel

/// A network as TorchScript source text with its parameters, from a specification.
///
/// One definition serves training, the file and Python. Layout: rows of values, no transposition.
/// `forward(traces [S, T, 2], stations [S, F], station_cells [S], cells [B * N * N, F], events [B, F])`
/// gives `[B, targets]`. S counts the stations with a waveform of all B events; `station_cells` says
/// where in the B * N * N cells each belongs. So waveforms cost only where there are some.
struct NetworkProgram {
  private(set) var source = ""
  private(set) var parameters: [TorchModule.Parameter] = []
  private var random: CounterRandom
  private let spec: NetworkSpec

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
  init(spec: NetworkSpec, seed: UInt64) {
    self.spec = spec
    random = CounterRandom(seed: seed, event: 0, stream: 200)
    let widths = Widths(spec: spec)
    line("def forward(self, traces, stations, station_cells, cells, events):", indent: 0)
    line("batch = events.size(0)")
    let stationWidth = writeStations(widths)
    writeCells(widths, stationWidth: stationWidth)
    writeGrid()
    writeDense(widths)
  }

  // MARK: - Parts of the network

  /// The encoder, the same for every station, joined with the station's other inputs.
  private mutating func writeStations(_ widths: Widths) -> Int {
    guard let encoder = spec.encoder else {
      line("features = stations")
      return widths.station
    }
    line("count = traces.size(0)")
    var (length, channels) = (spec.samples, 2)
    line("x = traces.reshape(count, \(length * channels))")
    for (index, layer) in encoder.layers.enumerated() {
      let steps = (length + layer.stride - 1) / layer.stride
      let padding = (steps - 1) * layer.stride + layer.kernel - length
      if padding > 0 { line("x = torch.constant_pad_nd(x, [0, \(padding * channels)])") }
      if layer.kernel == layer.stride {
        // Windows do not overlap: they are the rows of the array as it lies in memory.
        line("x = x.reshape(count * \(steps), \(layer.kernel * channels))")
      } else {
        line(
          "x = x.unfold(1, \(layer.kernel * channels), \(layer.stride * channels))"
            + ".reshape(count * \(steps), \(layer.kernel * channels))")
      }
      linear("time\(index)", from: layer.kernel * channels, to: layer.channels)
      (length, channels) = (steps, layer.channels)
      line("x = x.reshape(count, \(length * channels))")
    }
    linear("trace", from: length * channels, to: encoder.features)
    line("features = torch.cat([stations, x], 1)")
    return widths.station + encoder.features
  }

  /// All cells: where no waveform is, zeros; every cell also sees the inputs of the event.
  private mutating func writeCells(_ widths: Widths, stationWidth: Int) {
    let cells = spec.cellCount
    line("image = events.new_zeros([batch * \(cells), \(stationWidth)])")
    line("image = image.index_copy(0, station_cells, features)")
    line("x = torch.cat([cells, image], 1)")
    let width = spec.cellChannels
    let fanIn = widths.cell + stationWidth + widths.event
    weight("cell", [widths.cell + stationWidth, width], fanIn: fanIn)
    weight("cell_event", [widths.event, width], fanIn: fanIn)
    line("x = torch.addmm(self.cell_bias, x, self.cell_weight).reshape(batch, \(cells), \(width))")
    line("x = x + torch.mm(events, self.cell_event_weight).unsqueeze(1)")
    parameters.append(
      .init(name: "cell_bias", shape: [width], values: [Float](repeating: 0, count: width)))
    line("x = \(activation("x"))")
  }

  /// Convolutions over the grid; the rows of cells are an image in "channels last" order.
  private mutating func writeGrid() {
    let n = spec.gridSize
    var channels = spec.cellChannels
    line("x = x.reshape(batch, \(n), \(n), \(channels)).permute([0, 3, 1, 2])")
    for (index, layer) in spec.grid.enumerated() {
      let name = "grid\(index)"
      line("y = x")
      if layer.separable {
        convolution(name + "_depth", kernel: 3, from: channels, to: channels, groups: channels)
        convolution(name, kernel: 1, from: channels, to: layer.channels, groups: 1)
      } else {
        convolution(name, kernel: 3, from: channels, to: layer.channels, groups: 1)
      }
      line("y = \(activation("y"))")
      line(layer.residual ? "x = x + y" : "x = y")
      channels = layer.channels
    }
    line("x = x.permute([0, 2, 3, 1]).reshape(batch * \(n * n), \(channels))")
    linear("join", from: channels, to: spec.joinedChannels)
    line("x = x.reshape(batch, \(n * n * spec.joinedChannels))")
  }

  private mutating func writeDense(_ widths: Widths) {
    line("x = torch.cat([x, events], 1)")
    var width = spec.cellCount * spec.joinedChannels + widths.event
    for (index, size) in spec.dense.enumerated() {
      if spec.dropout > 0 { line("x = torch.dropout(x, \(spec.dropout), self.training)") }
      linear("dense\(index)", from: width, to: size)
      width = size
    }
    // Small first outputs: training starts from the standard result.
    weight(NetworkProgram.output, [width, spec.targets.count], fanIn: width, gain: 0.1)
    bias(NetworkProgram.output, spec.targets.count)
    line("return torch.addmm(self.output_bias, x, self.output_weight)")
  }

  /// Name of the last layer.
  static let output = "output"

  // MARK: - Lines and parameters

  private mutating func line(_ text: String, indent: Int = 1) {
    source += String(repeating: "    ", count: indent) + text + "\n"
  }

  private func activation(_ name: String) -> String {
    switch spec.activation {
    case .silu: "torch.silu(\(name))"
    case .relu: "torch.relu(\(name))"
    }
  }

  /// x = activation(x W + b), x `[rows, from]`.
  private mutating func linear(_ name: String, from: Int, to: Int) {
    weight(name, [from, to], fanIn: from)
    bias(name, to)
    line("x = " + activation("torch.addmm(self.\(name)_bias, x, self.\(name)_weight)"))
  }

  /// y = convolution of y, same size, zeros beyond the border.
  private mutating func convolution(
    _ name: String, kernel: Int, from: Int, to: Int, groups: Int
  ) {
    weight(name, [to, from / groups, kernel, kernel], fanIn: from / groups * kernel * kernel)
    bias(name, to)
    let pad = kernel / 2
    line(
      "y = torch.conv2d(y, self.\(name)_weight, self.\(name)_bias, "
        + "[1, 1], [\(pad), \(pad)], [1, 1], \(groups))")
  }

  /// Uniform within sqrt(6 / fan-in) (He et al., arXiv:1502.01852).
  private mutating func weight(_ name: String, _ shape: [Int], fanIn: Int, gain: Double = 1) {
    let bound = gain * (6 / Double(max(fanIn, 1))).squareRoot()
    let values = (0..<shape.reduce(1, *)).map { _ in Float(random.uniform(-bound..<bound)) }
    parameters.append(.init(name: name + "_weight", shape: shape, values: values))
  }

  private mutating func bias(_ name: String, _ size: Int) {
    parameters.append(
      .init(name: name + "_bias", shape: [size], values: [Float](repeating: 0, count: size)))
  }
}
