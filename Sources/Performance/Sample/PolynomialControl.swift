internal import Glibc
internal import Numerics
package import ShowerCalibration
internal import ShowerModel

/// Where the polynomial control of a comparison comes from.
package enum ControlSource: Sendable, Codable, Equatable {
  /// Fitted on the training split of the same simulation.
  case training(events: Int)
  /// Fitted on another file.
  case calibration(path: String, events: Int)
  /// A tenth of the compared showers is corrected by what was fitted to the other nine.
  case crossFit
}

/// Why the polynomial control could not be fitted.
package struct ControlError: Error, Equatable, CustomStringConvertible {
  package let reason: String

  package var description: String { "the polynomial control could not be fitted: \(reason)" }
}

extension ComparisonSample {
  /// Adds the polynomial control.
  ///
  /// - Parameters:
  ///   - fit: sums over other events; nil to fit nine tenths of these showers for each tenth.
  ///   - source: where `fit` comes from.
  /// - Throws: `ControlError`.
  package mutating func addPolynomial(
    _ fit: CalibrationFit? = nil, source: ControlSource = .crossFit
  ) throws(ControlError) {
    precondition(controlSource == nil, "a sample has one control")
    let fits = fit.map { [$0] } ?? crossFits()
    var polynomials: [[PrimaryGroup: CalibrationPolynomial]] = []
    for fit in fits {
      var found: [PrimaryGroup: CalibrationPolynomial] = [:]
      for group in PrimaryGroup.allCases {
        do throws(LinearAlgebraError) {
          found[group] = try fit.polynomial(group)
        } catch {
          throw ControlError(reason: error.description)
        }
      }
      polynomials.append(found)
    }
    let results = estimates[0].indices.map { event in
      let standard = estimates[0][event]
      let part = fit == nil ? Self.part(of: shower[event]) : 0
      guard let polynomial = polynomials[part][PrimaryGroup(rawPrimary: primary[event])]
      else { return standard }
      return standard.shifted(
        by: polynomial.residuals(secant: 1 / cos(standard.zenith), logSignal: logSignal[event]))
    }
    add(Method(.polynomial), results, source: source)
  }

  /// Parts of the showers, of which each is corrected by what the others say.
  private static let partCount = 10

  /// For each part, the fit to all other parts.
  private func crossFits() -> [CalibrationFit] {
    var fits = [CalibrationFit](repeating: CalibrationFit(), count: Self.partCount)
    for event in truths.indices {
      fits[Self.part(of: shower[event])].append(
        truths[event], estimates[0][event], logSignal: logSignal[event],
        PrimaryGroup(rawPrimary: primary[event]))
    }
    return fits.indices.map { part in
      var others = CalibrationFit()
      for (other, fit) in fits.enumerated() where other != part { others.append(fit) }
      return others
    }
  }

  /// At random by the shower.
  private static func part(of shower: Int32) -> Int {
    var random = CounterRandom(seed: 1, event: Int(shower), stream: .polynomialControl)
    return Int((UInt64(random.word()) * UInt64(partCount)) >> 32)
  }
}
