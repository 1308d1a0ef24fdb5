/// Largest, mean or smallest of neighbouring times, map by map; of all times without a size.
struct TimePooling: NetworkLayer {
  static let name = "pooling"
  let reduction: Reduction
  /// Times that become one; nil: all.
  let size: Int?
  let stride: Int?

  init(_ values: inout LayerValues) throws(NetworkError) {
    reduction = try values.choice("of", default: .maximum)
    let size = try values.integer("size", in: 0...512, default: 0)
    let stride = try values.integer("stride", in: 0...512, default: 0)
    self.size = size > 0 ? size : nil
    self.stride = stride > 0 ? stride : nil
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    guard case .times(let length) = program.rows else { return }
    let (size, width) = (size ?? length, program.width)
    guard size <= length else {
      throw program.refuse("size", "takes \(size) times together where there are \(length)")
    }
    let stride = stride ?? size
    let steps = (length - size) / stride + 1
    program.line("x = x.reshape(count, \(length), \(width)).unfold(1, \(size), \(stride))")
    program.line("x = x.\(reduction.function)(3).reshape(count, \(steps * width))")
    program.rows = .times(steps)
  }
}
