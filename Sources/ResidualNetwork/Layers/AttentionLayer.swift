import Glibc

/// Every station attends to every other station of its event (Vaswani et al., arXiv:1706.03762). A
/// learned bias depends on their relative place on the grid.
///
/// x + W_o softmax(q.k / sqrt(d) + b(column difference, row difference)) v. q, k and v are made of
/// x after layer normalisation (mean 0, variance 1). It works on the N x N places of the grid.
/// Places without a waveform are masked.
struct AttentionLayer: NetworkLayer {
  static let name = "attention"
  let heads: Int

  init(_ values: inout LayerValues) throws(NetworkError) {
    heads = try values.integer("heads", in: 1...64, default: 4)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    let width = program.width
    guard width % heads == 0 else {
      throw program.refuse("heads", "must divide the size \(width) of what comes before")
    }
    let (n, depth) = (program.spec.gridSize, width / heads)
    let (cells, places) = (n * n, 2 * n - 1)
    let gain = program.bias("scale", width, value: 1)
    let shift = program.bias("shift", width)
    program.line("y = torch.layer_norm(x, [\(width)], \(gain), \(shift))")
    let weight = program.weight("qkv", [width, 3 * width], fanIn: 2 * width)
    let bias = program.bias("qkv", 3 * width)
    program.line("y = torch.addmm(\(bias), y, \(weight))")
    program.line(
      "y = y.new_zeros([batch * \(cells), \(3 * width)]).index_copy(0, station_cells, y)")
    program.line("y = y.reshape(batch, \(cells), 3, \(heads), \(depth)).permute([2, 0, 3, 1, 4])")
    // Scaled before the product: the smaller array.
    program.line("query = (y[0] * \(1 / Double(depth).squareRoot())).contiguous()")
    program.line("key = y[1].transpose(2, 3)")
    let table = program.parameter(
      "place_bias", [heads, places * places],
      [Float](repeating: 0, count: heads * places * places))
    let offsets = program.gridOffsets()
    program.line("mask = \(program.stationMask()).reshape(batch, 1, 1, \(cells))")
    program.line(
      "preference = \(table).index_select(1, \(offsets)).reshape(1, \(heads), \(cells), \(cells))")
    program.line(
      "y = torch.matmul(torch.softmax(torch.matmul(query, key) + preference + mask, 3), y[2])")
    program.line("y = y.transpose(1, 2).reshape(batch * \(cells), \(width))")
    program.line("y = y.index_select(0, station_cells)")
    let out = program.weight("out", [width, width], fanIn: width, gain: 0.5)
    program.line("x = x + torch.mm(y, \(out))")
  }
}
