/// Largest, mean or smallest of size x size cells, map by map; cells that are left over are
/// dropped.
struct GridPooling: NetworkLayer {
  static let name = "pooling"
  let reduction: Reduction
  let size: Int

  init(_ values: inout LayerValues) throws(NetworkError) {
    reduction = try values.choice("of", default: .maximum)
    size = try values.integer("size", in: 1...8, default: 2)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    guard case .cells(let edge) = program.rows else { return }
    guard size <= edge else {
      throw program.refuse("size", "pools \(size) cells, but there are only \(edge)")
    }
    let (after, width) = (edge / size, program.width)
    program.line("x = x.reshape(batch, \(edge), \(edge), \(width))")
    if after * size < edge {
      program.line("x = x.narrow(1, 0, \(after * size)).narrow(2, 0, \(after * size))")
    }
    program.line("x = x.reshape(batch, \(after), \(size), \(after), \(size), \(width))")
    program.line("x = x.\(reduction.function)([2, 4]).reshape(batch * \(after * after), \(width))")
    program.rows = .cells(edge: after)
  }
}

/// All cells side by side, as one row of the event.
struct FlattenLayer: NetworkLayer {
  static let name = "flatten"

  init(_ values: inout LayerValues) throws(NetworkError) {}

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    guard case .cells(let edge) = program.rows else { return }
    program.width *= edge * edge
    program.line("x = x.reshape(batch, \(program.width))")
    program.rows = .events
  }
}
