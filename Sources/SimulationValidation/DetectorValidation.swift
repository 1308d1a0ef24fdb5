internal import Glibc
internal import ShowerModel
internal import ShowerSimulation

extension SimulationValidation {
  /// Peak of the histogram of background muons, and width of the mean pulse.
  func detectorRows() -> [Row] {
    let response = ParticleResponse(laws: laws, normal: NormalTable())
    let electronics = LayerElectronics()
    var random = CounterRandom(seed: seed, event: 0, stream: .singleMuons)
    let (low, width) = (20.0, 2.0)
    var counts = [Double](repeating: 0, count: 40)
    for _ in 0..<400_000 {
      let charge = electronics.charge(
        deposit: response.backgroundMuon(using: &random).upper, normal: random.normal(),
        using: &random)
      let cell = Int(((charge - low) / width).rounded(.down))
      if counts.indices.contains(cell) { counts[cell] += 1 }
    }
    return [
      Row("single-muon peak [counts]", 48, relative: 0.05, peak(counts, low: low, width: width)),
      Row("single-muon pulse FWHM [ns]", 81, relative: 0.05, pulseWidth()),
    ]
  }

  /// Maximum of a parabola through the cells around the highest one (least squares of nine).
  private func peak(_ counts: [Double], low: Double, width: Double) -> Double {
    let top = min(
      max(counts.indices.max { counts[$0] < counts[$1] } ?? 4, 4), counts.count - 5)
    var (linear, quadratic) = (0.0, 0.0)
    for k in -4...4 {
      // Orthogonal polynomials on nine points: k and k^2 - 20/3.
      let x = Double(k)
      linear += counts[top + k] * x / 60
      quadratic += counts[top + k] * (x * x - 20.0 / 3) / 308
    }
    return low + (Double(top) + 0.5 - linear / (2 * quadratic)) * width
  }

  /// Full width at half maximum of the pulse, between samples linearly.
  private func pulseWidth() -> Double {
    let shape = SinglePulse.shape.map(Double.init)
    let half = 0.5 * (shape.max() ?? 0)
    let crossings = shape.indices.dropLast().compactMap { index -> Double? in
      let (a, b) = (shape[index] - half, shape[index + 1] - half)
      return a * b < 0 ? Double(index) + a / (a - b) : nil
    }
    return SinglePulse.measuredPeriod * ((crossings.last ?? 0) - (crossings.first ?? 0))
  }

  /// Fraction of the nominal mixture that triggers in the middle of a perfect array.
  func triggerRows() throws -> [Row] {
    let earlier = [(1.0, 0.23), (2, 0.66), (3, 0.89), (10, 1), (30, 1)]
    return try earlier.map { energy, fraction in
      var configuration = SimulationConfiguration()
      configuration.coreArea = .centralCell
      configuration.minimumLogEnergy = Units.logEnergyOfEeV + log10(energy)
      configuration.maximumLogEnergy = configuration.minimumLogEnergy
      let simulator = try EventSimulator(
        configuration: configuration, array: .idealGrid(columns: 11, rows: 11),
        constants: constants, response: response, seed: seed, muons: muons)
      let workspace = simulator.makeWorkspace()
      let attempts = energy < 5 ? 1000 : 200
      let triggered = (0..<attempts).filter {
        simulator.simulate(attempt: $0, in: workspace) != nil
      }.count
      return Row(
        "trigger efficiency at \(energy) EeV", "\(fraction) in a study before this program", nil,
        Double(triggered) / Double(attempts))
    }
  }
}
