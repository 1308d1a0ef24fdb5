internal import Glibc
internal import ShowerModel

/// The slope of a density against distance, `n = -d ln rho/d ln r`, in cells of ln r.
struct RadialSlope: Sendable {
  fileprivate let first: Double
  fileprivate let step: Double
  fileprivate let values: [Double]

  @inline(__always) func at(_ logDistance: Double) -> Double {
    let position = min(max((logDistance - first) / step, 0), Double(values.count - 1) - 1e-9)
    let node = Int(position)
    return values[node] + (position - Double(node)) * (values[node + 1] - values[node])
  }
}

/// Slopes of muons and of all other particles.
struct RadialSlopes: Sendable {
  var muons = RadialSlope(first: 0, step: 1, values: [4, 4])
  var others = RadialSlope(first: 0, step: 1, values: [4, 4])

  func of(_ species: GroundParticle.Species) -> RadialSlope {
    species == .muon ? muons : others
  }
}

/// Sums over particles of a thinned shower in rings about the axis.
struct RadialProfile: Sendable {
  private static let step = 0.05
  private static let first = log(50.0)
  private static let count = 104
  /// Width of the smoothing in ln r.
  private static let width = 0.1

  /// Sums of weight times mean deposit [VEM in a layer], by ring.
  private var muons = [Double](repeating: 0, count: count)
  private var others = [Double](repeating: 0, count: count)
  /// Sums of weights of muons.
  private var muonCounts = [Double](repeating: 0, count: count)
  /// Sums of squares of weight times deposit, for the statistics of a ring.
  private var muonSquares = [Double](repeating: 0, count: count)
  private var squares = [Double](repeating: 0, count: count)
  private let cosZenith: Double
  /// Slopes of the signals of muons and of all others.
  private(set) var slopes = RadialSlopes()

  init(cosZenith: Double) { self.cosZenith = cosZenith }

  /// Adds a particle with its mean deposit in a layer [VEM].
  mutating func add(
    distance r: Double, weight: Double, deposit: Double, isMuon: Bool
  ) {
    let bin = Int((log(max(r, 1)) - Self.first) / Self.step)
    guard (0..<Self.count).contains(bin) else { return }
    if isMuon {
      muons[bin] += weight * deposit
      muonCounts[bin] += weight
      muonSquares[bin] += weight * weight * deposit * deposit
    } else {
      others[bin] += weight * deposit
      squares[bin] += weight * weight * deposit * deposit
    }
  }

  /// Makes the slopes, once all particles are there.
  mutating func finish() {
    slopes = RadialSlopes(muons: slope(of: muons, muonSquares), others: slope(of: others, squares))
  }

  /// Straight lines through the logarithms of densities within factors of 1.8 in distance.
  private func slope(of sums: [Double], _ squares: [Double]) -> RadialSlope {
    let centres = (0..<Self.count).map { Self.first + (Double($0) + 0.5) * Self.step }
    let values = centres.map { centre -> Double in
      var (sw, sx, sy, sxx, sxy) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for bin in 0..<Self.count where sums[bin] > 0 {
        let x = centres[bin] - centre
        guard abs(x) < 0.6 else { continue }
        let rows = sums[bin] * sums[bin] / squares[bin]
        let weight = exp(-0.5 * x * x / 0.09) * rows / (1 + rows / 1000)
        let y = log(sums[bin]) - 2 * centres[bin]
        sw += weight
        sx += weight * x
        sy += weight * y
        sxx += weight * x * x
        sxy += weight * x * y
      }
      let determinant = sw * sxx - sx * sx
      guard determinant > 1e-6 * sw * sw, sw > 0 else { return 4 }
      return min(max(-(sw * sxy - sx * sy) / determinant, 1), 9)
    }
    return RadialSlope(first: centres[0], step: Self.step, values: values)
  }

  /// Mean signals on the ground [VEM/m2] and muons per m2 of ground, over azimuths, smoothed in ln
  /// r.
  func densities(at r: Double) -> (muonSignal: Double, otherSignal: Double, muons: Double) {
    let logDistance = log(max(r, 1))
    let power = slopes.others.at(logDistance) - 2
    let muonPower = slopes.muons.at(logDistance) - 2
    let centre = Int((logDistance - Self.first) / Self.step)
    var (muon, other, count, norm) = (0.0, 0.0, 0.0, 0.0)
    for bin in max(centre - 8, 0)..<max(min(centre + 9, Self.count), max(centre - 8, 0)) {
      let away = Self.first + (Double(bin) + 0.5) * Self.step - logDistance
      let kernel = exp(-0.5 * away * away / (Self.width * Self.width))
      let muonWeight = kernel * exp(muonPower * away)
      muon += muonWeight * muons[bin]
      count += muonWeight * muonCounts[bin]
      other += kernel * exp(power * away) * others[bin]
      norm += kernel
    }
    guard norm > 0 else { return (0, 0, 0) }
    let scale = cosZenith / (2 * .pi * r * r * norm * Self.step)
    return (scale * muon, scale * other, scale * count)
  }
}
