/// Stations send messages to the stations beside them (message passing on a graph, Gilmer et al.,
/// arXiv:1704.01212).
///
/// Stations with a waveform are joined where their cells touch, also at a corner.
///
/// x_i + W_2 f(W_1 [x_i, m_i] + b_1) + b_2, with m_i the mean over the neighbours j of
/// f(A x_i + B x_j + c(side of j) + b). f is the layer's activation; 0 where nobody is beside.
struct MessageLayer: NetworkLayer {
  static let name = "messages"
  /// Numbers in a message.
  let size: Int

  init(_ values: inout LayerValues) throws(NetworkError) {
    size = try values.integer("size", in: 1...4096)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    let width = program.width
    let own = program.weight("own", [width, size], fanIn: 2 * width)
    let ownBias = program.bias("own", size)
    let other = program.weight("other", [width, size], fanIn: 2 * width)
    let side = program.weight("side", [8, size], fanIn: 8)
    program.writeNeighbours()
    program.line("other = torch.mm(x, \(other)).index_select(0, edge_from)")
    program.line("y = torch.addmm(\(ownBias), x, \(own)).index_select(0, edge_to) + other")
    program.line("y = \(program.activation("y + \(side).index_select(0, edge_side)"))")
    program.line("y = \(program.neighbourMean("y", columns: size))")
    let update = program.weight("update", [width, size], fanIn: width + size)
    let updateBias = program.bias("update", size)
    let message = program.weight("message", [size, size], fanIn: width + size)
    program.line("y = torch.mm(y, \(message)) + torch.addmm(\(updateBias), x, \(update))")
    program.line("y = \(program.activation("y"))")
    let out = program.weight("out", [size, width], fanIn: size, gain: 0.5)
    let outBias = program.bias("out", width)
    program.line("x = x + torch.addmm(\(outBias), y, \(out))")
  }
}

extension NetworkProgram {
  /// The edges of the graph, ordered by the station that they lead to.
  ///
  /// `edge_from` and `edge_to` are rows of stations, `edge_side` is one of eight directions, and
  /// `edge_counts` is the number of neighbours of each station.
  fileprivate mutating func writeNeighbours() {
    let events = stationEvents()
    // A frame one cell wider on all sides: no neighbour is looked for beyond the grid.
    let (n, wide) = (spec.gridSize, spec.gridSize + 2)
    let sides = (-1...1).flatMap { row in (-1...1).map { wide * row + $0 } }.filter { $0 != 0 }
    _ = once("edges") {
      $0.line("cell = station_cells - \(n * n) * \(events)")
      $0.line("row = torch.div(cell, \(n), rounding_mode=\"floor\")")
      $0.line("cell = \(wide * wide) * \(events) + \(wide + 1) + \(wide) * row + cell - \(n) * row")
      $0.line("station_in = station_cells.new_full([batch * \(wide * wide)], -1)")
      $0.line(
        "station_in = station_in.index_copy(0, cell, torch.arange(count, device=events.device))")
      $0.line("sides = torch.tensor(\(sides), device=events.device)")
      $0.line("beside = (cell.unsqueeze(1) + sides).reshape(8 * count)")
      $0.line("beside = station_in.index_select(0, beside)")
      $0.line("edges = torch.nonzero(beside >= 0).reshape(-1)")
      $0.line("edge_from = beside.index_select(0, edges)")
      $0.line("edge_to = torch.div(edges, 8, rounding_mode=\"floor\")")
      $0.line("edge_side = edges - 8 * edge_to")
      $0.line("edge_counts = torch.bincount(edge_to, minlength=count)")
    }
  }

  /// Mean of an expression of the edges over those that lead to each station.
  fileprivate func neighbourMean(_ expression: String, columns: Int) -> String {
    let sum = Self.segments(
      expression, "sum", lengths: "edge_counts", rows: "edges.size(0)",
      empty: "events.new_zeros([count, \(columns)])")
    return "\(sum) / edge_counts.clamp(min=1).unsqueeze(1)"
  }
}
