/// Every output sees all numbers of its row: y = f(x W + b).
///
/// In the encoder a row is a station with all its times: the layer ends the convolutions.
struct DenseLayer: NetworkLayer {
  static let name = "dense"
  let size: Int
  let residual: Bool

  init(_ values: inout LayerValues) throws(NetworkError) {
    size = try values.integer("size", in: 1...4096)
    residual = try values.flag("residual", default: false)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    var from = program.width
    if case .times(let steps) = program.rows {
      from *= steps
      program.rows = .times(1)
    }
    guard !residual || size == from else {
      throw program.refuse("residual", "needs the size \(from) of what comes before")
    }
    program.linear(from: from, to: size)
    program.line(residual ? "x = x + \(program.activation("y"))" : "x = \(program.activation("y"))")
    program.width = size
  }
}
