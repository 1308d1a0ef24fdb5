import Glibc

/// log10(E/EeV) on a grid in sec theta and log10 S800.
///
/// Bilinear between grid points. There is no energy outside the grid, nor in a cell with an absent
/// corner: no simulated shower supports it.
struct EnergyNodes: Sendable, Equatable {
  /// One axis of the grid.
  struct Axis: Sendable, Equatable {
    let first: Double
    let step: Double
    let count: Int

    /// The cell of a value, with the part of the way through it; nil outside.
    func cell(_ value: Double) -> (index: Int, fraction: Double)? {
      let x = (value - first) / step
      guard x >= 0, x <= Double(count - 1) else { return nil }
      let index = min(Int(x), count - 2)
      return (index, x - Double(index))
    }
  }
  /// An entry: log10(E/EeV), its standard error, nil where the table states none, and whether it
  /// lies beyond the simulated energies.
  struct Entry: Sendable, Equatable {
    let logEnergy: Double
    let error: Double?
    var isExtrapolated = false
  }
  /// sec theta.
  let secant: Axis
  /// log10(S800 / (VEM/m2)).
  let logSignal: Axis
  /// `[secant, logSignal]`, nil where absent.
  let entries: [Entry?]

  /// Where signal and zenith lie in a cell, and its corners; nil where one is absent, or outside.
  private func cell(
    _ signal800: Double, _ zenith: Double
  ) -> (u: Double, v: Double, corners: Corners)? {
    guard signal800 > 0, zenith < 0.5 * .pi, let (i, u) = secant.cell(1 / cos(zenith)),
      let (j, v) = logSignal.cell(log10(signal800))
    else { return nil }
    let index = i * logSignal.count + j
    guard let nearLow = entries[index], let nearHigh = entries[index + 1],
      let farLow = entries[index + logSignal.count],
      let farHigh = entries[index + logSignal.count + 1]
    else { return nil }
    return (u, v, Corners(nearLow: nearLow, nearHigh: nearHigh, farLow: farLow, farHigh: farHigh))
  }

  /// Entries around a place: near and far in sec theta, low and high in S800.
  private struct Corners {
    let nearLow: Entry
    let nearHigh: Entry
    let farLow: Entry
    let farHigh: Entry

    var hasExtrapolated: Bool {
      nearLow.isExtrapolated || nearHigh.isExtrapolated || farLow.isExtrapolated
        || farHigh.isExtrapolated
    }
  }

  func logEnergy(signal800: Double, zenith: Double) -> EnergyTable.Value? {
    guard let (u, v, at) = cell(signal800, zenith) else { return nil }
    let nearStep = at.nearHigh.logEnergy - at.nearLow.logEnergy
    let farStep = at.farHigh.logEnergy - at.farLow.logEnergy
    let low = at.nearLow.logEnergy + v * nearStep
    let high = at.farLow.logEnergy + v * farStep
    let perY = (1 - u) * nearStep + u * farStep
    let secTheta = 1 / cos(zenith)
    return EnergyTable.Value(
      value: low + u * (high - low), perLogSignal: perY / logSignal.step / log(10),
      perZenith: (high - low) / secant.step * secTheta * tan(zenith),
      isExtrapolated: at.hasExtrapolated)
  }

  /// The errors of neighbouring entries come from the same showers. They are therefore fully
  /// correlated: interpolated, not added in quadrature.
  /// - Returns: nil where the table has no energy or states no error.
  func tableError(signal800: Double, zenith: Double) -> Double? {
    guard let (u, v, at) = cell(signal800, zenith), let nearLow = at.nearLow.error,
      let nearHigh = at.nearHigh.error, let farLow = at.farLow.error, let farHigh = at.farHigh.error
    else { return nil }
    let low = nearLow + v * (nearHigh - nearLow)
    let high = farLow + v * (farHigh - farLow)
    return low + u * (high - low)
  }
}
