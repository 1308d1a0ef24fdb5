import ShowerModel

extension DetectorArray {
  /// Distance of a point inside the edge as the experiment measures it [m]: the smallest signed
  /// distance to the straight lines on which the sides lie, negative outside.
  ///
  /// Only for a convex edge; for another one it is `distanceInsideEdge`. Inside, both are the same.
  func distanceToLinesOfEdge(_ point: SIMD2<Double>) -> Double {
    guard edge.count >= 3 else { return distanceInsideEdge(point.x, point.y) }
    var (nearest, turns) = (Double.infinity, (left: false, right: false))
    var before = edge[edge.count - 2]
    var a = edge[edge.count - 1]
    for b in edge {
      let (old, side) = (a - before, b - a)
      let turn = old.x * side.y - old.y * side.x
      if turn > 0 { turns.left = true }
      if turn < 0 { turns.right = true }
      let away = point - a
      let length = (side * side).sum().squareRoot()
      if length > 0 { nearest = min(nearest, (side.x * away.y - side.y * away.x) / length) }
      (before, a) = (a, b)
    }
    // Corners run counter-clockwise in the tables; others are measured by segments.
    return turns.left && !turns.right ? nearest : distanceInsideEdge(point.x, point.y)
  }
}
