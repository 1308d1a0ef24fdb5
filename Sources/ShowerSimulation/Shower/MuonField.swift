internal import ShowerModel

/// The ways from all levels of production to one station, and how many muons come on each; vectors
/// of four levels.
struct MuonRays {
  typealias Vector = SIMD4<Float>

  /// What there is of each level.
  fileprivate enum Quantity: Int, CaseIterable {
    /// Muons by density times cosine, as flat ground counts them.
    case weight
    /// l and z [m].
    case length, along
    /// Of the zenith angle.
    case cosine
    /// Lowest node of the cell of the table, the bits of an `Int32`.
    case node
    /// How far the way lies from it.
    case secantPart, sinePart
  }

  /// Sums of the weights of four levels each, and of all.
  fileprivate(set) var sums = InlineArray<7, Float>(repeating: 0)
  fileprivate(set) var total: Float = 0
  /// Distance of the station from the axis [m].
  fileprivate(set) var distance = 0.0
  /// The groups of one quantity after those of the other. An array, since a number of an inline one
  /// is read by copying it whole.
  private var values = [Vector](
    repeating: .zero, count: Quantity.allCases.count * MuonProduction.groupCount)

  /// The way from one level.
  struct Ray {
    /// l and z [m].
    var length: Double
    var along: Double
    /// Of the zenith angle.
    var cosine: Double
    /// Lowest node of the cell of the table, and how far the way lies from it in secant and sine.
    var node: Int
    var secantPart: Double
    var sinePart: Double
  }

  @inline(__always) subscript(level: Int) -> Ray {
    values.withUnsafeBytes { bytes in
      func value(_ quantity: Quantity) -> Float {
        bytes.load(
          fromByteOffset: 4 * (4 * quantity.rawValue * MuonProduction.groupCount + level),
          as: Float.self)
      }
      return Ray(
        length: Double(value(.length)), along: Double(value(.along)),
        cosine: Double(value(.cosine)), node: Int(value(.node).bitPattern),
        secantPart: Double(value(.secantPart)), sinePart: Double(value(.sinePart)))
    }
  }

  /// The weights of four levels.
  @inline(__always) func weights(_ group: Int) -> Vector {
    values[Quantity.weight.rawValue * MuonProduction.groupCount + group]
  }

  /// Calls `body` with a function that keeps a quantity of four levels.
  @inline(__always) fileprivate mutating func fill(
    _ body: (_ keep: (Quantity, Int, Vector) -> Void) -> Void
  ) {
    values.withUnsafeMutableBufferPointer { values in
      body { values[$0.rawValue * MuonProduction.groupCount + $1] = $2 }
    }
  }
}

extension MuonTransport {
  /// Muons at one station.
  public struct Field: Sendable {
    /// Per m2 of the shower plane.
    public var density: Double
    /// Mean cosine of the zenith angle.
    public var meanCosine: Double
  }

  /// Density at a station for one produced muon a shower; `rays` gets the ways to it, for `sample`.
  ///
  /// Sum over levels of f I (z/l^2)^2/(2 pi), as `MuonReference` has it, with I / sine from the
  /// table.
  func field(
    of production: MuonProduction, distance: Double, upstream: Double, rays: inout MuonRays
  ) -> Field {
    typealias Vector = MuonRays.Vector
    let held = max(distance, 30)
    let (r, a) = (Float(held), Float(upstream))
    let logDistance = VectorFunctions.log(Vector(repeating: r))
    let inverseScale = Float(1 / constants.momentumScale)
    let (perSecant, perSine) = (Float(perSecant), Float(perSine))
    let lowestLogSine = Float(Self.lowestLogSine)
    var (sum, cosineSum) = (Vector.zero, Vector.zero)
    var sums = InlineArray<7, Float>(repeating: 0)
    nodes.withUnsafeBufferPointer { table in
      production.groups.withUnsafeBufferPointer { groups in
        rays.fill { keep in
          for index in 0..<MuonProduction.groupCount {
            let levels = groups[index]
            let along = VectorFunctions.larger(levels.distance - a, Vector(repeating: 20))
            let square = along * along + r * r
            let length = square.squareRoot()
            let cosine = VectorFunctions.smaller(
              VectorFunctions.larger(levels.height / length, Vector(repeating: 0.05)), .one)
            let logLength = 0.5 * VectorFunctions.log(square)
            let (secant, secantPart) = cell(
              (logLength - levels.logHeight) * perSecant, Self.secantCount)
            let (sine, sinePart) = cell(
              (logDistance - logLength - lowestLogSine) * perSine, Self.sineCount)
            let node = levels.firstNode &+ secant &* Int32(Self.sineCount) &+ sine
            let (a0, a1, a2, a3) = (
              Self.value(table, node.x, secantPart.x, sinePart.x),
              Self.value(table, node.y, secantPart.y, sinePart.y),
              Self.value(table, node.z, secantPart.z, sinePart.z),
              Self.value(table, node.w, secantPart.w, sinePart.w)
            )
            let logIntegral = Vector(a0.x, a1.x, a2.x, a3.x)
            // The mean of (E/2 GeV)^s for energies that are log-normal.
            let mean = Vector(a0.y, a1.y, a2.y, a3.y)
            let variance = Vector(a0.z, a1.z, a2.z, a3.z)
            let threshold = levels.energyLoss / cosine + Float(MuonPath.leastFinalEnergy)
            let exponent =
              logIntegral + levels.tilt * (mean + 0.5 * levels.tilt * variance)
              - threshold * (r * inverseScale) / length
            let dilution = along / square
            let weight =
              levels.fraction * dilution * dilution
              * VectorFunctions.exp(VectorFunctions.larger(exponent, Vector(repeating: -80)))
            sum += weight
            cosineSum += weight * cosine
            sums[index] = (weight * cosine).sum()
            keep(.weight, index, weight * cosine)
            keep(.length, index, length)
            keep(.along, index, along)
            keep(.cosine, index, cosine)
            keep(.node, index, unsafeBitCast(node, to: Vector.self))
            keep(.secantPart, index, secantPart)
            keep(.sinePart, index, sinePart)
          }
        }
      }
    }
    rays.sums = sums
    rays.distance = held
    rays.total = cosineSum.sum()
    let density = Double(sum.sum())
    return Field(
      density: density / (2 * .pi), meanCosine: density > 0 ? Double(rays.total) / density : 1)
  }

  /// A cell of the table along one axis: lower node and weight of the upper one.
  @inline(__always) private func cell(
    _ x: MuonRays.Vector, _ count: Int
  ) -> (SIMD4<Int32>, MuonRays.Vector) {
    let held = VectorFunctions.smaller(
      VectorFunctions.larger(x, .zero), MuonRays.Vector(repeating: Float(count - 1) - 1e-5))
    // Rounding x - 1/2: at a node either of its cells will do.
    let (node, value) = VectorFunctions.rounded(
      VectorFunctions.larger(held - 0.5, .zero))
    return (node, held - value)
  }

  /// Bilinear in a cell.
  @inline(__always) private static func value(
    _ table: UnsafeBufferPointer<SIMD4<Float>>, _ node: Int32, _ secantPart: Float,
    _ sinePart: Float
  ) -> SIMD4<Float> {
    let base = Int(node)
    let next = base + sineCount
    let low = table[base] + sinePart * (table[base + 1] - table[base])
    let high = table[next] + sinePart * (table[next + 1] - table[next])
    return low + secantPart * (high - low)
  }
}
