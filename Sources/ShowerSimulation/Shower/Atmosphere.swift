internal import Glibc

/// Vertical depth of the air against height, in five layers as CORSIKA describes it.
///
/// `X_v(h) = A + B exp(-h/C)` in the lower four layers and `A - B h/C` in the highest.
public struct Atmosphere: Sendable, Equatable {
  struct Layer: Sendable, Equatable {
    /// Lower edge [m].
    let bottom: Double
    /// [g/cm2].
    let a: Double
    /// [g/cm2].
    let b: Double
    /// [m].
    let c: Double
    let isLinear: Bool

    func depth(_ height: Double) -> Double {
      isLinear ? a - b * height / c : a + b * exp(-height / c)
    }
    func height(_ depth: Double) -> Double {
      isLinear ? (a - depth) * c / b : -c * log((depth - a) / b)
    }
  }

  let layers: [Layer]
  private let bottomDepths: [Double]
  /// Height of the ground above sea level, h0 [m].
  public let groundHeight: Double
  /// Vertical depth of the ground, X_g [g/cm2].
  public let groundDepth: Double
  /// Density of the air on the ground [kg/m3].
  public let groundDensity: Double

  init(layers: [Layer], groundHeight: Double) {
    self.layers = layers
    self.groundHeight = groundHeight
    bottomDepths = layers.map { $0.depth($0.bottom) }
    let layer = layers.last { $0.bottom <= groundHeight } ?? layers[0]
    groundDepth = layer.depth(groundHeight)
    // A g/cm2 in a metre is 10 kg/m3.
    groundDensity = 10 * (layer.isLinear ? layer.b : groundDepth - layer.a) / layer.c
  }

  /// Average atmosphere of the Telescope Array, ground at 1400 m (877.166 g/cm2).
  ///
  /// Source: CORSIKA atmosphere 25 as configured in TA's public simulation chain.
  public static let telescopeArray = Atmosphere(
    layers: [
      Layer(bottom: 0, a: -157.4824420, b: 1192.660088, c: 9850.498541, isLinear: false),
      Layer(
        bottom: 7418.313895, a: -61.37203423, b: 1154.859863, c: 8164.819595, isLinear: false),
      Layer(
        bottom: 12233.42405, a: 0.7362990220, b: 1409.849923, c: 6200.217587, isLinear: false),
      Layer(bottom: 36548.00685, a: 4.35453690e-4, b: 655.67307, c: 7375.2177, isLinear: false),
      Layer(bottom: 100_000, a: 0.01128292, b: 1, c: 1e7, isLinear: true),
    ], groundHeight: 1400)

  /// US standard atmosphere, ground at 1370 m (878.7 g/cm2), in which the CORSIKA showers were
  /// made.
  ///
  /// Source: CORSIKA atmosphere 1 (Linsley's parametrisation).
  public static let usStandard = Atmosphere(
    layers: [
      Layer(bottom: 0, a: -186.555305, b: 1222.6562, c: 9941.8638, isLinear: false),
      Layer(bottom: 4000, a: -94.919, b: 1144.9069, c: 8781.5355, isLinear: false),
      Layer(bottom: 10_000, a: 0.61289, b: 1305.5948, c: 6361.4304, isLinear: false),
      Layer(bottom: 40_000, a: 0, b: 540.1778, c: 7721.7016, isLinear: false),
      Layer(bottom: 100_000, a: 0.01128292, b: 1, c: 1e7, isLinear: true),
    ], groundHeight: 1370)

  /// Vertical depth above a height above sea level [m], in g/cm2.
  public func verticalDepth(height: Double) -> Double {
    let layer = layers.last { $0.bottom <= height } ?? layers[0]
    return max(layer.depth(height), 0)
  }

  /// Height above sea level [m] with a vertical depth > 0 [g/cm2] above it.
  public func height(verticalDepth depth: Double) -> Double {
    var index = 0
    while index + 1 < layers.count && depth < bottomDepths[index + 1] { index += 1 }
    return layers[index].height(depth)
  }
}
