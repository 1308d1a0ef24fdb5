import ArgumentParser
import ShowerModel
@_spi(Validation) import StandardReconstruction

/// Events drawn from the fitted model with the fit's own errors: the pulls must have width 1.
struct Toys: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pulls of events drawn from the fitted model itself.")

  @OptionGroup var source: EventOptions
  @Option(help: "Seed of the drawn events.") var seed = 1

  func run() throws {
    let (fit, prepared, ids) = try source.open()
    let workspace = fit.makeWorkspace()
    var pulls = [[Double]](repeating: [], count: FitParameter.allCases.count)
    for (event, id) in zip(prepared, ids) {
      var random = CounterRandom(seed: UInt64(seed), event: id)
      guard let toy = fit.toyPulls(event, &random, workspace) else { continue }
      for (index, pull) in toy.enumerated() { pulls[index].append(pull) }
    }
    print("\(pulls[0].count) events, one drawing each; seed \(seed).\n")
    print("| parameter | mean | 68 % half width | interval of the width |")
    print("|---|---|---|---|")
    for (parameter, values) in zip(FitParameter.allCases, pulls) {
      let sorted = values.sorted()
      let n = Double(sorted.count)
      func quantile(_ q: Double) -> Double { sorted[min(Int(q * n), sorted.count - 1)] }
      let width = 0.5 * (quantile(0.84) - quantile(0.16))
      // Standard error of this half width for a Gaussian, 1.07 / sqrt(n).
      let error = 1.07 * width / n.squareRoot()
      print(
        "| \(name(parameter)) | \(fixed(values.reduce(0, +) / n, 3)) | \(fixed(width, 3)) | "
          + "\(fixed(width - 1.96 * error, 3)) to \(fixed(width + 1.96 * error, 3)) |")
    }
  }

  private func name(_ parameter: FitParameter) -> String {
    switch parameter {
    case .coreX: "core x"
    case .coreY: "core y"
    case .axisX: "n_x"
    case .axisY: "n_y"
    case .logSignal800: "ln S800"
    case .time: "time"
    case .curvature: "a"
    }
  }
}
