/// One of the eight rotations and reflections of a square.
///
/// A vector (x, y) becomes (xx x + xy y, yx x + yy y).
struct GridSymmetry: Sendable, Equatable {
  let xx: Int
  let xy: Int
  let yx: Int
  let yy: Int

  /// A reflection turns left into right: `Residual`s across the shower axis change their sign.
  var isMirror: Bool { xx * yy - xy * yx < 0 }

  func callAsFunction(_ vector: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(
      Double(xx) * vector.x + Double(xy) * vector.y, Double(yx) * vector.x + Double(yy) * vector.y)
  }

  /// Where each cell of an N x N image goes; cells count east first, then north.
  func cellMap(gridSize: Int) -> [Int] {
    (0..<gridSize * gridSize).map { cell in
      // Twice the distance from the centre, to stay with integers for even N.
      let x = 2 * (cell % gridSize) - gridSize + 1
      let y = 2 * (cell / gridSize) - gridSize + 1
      let column = (xx * x + xy * y + gridSize - 1) / 2
      let row = (yx * x + yy * y + gridSize - 1) / 2
      return row * gridSize + column
    }
  }

  static let identity = GridSymmetry(xx: 1, xy: 0, yx: 0, yy: 1)

  /// The identity first.
  static let all: [GridSymmetry] = [1, -1].flatMap { a in
    [1, -1].flatMap { b in
      [
        GridSymmetry(xx: a, xy: 0, yx: 0, yy: b),
        GridSymmetry(xx: 0, xy: a, yx: b, yy: 0),
      ]
    }
  }
}
