internal import Glibc
internal import Numerics

/// A linear classifier that tells the data from the reference within matched pairs.
///
/// With d the features of the data minus those of the reference, it has the weights w that make
/// `sum (1 - w.d)^2 + ridge` smallest. Its figure of merit is the part of the pairs it was not
/// fitted to with w.d > 0: the area under the ROC curve within pairs, 0.5 without a difference.
/// Exchanging the members of a pair changes the sign of d, so the matrix d d^T is made once.
struct PairClassifier {
  /// Squares of the features take part too, for widths.
  private let columns: Int
  /// `[pair, column]`
  private let differences: [Double]
  /// (d^T d + ridge)^-1 without the pairs of each fold.
  private let inverses: [[Double]]
  private let count: Int

  static let folds = 5
  /// Ridge of a column in units of the number of pairs.
  private static let ridge = 0.01
  /// Features further off the middle than so many widths count as that far.
  private static let reach = 4.0

  /// - Parameters:
  ///   - data: `[feature][pair]`.
  ///   - reference: the same of the other members.
  /// - Throws: `LinearAlgebraError`.
  init(data: [[Double]], reference: [[Double]]) throws(LinearAlgebraError) {
    count = data.first?.count ?? 0
    columns = 2 * data.count
    var differences = [Double](repeating: 0, count: count * columns)
    for feature in data.indices {
      let scale = Self.scale(data[feature] + reference[feature])
      for pair in 0..<count {
        let (a, b) = (scale(data[feature][pair]), scale(reference[feature][pair]))
        differences[pair * columns + 2 * feature] = a - b
        differences[pair * columns + 2 * feature + 1] = a * a - b * b
      }
    }
    self.differences = differences
    var inverses: [[Double]] = []
    for fold in 0..<Self.folds {
      var matrix: [Double] = []
      for pair in 0..<count where pair % Self.folds != fold {
        matrix += differences[pair * columns..<(pair + 1) * columns]
      }
      let penalty = (Self.ridge * Double(matrix.count / max(columns, 1))).squareRoot()
      for column in 0..<columns {
        matrix += (0..<columns).map { $0 == column ? max(penalty, 1e-6) : 0 }
      }
      inverses.append(
        try inverseNormalMatrix(of: matrix, rows: matrix.count / columns, columns: columns))
    }
    self.inverses = inverses
  }

  /// Values about their median in units of their width, cut; zero where there is none.
  private static func scale(_ values: [Double]) -> (Double) -> Double {
    let finite = values.filter(\.isFinite)
    let parts = quantiles(of: finite, [0.16, 0.5, 0.84])
    var width = (parts[2] - parts[0]) / 2
    if !(width > 0) { width = ((finite.max() ?? 0) - (finite.min() ?? 0)) / 2 }
    guard width > 0 else { return { _ in 0 } }
    return { value in
      value.isFinite ? max(-reach, min(reach, (value - parts[1]) / width)) : 0
    }
  }

  /// The part of the pairs that are told rightly by a classifier which did not see them.
  func area(_ exchange: PairExchange) -> Double {
    var sums = [[Double]](repeating: [Double](repeating: 0, count: columns), count: Self.folds)
    for pair in 0..<count {
      let sign = Double(exchange.signs[pair])
      for column in 0..<columns {
        sums[pair % Self.folds][column] += sign * differences[pair * columns + column]
      }
    }
    let total = (0..<columns).map { column in sums.reduce(0) { $0 + $1[column] } }
    var right = 0.0
    let weights = (0..<Self.folds).map { fold in
      self.weights(inverses[fold], zip(total, sums[fold]).map { $0 - $1 })
    }
    for pair in 0..<count {
      let own = weights[pair % Self.folds]
      var score = 0.0
      for column in 0..<columns { score += own[column] * differences[pair * columns + column] }
      score *= Double(exchange.signs[pair])
      right += score > 0 ? 1 : score == 0 ? 0.5 : 0
    }
    return right / Double(count)
  }

  private func weights(_ inverse: [Double], _ sums: [Double]) -> [Double] {
    (0..<columns).map { row in
      (0..<columns).reduce(0) { $0 + inverse[row * columns + $1] * sums[$1] }
    }
  }
}
