internal import Glibc
package import ShowerModel

/// Photomultiplier and FADC of one layer of one station during one event.
package struct LayerElectronics {
  /// True gain [counts/MeV].
  var gain = 19.2
  /// Photo-electrons per MeV.
  var photoElectrons = 12.0
  /// Relative fluctuation of the charge of one photo-electron, k.
  var singleElectronSpread = 0.4
  /// Standard deviation of the noise of a sample, before rounding [counts].
  var noise = 0.75
  /// Counts above which the electronics compress; infinite for linear ones.
  var compressionStart = Float(DetectorDescription.telescopeArray.linearLimit)
  /// The largest count.
  var fullScale = Float(DetectorDescription.telescopeArray.fullScale)
  /// True mean pedestal [counts].
  var pedestal = 6.0
  /// What the monitoring says.
  var monitoredPedestal = 6.0
  var monitoredDeviation = 0.28
  var countsPerVEM = 39.4

  package init() {}

  /// Draws gain, yield, pedestal and the errors of the monitoring around their nominal values.
  init(
    _ configuration: SimulationConfiguration, _ detector: DetectorDescription,
    normal: NormalTable, using random: inout CounterRandom
  ) {
    // Six numbers of 16 bits.
    let (first, second) = (random.next(), random.next())
    func spread(_ relative: Double, _ bits: UInt64) -> Double {
      max(1 + relative * normal(bits), 0.3)
    }
    gain = configuration.countsPerMeV * spread(configuration.gainSpread, first)
    photoElectrons =
      configuration.photoElectronsPerMeV * spread(configuration.photoElectronSpread, first >> 16)
    // Multiplication noise falls with the gain of the tube (TA detector simulation).
    let v = 6.08607 + 0.4342944819 * VectorFunctions.log(gain / photoElectrons)
    singleElectronSpread = max(
      1.93348 + v * (-0.47694 + v * (0.0493108 - 0.00194568 * v)), 0)
    pedestal = max(configuration.pedestal + configuration.pedestalSpread * normal(first >> 32), 0.5)
    monitoredPedestal = pedestal + 0.03 * normal(first >> 48)
    noise = configuration.noise
    monitoredDeviation = LayerElectronics.deviation(noise) * spread(0.03, second)
    countsPerVEM =
      gain * detector.energyOfVEM * spread(configuration.calibrationError, second >> 16)
    compressionStart = configuration.nonLinearity ? Float(detector.linearLimit) : .infinity
    fullScale = configuration.saturation ? Float(detector.fullScale) : 65_535
  }

  /// What the monitoring calls deviation, for a noise of single samples [counts].
  ///
  /// Rounding adds its variance to that of the noise; 0.35: half width of 8-sample sums / 8 / 2.33.
  private static func deviation(_ noise: Double) -> Double {
    0.35 * (noise * noise + 1.0 / 12).squareRoot()
  }

  /// Makes the layer a bad one: its gain is off by a factor that the calibration does not know, and
  /// it is noisier, which the monitoring sees.
  mutating func spoil(gainFactor: Double, noiseFactor: Double) {
    gain *= gainFactor
    monitoredDeviation *=
      LayerElectronics.deviation(noiseFactor * noise) / LayerElectronics.deviation(noise)
    noise *= noiseFactor
  }

  /// Charge [counts] of an energy deposit [MeV], with photo-statistics.
  ///
  /// As `LayerCharges` has it. `normal` is a standard normal number; `random` is used below ten
  /// photo-electrons only.
  package func charge(
    deposit: Double, normal: Double, using random: inout CounterRandom
  ) -> Double {
    LayerCharges(upper: self, lower: self)
      .charges(SIMD2(deposit, 0), normals: SIMD2(normal, 0), using: &random).x
  }
}

/// The FADC response to a short light pulse.
package enum SinglePulse {
  /// Length of the samples in which the pulse was measured [ns].
  package static let measuredPeriod = 20.0
  /// Fraction of the charge in each of them, FWHM 81 ns. Source: TA waveform analysis.
  package static let shape: [Float] = {
    let measured: [Float] = [
      0.09044301, 0.2011518, 0.2357062, 0.1958141, 0.1346454, 0.07871757, 0.03778135, 0.01320628,
      0.003927172, 0.001456995, 0.0007651797, 0.0004421589,
    ]
    let sum = measured.reduce(0, +)
    return measured.map { $0 / sum }
  }()

  /// Fraction of the charge in each sample of another length [ns].
  ///
  /// The charge that has come by a time is a monotone cubic through the measured sums. Its slope
  /// at the edge of two measured samples is the harmonic mean of their heights. Source: F. N.
  /// Fritsch and J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300, doi:10.1137/0905021.
  static func shape(samplePeriod: Double) -> [Float] {
    guard samplePeriod != measuredPeriod else { return shape }
    let heights = shape.map(Double.init)
    let slopes = [0] + zip(heights, heights.dropFirst()).map { 2 * $0 * $1 / ($0 + $1) } + [0]
    let sums = heights.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    /// Charge by a time in measured samples.
    func charge(_ time: Double) -> Double {
      let sample = min(Int(time), heights.count - 1)
      let u = min(time - Double(sample), 1)
      let bend = slopes[sample] + slopes[sample + 1] - 2 * heights[sample]
      let start = 3 * heights[sample] - 2 * slopes[sample] - slopes[sample + 1]
      return sums[sample] + u * (slopes[sample] + u * (start + u * bend))
    }
    let step = samplePeriod / measuredPeriod
    return (0..<Int((Double(heights.count) / step).rounded(.up))).map {
      Float(charge(Double($0 + 1) * step) - charge(Double($0) * step))
    }
  }

  /// The law of compression, `start + d exp(-d / (6 start))`, d = x - start: the published one,
  /// `exp(-0.05 d/600)` above 2000 counts, for electronics of any range.
  @inline(__always) static func compressed(_ counts: Float, above start: Float) -> Float {
    guard counts > start else { return counts }
    // The law turns over at d = 6 start, far beyond the full scale of the Telescope Array.
    let d = min(counts - start, 6 * start)
    return start + d * expf(-0.05 * d / (3 * start / 10))
  }
}
