internal import Glibc
internal import LinearAlgebra
internal import ShowerModel

/// Where the polynomial control of a comparison comes from.
public enum ControlSource: Sendable, Codable, Equatable {
  /// The event file holds it as a method.
  case file
  /// Fitted on the training split of the same simulation.
  case training(events: Int)
  /// Fitted on another file.
  case calibration(path: String, events: Int)
  /// Fitted on one half of the compared showers and applied to the other, both ways.
  case crossFit

  var explanation: String {
    switch self {
    case .file: "as stored in the file"
    case .training(let events): "fitted on \(text(events)) events of the training split"
    case .calibration(let path, let events): "fitted on \(text(events)) events of \(path)"
    case .crossFit: "fitted on either half of the compared showers and applied to the other"
    }
  }

  /// The key in summaries.
  var name: String {
    switch self {
    case .file: "file"
    case .training: "training"
    case .calibration: "calibration"
    case .crossFit: "cross_fit"
    }
  }
}

extension ComparisonSample {
  /// Adds the polynomial control, where the file has none.
  ///
  /// - Parameters:
  ///   - fit: what was learned from other events; nil to learn from either half of these showers for the other.
  ///   - source: where `fit` comes from.
  /// - Throws: `ReportError.controlFailed`.
  public mutating func addPolynomial(
    _ fit: CalibrationFit? = nil, source: ControlSource = .crossFit
  )
    throws(ReportError)
  {
    guard controlSource == nil else { return }
    // Either half of the showers is corrected by what the other half taught.
    let fits = fit.map { [$0, $0] } ?? crossFits()
    var polynomials: [[EventSubset.Group: CalibrationPolynomial]] = []
    for fit in fits {
      var found: [EventSubset.Group: CalibrationPolynomial] = [:]
      for group in EventSubset.Group.allCases {
        do throws(LinearAlgebraError) {
          found[group] = try fit.polynomial(group)
        } catch {
          throw .controlFailed(error.description)
        }
      }
      polynomials.append(found)
    }
    let results = estimates[0].indices.map { event in
      let standard = estimates[0][event]
      let half = Self.half(of: shower[event])
      guard let polynomial = polynomials[1 - half][EventSubset.Group(rawPrimary: primary[event])]
      else { return standard }
      return standard.shifted(
        by: polynomial.residuals(secant: 1 / cos(standard.zenith), logSignal: logSignal[event]))
    }
    add(Method(Method.polynomialName), results, source: source)
  }

  private func crossFits() -> [CalibrationFit] {
    var fits = [CalibrationFit(), CalibrationFit()]
    for event in truths.indices {
      fits[Self.half(of: shower[event])].append(
        truths[event], estimates[0][event], logSignal: logSignal[event],
        EventSubset.Group(rawPrimary: primary[event]))
    }
    return fits
  }

  /// 0 or 1, at random by the shower.
  private static func half(of shower: Int32) -> Int {
    var random = CounterRandom(seed: 1, event: Int(shower), stream: .polynomialControl)
    return Int(random.next() >> 63)
  }
}
