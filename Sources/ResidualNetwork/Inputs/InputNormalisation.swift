/// How raw inputs become numbers about one: `(x - mean) * factor`, clipped at 5, not finite -> 0.
///
/// Flags have mean 0 and factor 1. Odd numbers have mean 0. Vectors have mean 0 and one factor for
/// both components. So the normalisation keeps the symmetries of the grid.
public struct InputNormalisation: Sendable, Equatable, Codable {
  public var mean: [Float]
  public var factor: [Float]

  static let limit: Float = 5

  /// From the moments of rows of raw inputs, `inputs` being in the order of their columns.
  init<View>(of inputs: [ImageInput<View>], _ moments: InputMoments) {
    let (count, sum, squares) = (moments.count, moments.sum, moments.squares)
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

/// Sums over rows of raw inputs, by column, as they come.
struct InputMoments {
  private(set) var count: [Double]
  private(set) var sum: [Double]
  private(set) var squares: [Double]

  init(width: Int) {
    count = [Double](repeating: 0, count: width)
    (sum, squares) = (count, count)
  }

  /// Adds a row.
  mutating func add(_ row: ArraySlice<Float>) {
    for (index, value) in row.enumerated() where value.isFinite {
      // Far outliers must not set the scale.
      let value = Double(max(-1e3, min(1e3, value)))
      count[index] += 1
      sum[index] += value
      squares[index] += value * value
    }
  }

  /// Adds the rows of others, as `numbers` gave them.
  mutating func add(_ numbers: ArraySlice<Double>) {
    let (width, first) = (count.count, numbers.startIndex)
    for index in 0..<width {
      count[index] += numbers[first + index]
      sum[index] += numbers[first + width + index]
      squares[index] += numbers[first + 2 * width + index]
    }
  }

  /// All sums, one after the other.
  var numbers: [Double] { count + sum + squares }
}
