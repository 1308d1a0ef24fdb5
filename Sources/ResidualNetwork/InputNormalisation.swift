/// How raw inputs become numbers about one: `(x - mean) * factor`, clipped at 5, not finite -> 0.
///
/// Flags have mean 0 and factor 1, odd numbers mean 0, vectors mean 0 and one factor for both components, so
/// that the symmetries of the grid hold after it as before.
public struct InputNormalisation: Sendable, Equatable, Codable {
  public var mean: [Float]
  public var factor: [Float]

  static let limit: Float = 5

  /// Statistics of rows of raw inputs.
  ///
  /// - Parameters:
  ///   - inputs: in the order of their columns.
  ///   - forEachRow: calls its argument with the first value of every row that counts.
  init<View>(
    of inputs: [ImageInput<View>], forEachRow: ((UnsafePointer<Float>) -> Void) -> Void
  ) {
    let width = inputs.reduce(0) { $0 + $1.width }
    var count = [Double](repeating: 0, count: width)
    var sum = count
    var squares = count
    forEachRow { row in
      for index in 0..<width where row[index].isFinite {
        // Far outliers must not set the scale.
        let value = Double(max(-1e3, min(1e3, row[index])))
        count[index] += 1
        sum[index] += value
        squares[index] += value * value
      }
    }
    mean = []
    factor = []
    for input in inputs {
      let index = mean.count
      let n = max(count[index], 1)
      switch input.kind {
      case .flag:
        mean.append(0)
        factor.append(1)
      case .scalar:
        let average = sum[index] / n
        let variance = max(squares[index] / n - average * average, 0)
        mean.append(Float(average))
        factor.append(Self.inverse(of: variance))
      case .odd:
        mean.append(0)
        factor.append(Self.inverse(of: squares[index] / n))
      case .vector:
        let meanSquare = (squares[index] + squares[index + 1]) / (2 * n)
        mean += [0, 0]
        factor += [Self.inverse(of: meanSquare), Self.inverse(of: meanSquare)]
      }
    }
  }

  /// A constant input carries nothing: factor 0.
  private static func inverse(of variance: Double) -> Float {
    variance > 1e-10 ? Float(1 / variance.squareRoot()) : 0
  }
}

/// Normalisation of all inputs of a network.
public struct NetworkNormalisation: Sendable, Equatable, Codable {
  public var cell: InputNormalisation
  public var station: InputNormalisation
  public var event: InputNormalisation
}
