import Glibc
public import ShowerModel

/// Energy of a shower from S800 and zenith angle, on the scale of a simulation.
///
/// A table from simulated showers has values on a grid (`EnergyNodes`). The published energy of the
/// Telescope Array is a staircase (`EnergyStaircase`).
public struct EnergyTable: Sendable, Equatable {
  public let name: String
  /// What it was made for; nil where it does not say.
  public let purpose: EnergyTablePurpose?
  private let form: Form
  /// Added to log10 E.
  private let shift: Double

  enum Form: Sendable, Equatable {
    case nodes(EnergyNodes)
    case staircase(EnergyStaircase)
    case none
  }

  /// A table without any energy: that of an array for which none was made.
  public static let none = EnergyTable(name: "none", form: .none)

  /// Whether it is the one without any energy.
  public var isNone: Bool { form == .none }

  /// log10(E/EeV), with its derivatives by ln S800 and by theta.
  public struct Value: Sendable, Equatable {
    public var value: Double
    public var perLogSignal: Double
    public var perZenith: Double
    /// Whether it lies beyond the energies that the table was made of.
    public var isExtrapolated = false
  }

  init(name: String, form: Form, purpose: EnergyTablePurpose? = nil, shift: Double = 0) {
    self.name = name
    self.purpose = purpose
    self.form = form
    self.shift = shift
  }

  /// The same table with energies on another scale than that of the simulation, which tables have.
  public func on(_ scale: EnergyScale) -> EnergyTable {
    guard scale != .simulation else { return self }
    return EnergyTable(name: name, form: form, purpose: purpose, shift: log10(scale.perSimulation))
  }

  /// The energy; nil where the table has none.
  public func logEnergy(signal800: Double, zenith: Double) -> Value? {
    let value: Value? =
      switch form {
      case .nodes(let nodes): nodes.logEnergy(signal800: signal800, zenith: zenith)
      case .staircase(let stairs): stairs.logEnergy(signal800: signal800, zenith: zenith)
      case .none: nil
      }
    guard var value else { return nil }
    value.value += shift
    return value
  }

  /// Statistical standard error of the table's log10(E/EeV); nil where the table has no energy or
  /// states no error.
  public func tableError(signal800: Double, zenith: Double) -> Double? {
    guard case .nodes(let nodes) = form else { return nil }
    return nodes.tableError(signal800: signal800, zenith: zenith)
  }
}
