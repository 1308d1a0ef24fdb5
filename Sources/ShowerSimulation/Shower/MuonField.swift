internal import ShowerModel

/// The ways from all levels of production to one station, and how many muons come on each; vectors
/// of four levels.
struct MuonRays {
  typealias Vector = SIMD4<Float>
  typealias Levels = InlineArray<7, Vector>

  /// Muons by density times cosine, as flat ground counts them.
  fileprivate(set) var weights = Levels(repeating: .zero)
  /// Sum of the weights.
  fileprivate(set) var total: Float = 0
  /// Distance of the station from the axis [m].
  fileprivate(set) var distance = 0.0
  fileprivate var lengths = Levels(repeating: .zero)
  fileprivate var along = Levels(repeating: .zero)
  fileprivate var cosines = Levels(repeating: .zero)
  fileprivate var nodes = InlineArray<7, SIMD4<Int32>>(repeating: .zero)
  fileprivate var secantParts = Levels(repeating: .zero)
  fileprivate var sineParts = Levels(repeating: .zero)

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
    let (group, lane) = (level / 4, level % 4)
    return Ray(
      length: Double(lengths[group][lane]), along: Double(along[group][lane]),
      cosine: Double(cosines[group][lane]), node: Int(nodes[group][lane]),
      secantPart: Double(secantParts[group][lane]), sinePart: Double(sineParts[group][lane]))
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
    nodes.withUnsafeBufferPointer { table in
      production.groups.withUnsafeBufferPointer { groups in
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
          rays.weights[index] = weight * cosine
          rays.lengths[index] = length
          rays.along[index] = along
          rays.cosines[index] = cosine
          rays.nodes[index] = node
          rays.secantParts[index] = secantPart
          rays.sineParts[index] = sinePart
        }
      }
    }
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
