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
  /// Standard deviation, in the units of the values: inputs have about 1, traces are ln(1 + 10 VEM).
  let sigma: Double

  init(_ values: inout LayerValues) throws(NetworkError) {
    sigma = try values.number("sigma", in: 0...10)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    program.line("if self.training:")
    program.line("x = x + \(sigma) * torch.randn_like(x)", indent: 2)
  }
}
