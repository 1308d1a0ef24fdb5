/// A convolution over time, the same for every station, as a product of matrices.
struct TimeConvolution: NetworkLayer {
  static let name = "convolution"
  /// Times that an output looks at.
  let kernel: Int
  /// Step between two outputs.
  let stride: Int
  /// Outputs at each time.
  let maps: Int
  let padding: Padding

  init(_ values: inout LayerValues) throws(NetworkError) {
    kernel = try values.integer("kernel", in: 1...512)
    stride = try values.integer("stride", in: 1...512, default: 1)
    maps = try values.integer("maps", in: 1...4096)
    padding = try values.choice("padding", default: .same)
  }

  func write(to program: inout NetworkProgram) throws(NetworkError) {
    guard case .times(let length) = program.rows else { return }
    guard kernel <= length else {
      throw program.refuse("kernel", "covers \(kernel) samples, but there are only \(length)")
    }
    guard stride <= kernel else {
      throw program.refuse("stride", "skips samples: must be at most the kernel, \(kernel)")
    }
    let width = program.width
    let steps: Int
    switch padding {
    case .valid: steps = (length - kernel) / stride + 1
    case .same:
      // As Keras has it: half of the zeros before, half after.
      steps = (length + stride - 1) / stride
      let zeros = (steps - 1) * stride + kernel - length
      if zeros > 0 {
        program.line(
          "x = torch.constant_pad_nd(x, [\(zeros / 2 * width), \((zeros - zeros / 2) * width)])")
      }
    }
    let window = kernel * width
    if kernel == stride {
      // Windows do not overlap: they are the rows of the array as it lies in memory.
      if padding == .valid, steps * kernel < length {
        program.line("x = x.narrow(1, 0, \(steps * window))")
      }
      program.line("x = x.reshape(count * \(steps), \(window))")
    } else {
      program.line(
        "x = x.unfold(1, \(window), \(stride * width)).reshape(count * \(steps), \(window))")
    }
    program.linear(from: window, to: maps)
    program.line("x = \(program.activation("y")).reshape(count, \(steps * maps))")
    program.rows = .times(steps)
    program.width = maps
  }
}

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
      throw program.refuse("size", "pools \(size) samples, but there are only \(length)")
    }
    let stride = stride ?? size
    let steps = (length - size) / stride + 1
    program.line("x = x.reshape(count, \(length), \(width)).unfold(1, \(size), \(stride))")
    program.line("x = x.\(reduction.function)(3).reshape(count, \(steps * width))")
    program.rows = .times(steps)
  }
}
