internal import Glibc

extension Atmosphere {
  /// The atmosphere of a run, from its header (words 250 to 269), with the ground at a level [m].
  ///
  /// Some versions write boundaries of layers that do not belong to the coefficients, so that the
  /// layers do not meet there. If the coefficients are those of the US standard atmosphere, its
  /// boundaries are taken instead.
  /// - Throws: `.unsupported`.
  init(
    of run: CorsikaRunHeader, levelHeight: Double, file: String
  ) throws(CorsikaError) {
    let words = run.words
    let layers = (0..<5).map { index in
      Layer(
        bottom: words.number(250 + index) / 100, a: words.number(255 + index),
        b: words.number(260 + index), c: words.number(265 + index) / 100, isLinear: index == 4)
    }
    let standard = Atmosphere.usStandard.layers
    let isStandard = zip(layers, standard).allSatisfy {
      abs($0.b - $1.b) < 1e-3 * $1.b && abs($0.c - $1.c) < 1e-3 * $1.c
    }
    if isStandard {
      self.init(layers: standard, groundHeight: levelHeight)
      return
    }
    let isSound =
      layers.allSatisfy { $0.b > 0 && $0.c > 0 && $0.a.isFinite }
      && zip(layers, layers.dropFirst()).allSatisfy { lower, upper in
        upper.bottom > lower.bottom
          && abs(lower.depth(upper.bottom) - upper.depth(upper.bottom)) < 1
      }
    guard isSound else {
      throw CorsikaError(
        file: file, block: 1,
        .unsupported(
          what: "the layers of the atmosphere (words 250 to 269 of RUNH) do not fit together",
          remedy: "Make the shower again with a CORSIKA that writes its atmosphere (7.5 or later)"))
    }
    self.init(layers: layers, groundHeight: levelHeight)
  }
}
