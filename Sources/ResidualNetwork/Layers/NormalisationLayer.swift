/// Brings every row to mean 0 and variance 1, then to a scale and shift that are learnt (layer normalisation,
/// Ba, Kiros and Hinton, arXiv:1607.06450).
struct NormalisationLayer: NetworkLayer {
  static let name = "normalisation"

  init(_ values: inout LayerValues) throws(NetworkError) {}

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    let width = program.width
    let scale = program.bias("scale", width, value: 1)
    let shift = program.bias("shift", width)
    program.line("x = torch.layer_norm(x, [\(width)], \(scale), \(shift))")
  }
}
