/// Hadronic interaction model: mean depth of the maximum, its fluctuations, and the muon number.
public enum InteractionModel: String, Sendable, Codable, CaseIterable {
  case qgsjetII04 = "QGSJetII-04"
  case eposLHC = "EPOS-LHC"
  case qgsjetII03 = "QGSJetII-03"

  /// Muon number of a mean proton shower over that of QGSJETII-03.
  ///
  /// Literature by memory; ten CORSIKA showers (Sibyll 2.3c) have 1.20 as geometric mean.
  public var muonNumber: Double {
    switch self {
    case .qgsjetII03: 1
    case .qgsjetII04: 1.15
    case .eposLHC: 1.22
    }
  }

  /// Coefficients of p0, p1, p2, s0, s1, l0, l1, each `a0 + a1 ln A + a2 ln^2 A`.
  ///
  /// Source: De Domenico et al., JCAP 07 (2013) 050, as in the public `astrotools`.
  var coefficients: [SIMD3<Double>] {
    switch self {
    case .qgsjetII04:
      [
        SIMD3(761.383, -11.719, -1.372), SIMD3(57.344, -1.731, 0.309),
        SIMD3(-0.355, 0.273, -0.137), SIMD3(35.221, 12.335, -2.889),
        SIMD3(0.307, -1.147, 0.271), SIMD3(0.673, 0.694, -0.007), SIMD3(0.060, -0.019, 0.017),
      ]
    case .eposLHC:
      [
        SIMD3(775.589, -7.047, -2.427), SIMD3(57.589, -0.743, 0.214),
        SIMD3(-0.820, -0.169, -0.027), SIMD3(29.403, 13.553, -3.154),
        SIMD3(0.096, -0.961, 0.150), SIMD3(0.563, 0.711, 0.058), SIMD3(0.039, 0.067, -0.004),
      ]
    case .qgsjetII03:
      [
        SIMD3(758.444, -10.692, -1.253), SIMD3(48.892, 0.02, 0.179),
        SIMD3(-2.346, 0.348, -0.086), SIMD3(39.033, 7.452, -2.176),
        SIMD3(4.390, -1.688, 0.170), SIMD3(0.857, 0.686, -0.040), SIMD3(0.179, 0.076, -0.0130),
      ]
    }
  }
}
