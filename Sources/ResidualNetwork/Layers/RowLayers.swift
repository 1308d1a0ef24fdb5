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

/// Layer normalisation: every row gets mean 0 and variance 1, then a learned scale and shift (Ba,
/// Kiros and Hinton, arXiv:1607.06450).
struct NormalisationLayer: NetworkLayer {
  static let name = "normalisation"

  init(_ values: inout LayerValues) throws(NetworkError) {}

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    program.normalise()
  }
}

extension NetworkProgram {
  /// x = (x - mean) / sigma of its row, times a scale, plus a shift.
  mutating func normalise() {
    let scale = bias("scale", width, value: 1)
    let shift = bias("shift", width)
    line("x = torch.layer_norm(x, [\(width)], \(scale), \(shift))")
  }
}

/// Sets a part of the values to zero at random, in training only (Srivastava et al., 2014).
struct DropoutLayer: NetworkLayer {
  static let name = "dropout"
  let rate: Double

  init(_ values: inout LayerValues) throws(NetworkError) {
    rate = try values.number("rate", in: 0...0.95)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    program.line("x = torch.dropout(x, \(rate), self.training)")
  }
}

/// Adds Gaussian noise, in training only.
struct NoiseLayer: NetworkLayer {
  static let name = "noise"
  /// Standard deviation, in the units of the values: inputs have about 1, traces are ln(1 + 10
  /// VEM).
  let sigma: Double

  init(_ values: inout LayerValues) throws(NetworkError) {
    sigma = try values.number("sigma", in: 0...10)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    program.line("if self.training:")
    program.line("x = x + \(sigma) * torch.randn_like(x)", indent: 2)
  }
}
