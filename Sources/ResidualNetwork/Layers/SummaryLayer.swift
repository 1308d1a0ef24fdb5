/// All stations with a waveform, or all working stations of the grid, as one row of the event.
struct SummaryLayer: NetworkLayer {
  enum Term: String, CaseIterable {
    case mean
    case max
    /// Mean with weights that a query of the event's inputs gives to each station (heads as in
    /// `attention`).
    case attention
  }

  static let name = "summary"
  let terms: [Term]
  let heads: Int

  init(_ values: inout LayerValues) throws(NetworkError) {
    terms = try values.choices("of")
    heads = terms.contains(.attention) ? try values.integer("heads", in: 1...64, default: 4) : 1
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    var parts: [String] = []
    for term in terms {
      switch term {
      case .mean: parts.append(try program.mean())
      case .max: parts.append(try program.largest())
      case .attention: parts.append(try attend(&program))
      }
    }
    program.line(
      parts.count == 1 ? "x = \(parts[0])" : "x = torch.cat([\(parts.joined(separator: ", "))], 1)")
    program.width *= parts.count
    program.rows = .events
  }

  /// softmax over the stations of an event of k.q / sqrt(d), in segments: no padding.
  private func attend(_ program: inout NetworkProgram) throws(NetworkError) -> String {
    guard program.rows == .stations else {
      throw program.refuse("of", "attention is for the stations, not for the grid")
    }
    let width = program.width
    guard program.widths.event > 0 else {
      throw program.refuse("of", "attention needs names in inputs.event for its query")
    }
    guard width % heads == 0 else {
      throw program.refuse("heads", "must divide the size \(width) of what comes before")
    }
    let event = program.stationEvents()
    let inputs = program.widths.event
    let key = program.weight("key", [width, width], fanIn: width)
    let query = program.weight("query", [inputs, width], fanIn: inputs)
    let bias = program.bias("query", width, value: 1)
    let value = program.weight("value", [width, width], fanIn: width)
    program.line("query = torch.addmm(\(bias), events, \(query)).index_select(0, \(event))")
    program.line("y = torch.mm(x, \(key)) * query")
    program.line("y = y.reshape(count, \(heads), \(width / heads)).sum(2)")
    // No largest value to be taken off: nothing overflows within these bounds.
    program.line(
      "y = torch.exp(torch.clamp(y * \(1 / Double(width / heads).squareRoot()), -30., 30.))")
    program.line("total = \(program.segmentSum("y", columns: heads)).index_select(0, \(event))")
    program.line(
      "y = torch.mm(x, \(value)).reshape(count, \(heads), \(width / heads))"
        + " * (y / total).unsqueeze(2)"
    )
    program.line("attended = \(program.segmentSum("y.reshape(count, \(width))", columns: width))")
    return "attended"
  }
}
