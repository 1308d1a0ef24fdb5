internal import Glibc

/// The table of the electromagnetic field could not be read.
public struct ElectromagneticFieldError: Error, Equatable, CustomStringConvertible {
  public let description: String
}

/// Electromagnetic signal of the reference shower: a proton of QGSJETII-03 with 10 EeV.
///
/// `e(r, D) = exp(lnN) ((D-D0)/(pk-D0))^((pk-D0)/lam) exp((pk-D)/lam)` [VEM/m2] with
/// D = X_g/cos theta - Xmax and D0 = -600 g/cm2; lnN, pk and lam are linear in ln r.
public struct ElectromagneticField: Sendable, Equatable {
  static let startDepth = -600.0
  private let logDistances: [Double]
  /// (lnN, pk, lam) at each distance.
  private let values: [SIMD3<Double>]

  /// Reads `tables/simulation/electromagnetic-field.csv`: comments with `#`, a header, four columns.
  ///
  /// - Throws: `ElectromagneticFieldError` with file name and line.
  public init(parsing text: String, name: String) throws {
    var logDistances: [Double] = []
    var values: [SIMD3<Double>] = []
    var hasHeader = false
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (number, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
      func refuse(_ reason: String) -> ElectromagneticFieldError {
        ElectromagneticFieldError(description: "\(name):\(number + 1): \(reason)")
      }
      guard hasHeader else {
        guard line == "r_m,ln_norm,peak,lambda" else {
          throw refuse("expected the header r_m,ln_norm,peak,lambda")
        }
        hasHeader = true
        continue
      }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      let numbers = fields.compactMap { Double($0) }
      guard fields.count == 4, numbers.count == 4, numbers.allSatisfy(\.isFinite) else {
        throw refuse("expected four numbers")
      }
      guard numbers[0] > 0, log(numbers[0]) > logDistances.last ?? -.infinity else {
        throw refuse("distances must be positive and grow")
      }
      guard numbers[2] > Self.startDepth, numbers[3] > 0 else {
        throw refuse("peak must exceed \(Self.startDepth) and lambda 0")
      }
      logDistances.append(log(numbers[0]))
      values.append(SIMD3(numbers[1], numbers[2], numbers[3]))
    }
    guard values.count >= 2 else {
      throw ElectromagneticFieldError(description: "\(name): fewer than two distances")
    }
    self.logDistances = logDistances
    self.values = values
  }

  /// e [VEM/m2] at distance r from the axis [m], for D = X_g/cos theta - Xmax [g/cm2].
  ///
  /// Beyond the table lnN falls with -1.6 ln r inwards and -5.2 ln r outwards; r is held in 30...6000 m.
  public func signal(distance: Double, depthBeyondMaximum depth: Double) -> Double {
    guard depth > Self.startDepth else { return 0 }
    let logDistance = log(min(max(distance, 30), 6000))
    let last = logDistances.count - 1
    var v: SIMD3<Double>
    if logDistance <= logDistances[0] {
      v = values[0]
      v.x -= 1.6 * (logDistance - logDistances[0])
    } else if logDistance >= logDistances[last] {
      v = values[last]
      v.x -= 5.2 * (logDistance - logDistances[last])
    } else {
      var index = 0
      while logDistances[index + 1] < logDistance { index += 1 }
      let fraction =
        (logDistance - logDistances[index]) / (logDistances[index + 1] - logDistances[index])
      v = values[index] + fraction * (values[index + 1] - values[index])
    }
    let (logNorm, peak, lambda) = (v.x, v.y, v.z)
    let width = peak - Self.startDepth
    return exp(
      logNorm + width / lambda * log((depth - Self.startDepth) / width) + (peak - depth) / lambda)
  }
}
