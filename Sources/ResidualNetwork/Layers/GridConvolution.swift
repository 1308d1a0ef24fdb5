/// A convolution over the grid of stations.
struct GridConvolution: NetworkLayer {
  static let name = "convolution"
  /// Cells along an edge that an output looks at.
  let kernel: Int
  let maps: Int
  /// Neighbours and maps are mixed one after the other: a ninth of the work.
  let separable: Bool
  /// Adds its input to its output; needs equal maps.
  let residual: Bool
  let padding: Padding

  init(_ values: inout LayerValues) throws(NetworkError) {
    kernel = try values.integer("kernel", in: 1...8, default: 3)
    maps = try values.integer("maps", in: 1...4096)
    separable = try values.flag("separable", default: false)
    residual = try values.flag("residual", default: false)
    padding = try values.choice("padding", default: .same)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    guard !residual || (maps == program.width && padding == .same) else {
      throw program.refuse(
        "residual", "needs \(program.width) maps like the layer before, and the padding \"same\"")
    }
    if residual { program.line("kept = x") }
    try program.convolution(kernel: kernel, to: maps, separable: separable, padding: padding)
    program.line("x = \(program.activation("x"))")
    if residual { program.line("x = kept + x") }
  }
}

/// Two or more convolutions, the input added to the output: f(x + g(x)) (He et al.,
/// arXiv:1512.03385).
struct ResidualBlock: NetworkLayer {
  static let name = "residualBlock"
  let kernel: Int
  let convolutions: Int
  let separable: Bool

  init(_ values: inout LayerValues) throws(NetworkError) {
    kernel = try values.integer("kernel", in: 1...7, default: 3)
    convolutions = try values.integer("convolutions", in: 1...8, default: 2)
    separable = try values.flag("separable", default: false)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    program.line("kept = x")
    for index in 0..<convolutions {
      if index > 0 { program.line("x = \(program.activation("x"))") }
      try program.convolution(
        "\(index)", kernel: kernel, to: program.width, separable: separable, padding: .same)
    }
    program.line("x = \(program.activation("kept + x"))")
  }
}

/// Blocks of a 1 x 1 and a separable k x k convolution, the output of each set beside its input.
///
/// Source: AixNet, Erdmann, Glombitza and Walz, arXiv:1708.00647, after Huang et al.,
/// arXiv:1608.06993.
struct DenselyConnectedBlocks: NetworkLayer {
  static let name = "denselyConnected"
  let blocks: Int
  let maps: Int
  let kernel: Int

  init(_ values: inout LayerValues) throws(NetworkError) {
    blocks = try values.integer("blocks", in: 1...16)
    maps = try values.integer("maps", in: 1...1024, default: 16)
    kernel = try values.integer("kernel", in: 1...7, default: 3)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    for index in 0..<blocks {
      let width = program.width
      program.line("kept = x")
      program.linear("first\(index)", from: width, to: maps)
      program.line("x = \(program.activation("y"))")
      program.width = maps
      try program.convolution(
        "\(index)", kernel: kernel, to: maps, separable: true, padding: .same)
      program.line("x = torch.cat([kept, \(program.activation("x"))], 1)")
      program.width = width + maps
    }
  }
}

extension NetworkProgram {
  /// x = convolution of x over the grid, zeros beyond the border, nothing applied to it.
  ///
  /// Rows of cells are an image in the order "channels last": both reshapes only rename it.
  mutating func convolution(
    _ name: String = "", kernel: Int, to maps: Int, separable: Bool, padding: Padding
  ) throws(NetworkError) {
    guard case .cells(let edge) = rows else { return }
    guard kernel <= edge else {
      throw refuse("kernel", "covers \(kernel) cells, but there are only \(edge)")
    }
    guard padding == .valid || kernel % 2 == 1 else {
      throw refuse("kernel", "must be odd with the padding \"same\"")
    }
    if separable {
      image(edge: edge)
      convolve(name + "_depth", kernel: kernel, to: width, groups: width, padding: padding)
      cellRows(edge: padding == .same ? edge : edge - kernel + 1)
      linear(name, from: width, to: maps)
      line("x = y")
    } else if kernel == 1 {
      linear(name, from: width, to: maps)
      line("x = y")
    } else {
      image(edge: edge)
      convolve(name, kernel: kernel, to: maps, groups: 1, padding: padding)
      width = maps
      cellRows(edge: padding == .same ? edge : edge - kernel + 1)
    }
    width = maps
  }

  private mutating func image(edge: Int) {
    line("x = x.reshape(batch, \(edge), \(edge), \(width)).permute([0, 3, 1, 2])")
  }

  private mutating func cellRows(edge: Int) {
    line("x = x.permute([0, 2, 3, 1]).reshape(batch * \(edge * edge), \(width))")
    rows = .cells(edge: edge)
  }

  private mutating func convolve(
    _ name: String, kernel: Int, to maps: Int, groups: Int, padding: Padding
  ) {
    let from = width / groups
    let weight = weight(name, [maps, from, kernel, kernel], fanIn: from * kernel * kernel)
    let bias = bias(name, maps)
    let zeros = padding == .same ? kernel / 2 : 0
    line(
      "x = torch.conv2d(x, \(weight), \(bias), [1, 1], [\(zeros), \(zeros)], [1, 1], \(groups))")
  }
}
