/// What an energy refers to.
///
/// Showers are simulated with their true energy; fluorescence telescopes measure that of real ones.
/// Data that are reconstructed with simulated showers come out 27 % above what the telescopes see.
public enum EnergyScale: String, Sendable, CaseIterable {
  /// Energy of simulated proton showers of QGSJETII-03, E_MC.
  case simulation
  /// Calorimetric energy of the Telescope Array's fluorescence detector, E_FD = E_MC / 1.27.
  case fluorescence

  /// E on this scale over E_MC. Source: public analysis chain of the Telescope Array;
  /// arXiv:1205.5067.
  public var perSimulation: Double {
    switch self {
    case .simulation: 1
    case .fluorescence: 1 / 1.27
    }
  }

  /// What it is, in the words that files hold.
  public var explanation: String {
    switch self {
    case .simulation: "on the scale of the simulation"
    case .fluorescence: "on the scale of the fluorescence detector (that of the simulation / 1.27)"
    }
  }
}
