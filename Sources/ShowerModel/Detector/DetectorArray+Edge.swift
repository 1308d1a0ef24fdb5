extension DetectorArray {
  /// Distance of a point of the plane z = 0 to the nearest side of the edge [m], negative outside.
  ///
  /// Inside is where a line to the edge's outside crosses it an odd number of times, so corners may
  /// point inwards. NaN for a point that is none, and for an array without stations.
  public func distanceInsideEdge(_ x: Double, _ y: Double) -> Double {
    let point = SIMD2(x, y)
    guard !edge.isEmpty, x.isFinite, y.isFinite else { return .nan }
    var isInside = false
    var nearest = Double.infinity
    var a = edge[edge.count - 1]
    for b in edge {
      if (a.y > y) != (b.y > y), x < a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x) {
        isInside.toggle()
      }
      let side = b - a
      let length2 = (side * side).sum()
      let along = length2 > 0 ? min(max(((point - a) * side).sum() / length2, 0), 1) : 0
      let away = point - (a + along * side)
      nearest = min(nearest, (away * away).sum())
      a = b
    }
    return isInside ? nearest.squareRoot() : -nearest.squareRoot()
  }

  /// Corners of the smallest convex polygon around points, counter-clockwise from the one farthest
  /// west (of several, the southernmost), without points on its sides; fewer than three where all
  /// points lie on a line.
  ///
  /// Source: A. M. Andrew, Inf. Process. Lett. 9 (1979) 216, doi:10.1016/0020-0190(79)90072-3.
  static func convexHull(_ points: [SIMD2<Double>]) -> [SIMD2<Double>] {
    let ordered = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    /// The chain of corners below the points, from the first to the last.
    func chain(_ points: some Sequence<SIMD2<Double>>) -> [SIMD2<Double>] {
      var corners: [SIMD2<Double>] = []
      for point in points where point != corners.last {
        while corners.count >= 2 {
          let a = corners[corners.count - 1] - corners[corners.count - 2]
          let b = point - corners[corners.count - 1]
          guard a.x * b.y - a.y * b.x <= 0 else { break }
          corners.removeLast()
        }
        corners.append(point)
      }
      return corners
    }
    let (there, back) = (chain(ordered), chain(ordered.reversed()))
    return there.count < 2 ? there : there.dropLast() + back.dropLast()
  }
}
