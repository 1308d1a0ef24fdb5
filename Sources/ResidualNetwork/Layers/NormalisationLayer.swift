/// Brings every row to mean 0 and variance 1, then to a scale and shift that are learnt (layer normalisation,
/// Ba, Kiros and Hinton, arXiv:1607.06450).
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
