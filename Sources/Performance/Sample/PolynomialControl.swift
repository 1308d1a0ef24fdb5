internal import Glibc
internal import Numerics
package import ShowerCalibration
internal import ShowerModel

/// Where the polynomial control of a comparison comes from.
package enum ControlSource: Sendable, Codable, Equatable {
  /// The event file holds it as a method.
  case file
  /// Fitted on the training split of the same simulation.
  case training(events: Int)
  /// Fitted on another file.
  case calibration(path: String, events: Int)
  /// Fitted on one half of the compared showers and applied to the other, both ways.
  case crossFit
}

/// Why the polynomial control could not be fitted.
package struct ControlError: Error, Equatable, CustomStringConvertible {
  package let reason: String

  package var description: String { "the polynomial control could not be fitted: \(reason)" }
}

extension ComparisonSample {
  /// Adds the polynomial control, where the file has none.
  ///
  /// - Parameters:
  ///   - fit: sums over other events; nil to fit each half of these showers and correct the other.
  ///   - source: where `fit` comes from.
  /// - Throws: `ControlError`.
  package mutating func addPolynomial(
    _ fit: CalibrationFit? = nil, source: ControlSource = .crossFit
  ) throws(ControlError) {
    guard controlSource == nil else { return }
    // Each half of the showers is corrected by the polynomial fitted to the other half.
    let fits = fit.map { [$0, $0] } ?? crossFits()
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
      let half = Self.half(of: shower[event])
      guard let polynomial = polynomials[1 - half][PrimaryGroup(rawPrimary: primary[event])]
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
        PrimaryGroup(rawPrimary: primary[event]))
    }
    return fits
  }

  /// 0 or 1, at random by the shower.
  private static func half(of shower: Int32) -> Int {
    var random = CounterRandom(seed: 1, event: Int(shower), stream: .polynomialControl)
    return Int(random.next() >> 63)
  }
}
