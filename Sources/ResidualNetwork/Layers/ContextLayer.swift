/// A dense layer that sees its own row and the event to which the row belongs. Of the event it sees
/// the inputs, or the mean and largest values of all its rows.
///
/// y = f(x W + b + sum over terms of c_event W_term). This is the function of a dense layer with
/// the terms written into every row, at a tenth of the work.
struct ContextLayer: NetworkLayer {
  enum Term: String, CaseIterable {
    /// The inputs of the event.
    case event
    /// Mean and largest values over the stations with a waveform, or over the working stations of
    /// the grid.
    case mean
    case max
  }

  static let name = "context"
  let size: Int
  let terms: [Term]
  let residual: Bool
  /// Looks at rows brought to mean 0 and variance 1 (layer normalisation), but adds to them as they
  /// are.
  let normalised: Bool

  init(_ values: inout LayerValues) throws(NetworkError) {
    size = try values.integer("size", in: 1...4096)
    terms = try values.choices("of")
    residual = try values.flag("residual", default: false)
    normalised = try values.flag("normalised", default: false)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    let width = program.width
    guard !residual || size == width else {
      throw program.refuse("residual", "needs the size \(width) of what comes before")
    }
    guard !terms.contains(.event) || program.widths.event > 0 else {
      throw program.refuse("of", "\"event\" needs names in inputs.event")
    }
    let widths = terms.map { $0 == .event ? program.widths.event : width }
    let fanIn = width + widths.reduce(0, +)
    if residual { program.line("kept = x") }
    if normalised { program.normalise() }
    program.linear(from: width, to: size, fanIn: fanIn)
    for (index, term) in terms.enumerated() {
      let value =
        switch term {
        case .event: "events"
        case .mean: try program.mean()
        case .max: try program.largest()
        }
      let weight = program.weight(term.rawValue, [widths[index], size], fanIn: fanIn)
      let product = "torch.mm(\(value), \(weight))"
      program.line(index == 0 ? "context = \(product)" : "context = context + \(product)")
    }
    if case .cells(let edge) = program.rows {
      let cells = edge * edge
      program.line("y = y.reshape(batch, \(cells), \(size)) + context.unsqueeze(1)")
      program.line("y = y.reshape(batch * \(cells), \(size))")
    } else {
      program.line("y = y + context.index_select(0, \(program.stationEvents()))")
    }
    let result = program.activation("y")
    program.line(residual ? "x = kept + \(result)" : "x = \(result)")
    program.width = size
  }
}
