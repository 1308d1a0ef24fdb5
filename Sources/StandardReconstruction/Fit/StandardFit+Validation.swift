internal import LeastSquaresFit
public import ShowerModel

/// A minimum of chi2 and where it is.
@_spi(Validation) public struct FoundMinimum: Sendable {
  /// NaN where the minimiser gave up.
  public let chi2: Double
  private let parameters: FitParameters

  init(_ chi2: Double, _ parameters: FitParameters) {
    self.chi2 = chi2
    self.parameters = parameters
  }

  /// A parameter in native units: m, ns, or none.
  public subscript(parameter: FitParameter) -> Double { parameters[parameter] * parameter.unit }
}

// MARK: - For benchmarks and validation: the fit alone, and from any start

@_spi(Validation) extension StandardFit {
  /// An event up to the fit; nil where it cannot be fitted.
  public func prepare(_ event: Event) -> PreparedEvent? {
    let pulses = PulseFinder(configuration: configuration).pulses(of: event)
    return try? prepare(pulses, dead: event.deadStations, unusable: event.hits.map(\.station)).get()
  }

  /// The whole joint fit, all passes from both starts.
  ///
  /// - Returns: chi2, nil where there is no result.
  public func fit(_ event: PreparedEvent, _ workspace: Workspace) -> Double? {
    guard case .success(let best) = bestFit(event, workspace.memory) else { return nil }
    workspace.memory.recycle(best.problem)
    return best.chi2
  }

  /// One minimisation in seven parameters from the start values, with errors frozen there.
  ///
  /// - Returns: chi2, nil where there are too few times or no result.
  public func minimiseOnce(_ event: PreparedEvent, _ workspace: Workspace) -> Double? {
    let problem = FitProblem(model, event.stations, terms: .all, free: .all)
    guard problem.timeCount >= 5 else { return nil }
    let start = startParameters(
      event.stations, core: event.start.barycentre, axis: event.start.axis)
    let memory = workspace.memory
    let frozen = problem.frozen(at: start, reusing: memory.takeErrors())
    defer { memory.recycle(frozen) }
    return memory.minimise(frozen, from: start, stepLimit: JointFit.tight)?.minimum.chi2
  }

  /// Minima from starts about the best fit, with the errors of the best fit.
  ///
  /// - Parameters:
  ///   - event: up to the fit.
  ///   - shifts: of each start, in native units, one element for each parameter in order.
  ///   - workspace: of this fit.
  /// - Returns: the best fit and the minima from the shifted starts; nil where the event has no
  ///   result.
  public func minima(
    _ event: PreparedEvent, shifts: [[Double]], _ workspace: Workspace
  ) -> (best: FoundMinimum, others: [FoundMinimum])? {
    guard case .success(let best) = bestFit(event, workspace.memory) else { return nil }
    defer { workspace.memory.recycle(best.problem) }
    let others = shifts.map { shift in
      var start = best.state.parameters
      for (parameter, step) in zip(FitParameter.allCases, shift) {
        start[parameter] += step / parameter.unit
      }
      let found = workspace.memory.minimise(best.problem, from: start, stepLimit: JointFit.tight)
      return FoundMinimum(found?.minimum.chi2 ?? .nan, found?.parameters ?? start)
    }
    return (FoundMinimum(best.chi2, best.state.parameters), others)
  }

  /// Times and signals drawn from the fitted model with the fitted errors, fitted again.
  ///
  /// Gaussian terms get Gaussian errors. Poisson terms get a variance of n / 0.4, as their weight
  /// implies. Silent stations are left out, since their published weight is no probability.
  /// - Returns: the pull of each parameter in order; nil where one of the fits has no result.
  public func toyPulls(
    _ event: PreparedEvent, _ random: inout CounterRandom, _ workspace: Workspace
  ) -> [Double]? {
    let memory = workspace.memory
    guard case .success(let best) = bestFit(event, memory) else { return nil }
    let truth = best.state.parameters
    let hits = event.stations.filter { !$0.isSilent }
    let problem = FitProblem(model, hits, terms: .all, free: .all)
    guard problem.timeCount >= 5 else { return nil }
    let errors = FrozenErrors(at: truth, stations: hits, configuration: configuration)
    let point = ModelPoint(truth)
    var stations = hits
    for index in stations.indices {
      let expected = StationModel(
        stations[index].position, point, configuration, logSignal: { hits[index].logSignal })
      if stations[index].hasTime {
        stations[index].time = expected.time + errors[index].time * random.normal()
      }
      guard stations[index].hasSignal else { continue }
      if errors[index].isPoisson {
        let area = configuration.detector.stationArea
        let mean = area * expected.signal
        stations[index].signal = max(mean + (mean / 0.4).squareRoot() * random.normal(), 0) / area
      } else {
        let sigma = configuration.signalSigma(measured: expected.signal, expected: expected.signal)
        stations[index].signal = max(expected.signal + sigma * random.normal(), 0)
      }
    }
    let drawn = FitProblem(model, stations, terms: .all, free: .all)
    guard let again = JointFit.run(drawn, from: truth, memory),
      let covariance = memory.covariance(of: again.problem, at: again.state.parameters)
    else { return nil }
    return FitParameter.allCases.map {
      (again.state.parameters[$0] - truth[$0]) / covariance[$0, $0].squareRoot()
    }
  }
}
