internal import Glibc

/// How the delays of a shower's particles depend on where they reach the ground, by group.
///
/// Measured on the rows of the shower itself. The mean of ln t is a line in ln r and in the cosine
/// of the azimuth about the axis (1 on the early side). Its spread is another exponential in that
/// cosine. Both are smoothed in ln r. Muons, photons and electrons differ: the muons' delays depend
/// half as much on the azimuth.
struct DelayMaps: Sendable {
  private static let first = log(50.0)
  private static let step = 0.1
  private static let count = 53
  /// Widths of the smoothing in ln r: of the mean, and of what depends on azimuth.
  private static let meanWidth = 0.15
  private static let azimuthWidth = 0.4
  /// Effective rows that a slope in azimuth must have to be taken at half of its value.
  private static let halfTrusted = 8.0

  /// Of one group at one distance.
  private struct Law: Sendable {
    /// Mean ln t at cosine 0, and its slope in ln r.
    var mean = 0.0
    var perLogDistance = 0.0
    /// Change of the mean, and of the logarithm of the spread, per unit of cosine.
    var perCosine = 0.0
    var spreadPerCosine = 0.0
  }

  private let laws: [[Law]]

  /// - Parameters:
  ///   - particles: of the shower.
  ///   - ground: of the shower.
  ///   - part: what of a particle may be seen, as in the making of the rings.
  init(
    _ particles: some Sequence<GroundParticle>, ground: ShowerGround,
    part: (GroundParticle) -> Double
  ) {
    var sums = [[Sums]](
      repeating: [Sums](repeating: Sums(), count: Self.count),
      count: GroundParticle.Species.groupCount)
    func row(_ p: GroundParticle) -> (group: Int, cell: Int, Row) {
      let r = max(ground.distance(Double(p.x), Double(p.y)), 1)
      let x = log(r)
      let row = Row(
        weight: Double(p.weight) * part(p), logDistance: x,
        cosine: Double(p.x) * ground.cosZenith / r, logDelay: log(max(Double(p.delay), 1)))
      return (p.species.group, Self.nearest(x), row)
    }
    for p in particles {
      let (group, cell, row) = row(p)
      sums[group][cell].add(row)
    }
    var laws = sums.map { cells in (0..<Self.count).map { Self.means(cells, at: $0) } }
    var sides = sums.map { $0.map { _ in Sides() } }
    for p in particles {
      let (group, cell, row) = row(p)
      sides[group][cell].add(row, from: Self.mean(laws[group], row.logDistance, row.cosine))
    }
    for (group, cells) in sides.enumerated() {
      for node in 0..<Self.count {
        laws[group][node].spreadPerCosine = Self.spreads(cells, at: node)
      }
    }
    self.laws = laws
  }

  /// The delay [ns] at another place: as many spreads from the mean there as it is here.
  @inline(__always) func delay(
    _ delay: Double, group: Int, from own: (logDistance: Double, cosine: Double),
    to place: (logDistance: Double, cosine: Double)
  ) -> Double {
    let away =
      log(max(delay, 1)) - Self.mean(laws[group], own.logDistance, own.cosine)
    let spread = laws[group][Self.nearest(place.logDistance)].spreadPerCosine
    return exp(
      Self.mean(laws[group], place.logDistance, place.cosine)
        + away * exp(spread * (place.cosine - own.cosine)))
  }

  private static func nearest(_ logDistance: Double) -> Int {
    min(max(Int(((logDistance - first) / step).rounded()), 0), count - 1)
  }

  private static func mean(_ laws: [Law], _ logDistance: Double, _ cosine: Double) -> Double {
    let node = nearest(logDistance)
    let law = laws[node]
    return law.mean + law.perLogDistance * (logDistance - first - Double(node) * step)
      + law.perCosine * cosine
  }

  /// Sums of cells with normal weights about a node.
  private static func smoothed<S: Summable>(_ cells: [S], at node: Int, width: Double) -> S {
    let reach = Int((3 * width / step).rounded(.up))
    var sum = S()
    for cell in max(node - reach, 0)...min(node + reach, count - 1) {
      let away = Double(cell - node) * step / width
      sum.add(cells[cell], times: exp(-0.5 * away * away))
    }
    return sum
  }

  private static func means(_ cells: [Sums], at node: Int) -> Law {
    let near = smoothed(cells, at: node, width: meanWidth)
    guard near.weight > 0 else { return Law() }
    let wide = smoothed(cells, at: node, width: azimuthWidth)
    var law = Law()
    law.perCosine = wide.slope * wide.trust(half: halfTrusted)
    let centre = first + Double(node) * step
    let variance = near.xx / near.weight - near.x * near.x
    // Too few distances, or none: delays of plane fronts grow as r^1.5 or so.
    law.perLogDistance =
      variance > 1e-4
      ? min(max((near.xy / near.weight - near.x * near.y) / variance, 0.5), 2.5) : 1.5
    law.mean =
      near.y - law.perCosine * near.c + law.perLogDistance * (centre - near.x)
    return law
  }

  private static func spreads(_ cells: [Sides], at node: Int) -> Double {
    let wide = smoothed(cells, at: node, width: azimuthWidth)
    guard wide.early.weight > 0, wide.late.weight > 0 else { return 0 }
    let (early, late) = (wide.early, wide.late)
    let apart = early.cosines / early.weight - late.cosines / late.weight
    guard apart > 0.1, early.squares > 0, late.squares > 0 else { return 0 }
    let ratio = (early.squares / early.weight) / (late.squares / late.weight)
    let rows = min(early.rows, late.rows)
    return 0.5 * log(ratio) / apart * rows / (rows + halfTrusted)
  }
}

/// What a particle adds.
private struct Row {
  let weight: Double
  let logDistance: Double
  let cosine: Double
  let logDelay: Double
}

private protocol Summable {
  init()
  mutating func add(_ other: Self, times factor: Double)
}

/// Weighted sums over particles, for two lines: ln t in ln r and, within cells of r, in the cosine.
private struct Sums: Summable {
  var weight = 0.0
  var squares = 0.0
  private var sumX = 0.0
  private var sumY = 0.0
  private var sumC = 0.0
  var xx = 0.0
  var xy = 0.0
  private var sumCC = 0.0
  private var sumCY = 0.0
  /// Of the cells that were added, each about its own means.
  private var withinCC = 0.0
  private var withinCY = 0.0

  var x: Double { sumX / weight }
  var y: Double { sumY / weight }
  var c: Double { sumC / weight }
  /// Of ln t against the cosine.
  var slope: Double { withinCC > 0 ? withinCY / withinCC : 0 }

  /// Between 0 and 1: half of it with so many effective rows.
  func trust(half: Double) -> Double {
    guard squares > 0 else { return 0 }
    let rows = weight * weight / squares
    return rows / (rows + half)
  }

  mutating func add(_ row: Row) {
    let w = row.weight
    weight += w
    squares += w * w
    sumX += w * row.logDistance
    sumY += w * row.logDelay
    sumC += w * row.cosine
    xx += w * row.logDistance * row.logDistance
    xy += w * row.logDistance * row.logDelay
    sumCC += w * row.cosine * row.cosine
    sumCY += w * row.cosine * row.logDelay
  }

  mutating func add(_ cell: Sums, times factor: Double) {
    guard cell.weight > 0 else { return }
    weight += factor * cell.weight
    squares += factor * factor * cell.squares
    sumX += factor * cell.sumX
    sumY += factor * cell.sumY
    sumC += factor * cell.sumC
    xx += factor * cell.xx
    xy += factor * cell.xy
    withinCC += factor * (cell.sumCC - cell.sumC * cell.c)
    withinCY += factor * (cell.sumCY - cell.sumC * cell.y)
  }
}

/// Squares of what is left of ln t, on the early and on the late side.
private struct Sides: Summable {
  struct Side {
    var weight = 0.0
    var weightSquares = 0.0
    var cosines = 0.0
    var squares = 0.0

    var rows: Double { weight * weight / weightSquares }

    mutating func add(_ other: Side, times factor: Double) {
      weight += factor * other.weight
      weightSquares += factor * factor * other.weightSquares
      cosines += factor * other.cosines
      squares += factor * other.squares
    }
  }

  var early = Side()
  var late = Side()

  mutating func add(_ row: Row, from mean: Double) {
    let rest = row.logDelay - mean
    let one = Side(
      weight: row.weight, weightSquares: row.weight * row.weight,
      cosines: row.weight * row.cosine, squares: row.weight * rest * rest)
    if row.cosine > 0 { early.add(one, times: 1) } else { late.add(one, times: 1) }
  }

  mutating func add(_ other: Sides, times factor: Double) {
    early.add(other.early, times: factor)
    late.add(other.late, times: factor)
  }
}
