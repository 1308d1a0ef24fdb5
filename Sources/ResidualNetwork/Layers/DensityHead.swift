extension NetworkProgram {
  /// Writes the mixtures: a hidden layer and an output layer on the numbers of the event, then ln
  /// weights, means, ln sigmas and correlations.
  ///
  /// Means and widths are relative to value and error of each target. Gradients of the mixtures end
  /// in these two layers: values and errors are trained as without. Widths are at most e^3 times
  /// the error, and correlations at most 0.99.
  ///
  /// - Returns: the names of the columns, one of each mixture.
  mutating func writeDensities() -> [String] {
    guard let density = spec.density else { return [] }
    (place, prefix) = ("density", "density")
    let (hidden, hiddenBias) = (
      weight("hidden", [width, width], fanIn: width), bias("hidden", width)
    )
    let output = weight("", [width, density.outputCount], fanIn: width, gain: 0.1)
    let outputBias = parameter("_bias", [density.outputCount], firstMixtures)
    line("y = torch.addmm(\(hiddenBias), features.detach(), \(hidden))")
    line("y = torch.addmm(\(outputBias), torch.silu(y), \(output))")
    return spec.densityColumns.map { columns in
      let count = columns.components
      func part(_ number: Int) -> String {
        "y.narrow(1, \(columns.first - 2 * spec.targets.count + number * count), \(count))"
      }
      for (number, target) in columns.targets.enumerated() {
        let error = "sigmas.narrow(1, \(target), 1).detach()"
        line("mean\(number) = means.narrow(1, \(target), 1).detach()")
        line("mean\(number) = mean\(number) + torch.exp(\(error)) * \(part(1 + number))")
        line("sigma\(number) = \(error) + torch.clamp(\(part(3 + number)), -3., 3.)")
      }
      line("weights = torch.log_softmax(\(part(0)), 1)")
      line("correlations = 0.99 * torch.tanh(\(part(5)))")
      line(
        "\(columns.name) = torch.cat([weights, mean0, mean1, sigma0, sigma1, correlations], 1)")
      return columns.name
    }
  }

  /// What the output layer of the mixtures starts from: components of different widths, so that
  /// they learn different parts.
  private var firstMixtures: [Float] {
    spec.densityColumns.flatMap { columns -> [Float] in
      let count = columns.components
      let widths = (0..<count).map { count > 1 ? Float($0) / Float(count - 1) - 0.5 : 0 }
      let zeros = [Float](repeating: 0, count: count)
      return [zeros, zeros, zeros, widths, widths, zeros].flatMap(\.self)
    }
  }
}
