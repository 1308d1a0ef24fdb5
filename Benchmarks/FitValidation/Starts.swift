import ArgumentParser
import ShowerModel
@_spi(Validation) import StandardReconstruction

/// Random starts of events: does each end in the minimum that the fit gave?
struct Starts: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Random starts of events: how many end in the minimum of the fit.")

  @OptionGroup var source: EventOptions
  @Option(help: "Starts of each event.") var starts = 200
  @Option(help: "Seed of the starts.") var seed = 1

  /// Standard deviation of the shift of each parameter, in native units.
  private static func width(_ parameter: FitParameter) -> Double {
    switch parameter {
    case .coreX, .coreY, .time: 300
    case .axisX, .axisY: 0.1
    case .logSignal800: 0.5
    case .curvature: 0.2
    }
  }

  func run() throws {
    let (fit, prepared, ids) = try source.open()
    let workspace = fit.makeWorkspace()
    print(
      "Gaussian shifts of 300 m, 0.1 in n_x and n_y, 0.5 in ln S800, 300 ns, 0.2 ns in a; "
        + "seed \(seed).\n")
    print("| event | chi2 | starts in the same minimum (within 1e-3) | higher | lower | given up |")
    print("|---|---|---|---|---|---|")
    var (same, all, lowest) = (0, 0, 0)
    var notes: [String] = []
    for (event, id) in zip(prepared, ids) {
      var random = CounterRandom(seed: UInt64(seed), event: id)
      let shifts = (0..<starts).map { _ in
        FitParameter.allCases.map { Self.width($0) * random.normal() }
      }
      guard let minima = fit.minima(event, shifts: shifts, workspace) else { continue }
      let chi2 = minima.best.chi2
      let reached = minima.others.count { abs($0.chi2 - chi2) < 1e-3 }
      let lower = minima.others.filter { $0.chi2 < chi2 - 1e-3 }
      let higher = minima.others.count { $0.chi2 > chi2 + 1e-3 }
      print(
        "| \(id) | \(fixed(chi2, 3)) | \(reached) | \(higher) | \(lower.count) | "
          + "\(starts - reached - lower.count - higher) |"
      )
      if let lowest = lower.min(by: { $0.chi2 < $1.chi2 }) {
        notes.append(
          "Event \(id): chi2 \(fixed(lowest.chi2, 3)) at \(text(lowest)), "
            + "the fit is at \(text(minima.best))."
        )
      }
      same += reached
      lowest += lower.count
      all += starts
    }
    print("\n\(same) of \(all) starts end in the minimum of the fit, \(lowest) in a lower one.")
    for note in notes { print(note) }
  }

  private func text(_ minimum: FoundMinimum) -> String {
    "core \(fixed(minimum[.coreX], 0)), \(fixed(minimum[.coreY], 0)) m, "
      + "n \(fixed(minimum[.axisX], 4)), \(fixed(minimum[.axisY], 4)), "
      + "ln S800 \(fixed(minimum[.logSignal800], 3)), a \(fixed(minimum[.curvature], 3)) ns"
  }
}
