internal import LeastSquaresFit
import ShowerModel

/// Data minus model of every term of the joint fit, with the analytic Jacobian.
///
/// Rows: times, then signals, then silent stations, then the two of the core's tie and that of a tuned front's
/// scale, where there are such.
/// One instance serves event after event and keeps its memory. Residuals and Jacobian share nearly all of
/// their work, so both are computed at once and kept until the parameters change.
final class JointFitFunction: ResidualFunction {
  let configuration: FitConfiguration
  private(set) var stations: [FitStation] = []
  var errors = FrozenErrors() { didSet { isCurrent = false } }
  /// The fitted parameters.
  var free = FreeParameters.all { didSet { isCurrent = false } }
  /// Values of all seven; the free ones are overwritten.
  var base = JointParameters(core: .zero, axis: .zero, signal800: 1, time: 0, curvature: 0) {
    didSet { isCurrent = false }
  }
  /// Centre to which the core is tied [m], with the configured width.
  var tie: SIMD2<Double>? { didSet { isCurrent = false } }
  /// Whether times and signals are fitted, or one of the two alone.
  private(set) var terms = Terms.all

  enum Terms { case all, times, signals }

  private(set) var timeCount = 0
  private(set) var signalCount = 0
  private(set) var silentCount = 0

  private let tunedScaleSigma: Double?

  /// Coordinates of the fit that is running.
  private var whitening = Whitening()
  private var isWhitened = false

  private var isCurrent = false
  private var current = JointParameters(
    core: .zero, axis: .zero, signal800: 1, time: 0, curvature: 0)
  private var residuals: [Double] = []
  private var jacobian: [Double] = []

  init(configuration: FitConfiguration) {
    self.configuration = configuration
    tunedScaleSigma = configuration.tunedFront?.scaleSigma
  }

  /// Sets the stations of an event, with all errors and branches forgotten.
  func load(_ stations: [FitStation], terms: Terms) {
    self.stations.removeAll(keepingCapacity: true)
    self.stations.append(contentsOf: stations)
    errors.reset(count: stations.count)
    select(terms)
  }

  /// Fits all terms, or those of times or signals alone.
  func select(_ terms: Terms) {
    self.terms = terms
    timeCount = 0
    signalCount = 0
    silentCount = 0
    for station in stations {
      if hasTime(station) { timeCount += 1 }
      if hasSignal(station) { signalCount += 1 }
      if isSilent(station) { silentCount += 1 }
    }
    isCurrent = false
  }

  /// Freezes errors and branches at some parameters.
  func freeze(at parameters: JointParameters) {
    errors.freeze(at: parameters, stations, configuration)
  }

  /// Whether freezing anew would change a branch.
  func changesBranch(at parameters: JointParameters) -> Bool {
    terms != .times && errors.changesBranch(at: parameters, stations, configuration)
  }

  func hasTime(_ station: FitStation) -> Bool { station.hasTime && terms != .signals }
  func hasSignal(_ station: FitStation) -> Bool { station.hasSignal && terms != .times }
  func isSilent(_ station: FitStation) -> Bool { station.isSilent && terms != .times }

  var parameterCount: Int { free.count }
  var residualCount: Int {
    timeCount + signalCount + silentCount + (tie == nil ? 0 : 2) + (scaleSigma == nil ? 0 : 1)
  }

  /// Width of the tie of the curvature to 1, where the front is a tuned one and times are fitted.
  var scaleSigma: Double? {
    guard let tunedScaleSigma else { return nil }
    return terms != .signals && free.contains(JointParameters.curvature) ? tunedScaleSigma : nil
  }

  func residuals(
    at parameters: UnsafeBufferPointer<Double>, into residuals: UnsafeMutableBufferPointer<Double>
  ) {
    evaluate(isWhitened ? whitening.parameters(parameters, free) : all(parameters))
    for i in residuals.indices { residuals[i] = self.residuals[i] }
  }

  func jacobian(
    at parameters: UnsafeBufferPointer<Double>, into jacobian: UnsafeMutableBufferPointer<Double>
  ) {
    evaluate(isWhitened ? whitening.parameters(parameters, free) : all(parameters))
    self.jacobian.withUnsafeBufferPointer { own in
      if isWhitened {
        whitening.transform(own, rows: residualCount, into: jacobian)
      } else {
        for i in jacobian.indices { jacobian[i] = own[i] }
      }
    }
  }

  /// The minimum from a start, with errors and branches as they are; nil where GSL gives up.
  func minimum(
    from start: JointParameters, _ minimiser: LevenbergMarquardt,
    until criteria: ConvergenceCriteria
  ) -> (parameters: JointParameters, minimum: Minimum)? {
    base = start
    evaluate(start)
    jacobian.withUnsafeBufferPointer {
      whitening.set(origin: start, jacobian: $0, rows: residualCount, count: free.count)
    }
    isWhitened = true
    defer { isWhitened = false }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: free.count) { coordinates in
      coordinates.initialize(repeating: Whitening.offset)
      guard let minimum = try? minimiser.minimise(self, at: coordinates, until: criteria) else {
        return nil
      }
      return (whitening.parameters(UnsafeBufferPointer(coordinates), free), minimum)
    }
  }

  /// (J^T J)^-1 of the free parameters `[p, p]`, by rows, in units of q.
  /// - Returns: whether J has full rank.
  func covariance(
    at parameters: JointParameters, _ minimiser: LevenbergMarquardt,
    into matrix: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    withFree(of: parameters) {
      minimiser.covariance(of: self, at: UnsafeBufferPointer($0), into: matrix)
    }
  }

  /// Residuals `[n]` and Jacobian `[n, p]` at some parameters.
  func withRows<Result>(
    at parameters: JointParameters,
    _ body: (UnsafeBufferPointer<Double>, UnsafeBufferPointer<Double>) -> Result
  ) -> Result {
    evaluate(parameters)
    return residuals.withUnsafeBufferPointer { residuals in
      jacobian.withUnsafeBufferPointer { body(residuals, $0) }
    }
  }

  private func withFree<Result>(
    of parameters: JointParameters, _ body: (UnsafeMutableBufferPointer<Double>) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: free.count) { buffer in
      for lane in 0..<free.count {
        buffer.initializeElement(at: lane, to: parameters.q[free.indices[lane]])
      }
      return body(buffer)
    }
  }

  /// All seven parameters, from the free ones.
  func all(_ parameters: UnsafeBufferPointer<Double>) -> JointParameters {
    var result = base
    for lane in 0..<free.count { result.q[free.indices[lane]] = parameters[lane] }
    return result
  }

  private func evaluate(_ parameters: JointParameters) {
    if isCurrent && parameters == current { return }
    current = parameters
    isCurrent = true
    if residuals.count < residualCount {
      residuals = [Double](repeating: 0, count: 2 * residualCount)
    }
    if jacobian.count < residualCount * free.count {
      jacobian = [Double](repeating: 0, count: 2 * residualCount * JointParameters.count)
    }
    // Taken out of self while they are written, so that no access is checked twice.
    var (residuals, jacobian) = ([Double](), [Double]())
    swap(&residuals, &self.residuals)
    swap(&jacobian, &self.jacobian)
    residuals.withUnsafeMutableBufferPointer { residuals in
      jacobian.withUnsafeMutableBufferPointer { jacobian in
        fill(ModelPoint(parameters), Rows(residuals: residuals, jacobian: jacobian, free: free))
      }
    }
    swap(&residuals, &self.residuals)
    swap(&jacobian, &self.jacobian)
  }

  private func fill(_ point: ModelPoint, _ rows: Rows) {
    var timeRow = 0
    var signalRow = timeCount
    var silentRow = timeCount + signalCount
    let (lateralDistribution, front) = (configuration.lateralDistribution, configuration.front)
    let (tuned, softening) = (configuration.tunedFront, configuration.coreSoftening)
    for i in stations.indices {
      let station = stations[i]
      let hasTime = hasTime(station)
      let model = StationModel(
        station.position, point, lateralDistribution, front, tuned: tuned,
        logSignal: { station.logSignal }, softening: softening, needsTime: hasTime)
      let derivatives = model.derivatives(point)
      if hasTime {
        let weight = 1 / errors.time[i]
        rows.set(timeRow, (station.time - model.time) * weight, derivatives.time, factor: -weight)
        timeRow += 1
      }
      if hasSignal(station) {
        let term = signalTerm(i, station.signal, model.signal)
        rows.set(signalRow, term.residual, derivatives.logSignal, factor: term.perLogSignal)
        signalRow += 1
      } else if isSilent(station) {
        let residual = -(1.5 * model.signal).squareRoot()
        rows.set(silentRow, residual, derivatives.logSignal, factor: 0.5 * residual)
        silentRow += 1
      }
    }
    fillTies(point, rows, from: silentRow)
  }

  private func fillTies(_ point: ModelPoint, _ rows: Rows, from first: Int) {
    var row = first
    if let tie {
      let width = configuration.barycentreWidth
      let shift = (point.core - tie) / width
      rows.set(row, -shift.x, Derivatives(place: SIMD4(1, 0, 0, 0)), factor: -1 / width)
      rows.set(row + 1, -shift.y, Derivatives(place: SIMD4(0, 1, 0, 0)), factor: -1 / width)
      row += 2
    }
    if let scaleSigma {
      rows.set(
        row, (1 - point.curvature) / scaleSigma, Derivatives(place: .zero, curvature: 1),
        factor: -1 / scaleSigma)
    }
  }

  /// Signal residual and its derivative by ln S_fit.
  @inline(__always)
  private func signalTerm(
    _ i: Int, _ measured: Double, _ expected: Double
  ) -> (residual: Double, perLogSignal: Double) {
    guard errors.isPoisson[i] else {
      return ((measured - expected) / errors.signal[i], -expected / errors.signal[i])
    }
    return PoissonTerm.residual(measured: 3 * measured, expected: 3 * expected)
  }
}

/// Residuals and Jacobian being written.
private struct Rows {
  let residuals: UnsafeMutableBufferPointer<Double>
  let jacobian: UnsafeMutableBufferPointer<Double>
  let free: FreeParameters
  /// Whether the free parameters are the first ones in order, which the usual fits have.
  let isLeading: Bool

  init(
    residuals: UnsafeMutableBufferPointer<Double>, jacobian: UnsafeMutableBufferPointer<Double>,
    free: FreeParameters
  ) {
    self.residuals = residuals
    self.jacobian = jacobian
    self.free = free
    isLeading = free == .all || free == .fixedCurvature
  }

  @inline(__always)
  func set(_ row: Int, _ residual: Double, _ derivatives: Derivatives, factor: Double) {
    residuals[row] = residual
    let place = factor * derivatives.place * SIMD4(100, 100, 1, 1)
    let logSignal800 = factor * derivatives.logSignal800
    let time = factor * derivatives.time * 100
    let curvature = factor * derivatives.curvature
    let start = row * free.count
    if isLeading {
      jacobian[start] = place[0]
      jacobian[start + 1] = place[1]
      jacobian[start + 2] = place[2]
      jacobian[start + 3] = place[3]
      jacobian[start + 4] = logSignal800
      jacobian[start + 5] = time
      if free.count == JointParameters.count { jacobian[start + 6] = curvature }
    } else {
      let all = SIMD8(
        place[0], place[1], place[2], place[3], logSignal800, time, curvature, 0)
      for column in 0..<free.count { jacobian[start + column] = all[free.indices[column]] }
    }
  }
}
