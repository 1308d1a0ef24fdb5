/// The line on which a shower travels, and the coordinates of a station relative to it.
public struct ShowerAxis: Sendable, Equatable {
  /// A point of the axis, usually the core on the plane z = 0 [m].
  public let core: Position
  /// Where the shower came from.
  public let direction: Direction

  public init(core: Position, direction: Direction) {
    self.core = core
    self.direction = direction
  }

  /// Distance of a position from the axis, r = sqrt(|d|^2 - (d.n)^2) [m].
  @inlinable public func distance(of position: Position) -> Double {
    let d = position - core
    let l = (d * direction.vector).sum()
    return max((d * d).sum() - l * l, 0).squareRoot()
  }

  /// Projection of a position on the axis, l = d.n [m]; positive upstream, on the early side.
  @inlinable public func upstream(of position: Position) -> Double {
    ((position - core) * direction.vector).sum()
  }

  /// Arrival of the plane front at a position relative to the core, t_plane = -l/c [ns].
  @inlinable public func planeDelay(at position: Position) -> Double {
    -upstream(of: position) / Units.speedOfLight
  }
}
