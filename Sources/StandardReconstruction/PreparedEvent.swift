internal import LeastSquaresFit
package import ShowerModel

/// An event up to the fit: stations selected, start values found, roles given.
package struct PreparedEvent: Sendable {
  let selected: [SelectedStation]
  let stations: [FitStation]
  let start: StartValues

  /// Number of times, signals and silent stations.
  package var termCount: Int {
    stations.reduce(0) { $0 + ($1.hasTime ? 1 : 0) + ($1.hasSignal || $1.isSilent ? 1 : 0) }
  }
}

/// Why an event cannot be fitted.
struct PreparationFailure: Error, Sendable {
  var status: ReconstructionStatus
  var stations: [SelectedStation]
}

extension StandardFit {
  /// The way of an event up to the fit. `unusable` are stations that are not silent even where no pulse of them is
  /// left.
  func prepare(
    _ pulses: [Pulse], dead: [Int], unusable: [Int]
  ) -> Result<PreparedEvent, PreparationFailure> {
    var selected = StationSelector(array: array, configuration: configuration).select(pulses)
    guard let start = StartValues(selected, configuration) else {
      let size = selected.count(where: \.isInCluster)
      let status: ReconstructionStatus =
        size == 0 ? .noCluster : size < 3 ? .underdetermined : .singularCovariance
      return .failure(PreparationFailure(status: status, stations: selected))
    }
    selected.assignRoles(start, configuration)
    let heard = Set(selected.map(\.pulse.station))
    let stations = selected.fitStations(
      dead: dead, unusable: unusable.filter { !heard.contains($0) }, array: array, configuration)
    return .success(PreparedEvent(selected: selected, stations: stations, start: start))
  }
}

/// A minimum of chi2 and where it is.
package struct FoundMinimum: Sendable {
  package let chi2: Double
  /// Core x, core y [m], n_x, n_y, ln S800, t0 [ns], a [ns].
  package let parameters: [Double]

  init(_ chi2: Double, _ parameters: JointParameters) {
    self.chi2 = chi2
    self.parameters = (0..<JointParameters.count).map {
      parameters.q[$0] * JointParameters.scale[$0]
    }
  }
}

// MARK: - For benchmarks and validation: the fit alone, and from any start

extension StandardFit {
  /// An event up to the fit; nil where it cannot be fitted.
  package func prepare(_ event: Event) -> PreparedEvent? {
    let pulses = PulseFinder(configuration: configuration).pulses(of: event)
    return try? prepare(pulses, dead: event.deadStations, unusable: event.hits.map(\.station)).get()
  }

  /// The whole joint fit, all passes from both starts.
  /// - Returns: chi2, nil where there is no result.
  package func fit(_ event: PreparedEvent, _ workspace: Workspace) -> Double? {
    guard case .success(let best) = bestFit(event, workspace) else { return nil }
    return best.fit.minimum.chi2
  }

  /// One minimisation in seven parameters from the start values, errors and branches frozen there.
  /// - Returns: chi2, nil where there are too few times or no result.
  package func minimiseOnce(_ event: PreparedEvent, _ workspace: Workspace) -> Double? {
    let function = workspace.function
    function.load(event.stations, terms: .all)
    guard function.timeCount >= 5 else { return nil }
    function.free = .all
    function.tie = nil
    let start = startParameters(
      event.stations, core: event.start.barycentre, axis: event.start.axis)
    function.freeze(at: start)
    return function.minimum(from: start, workspace.minimiser, until: JointFit.tight)?.minimum.chi2
  }

  /// chi2 of minima from starts about the best fit, errors and branches those of the best fit.
  ///
  /// - Parameters:
  ///   - event: up to the fit.
  ///   - shifts: of (core x, core y [m], n_x, n_y, ln S800, t0 [ns], a [ns]), one row a start.
  ///   - workspace: of this fit.
  /// - Returns: the best fit and the minima from the shifted starts, with a chi2 of NaN where the minimiser gave up;
  ///   nil where the event has no result.
  package func minima(
    _ event: PreparedEvent, shifts: [[Double]], _ workspace: Workspace
  ) -> (best: FoundMinimum, others: [FoundMinimum])? {
    guard case .success(let best) = bestFit(event, workspace) else { return nil }
    let others = shifts.map { shift in
      var start = best.fit.parameters
      for index in 0..<JointParameters.count {
        start.q[index] += shift[index] / JointParameters.scale[index]
      }
      let found = workspace.function.minimum(
        from: start, workspace.minimiser, until: JointFit.tight)
      return FoundMinimum(found?.minimum.chi2 ?? .nan, found?.parameters ?? start)
    }
    return (FoundMinimum(best.fit.minimum.chi2, best.fit.parameters), others)
  }

  /// Times and signals drawn from the fitted model with the fitted errors, fitted again.
  ///
  /// Gaussian terms get Gaussian errors; the terms of few particles a variance of n / 0.4, as their weight says.
  /// Silent stations are left out, since their published weight is no probability.
  /// - Returns: pulls of the seven internal parameters; nil where one of the fits has no result.
  package func toyPulls(
    _ event: PreparedEvent, _ random: inout CounterRandom, _ workspace: Workspace
  ) -> [Double]? {
    let function = workspace.function
    let heard = event.stations.filter { !$0.isSilent }
    guard case .success(let truth) = bestFit(event, workspace) else { return nil }
    let parameters = truth.fit.parameters
    let point = ModelPoint(parameters)
    function.load(heard, terms: .all)
    function.free = .all
    function.tie = nil
    guard function.timeCount >= 5 else { return nil }
    function.freeze(at: parameters)
    var stations = heard
    for index in stations.indices {
      let model = StationModel(
        stations[index].position, point, configuration.lateralDistribution, configuration.front,
        tuned: configuration.tunedFront, logSignal: { heard[index].logSignal },
        softening: configuration.coreSoftening)
      if stations[index].hasTime {
        stations[index].time = model.time + function.errors.time[index] * random.normal()
      }
      guard stations[index].hasSignal else { continue }
      if function.errors.isPoisson[index] {
        let mean = 3 * model.signal
        stations[index].signal = max(mean + (mean / 0.4).squareRoot() * random.normal(), 0) / 3
      } else {
        let sigma = configuration.signalSigma(measured: model.signal, expected: model.signal)
        stations[index].signal = max(model.signal + sigma * random.normal(), 0)
      }
    }
    function.load(stations, terms: .all)
    guard let again = JointFit.run(function, from: parameters, workspace.minimiser) else {
      return nil
    }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 49) { matrix in
      guard function.covariance(at: again.parameters, workspace.minimiser, into: matrix) else {
        return nil
      }
      return (0..<JointParameters.count).map {
        (again.parameters.q[$0] - parameters.q[$0]) / matrix[8 * $0].squareRoot()
      }
    }
  }
}
