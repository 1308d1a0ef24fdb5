/// One named input of a network, and how to compute it from a `View` of the event.
///
/// Names are stored in network files: never change the meaning of one, add another.
public struct ImageInput<View>: Sendable {
  enum Kind: Sendable {
    /// A number: standardised with mean and deviation of the training split.
    case scalar
    /// 0 or 1: left as it is.
    case flag
    /// A number that changes its sign in a mirror, as distances across the shower axis: scaled but
    /// not shifted.
    case odd
    /// Two components on the ground, east and north: turned with the event, scaled but not shifted.
    case vector
  }

  public let name: String
  public let description: String
  let kind: Kind
  let value: @Sendable (borrowing View) -> SIMD2<Double>

  /// Values it takes up in an array of inputs.
  var width: Int { kind == .vector ? 2 : 1 }

  static func scalar(
    _ name: String, _ description: String, _ value: @escaping @Sendable (borrowing View) -> Double
  ) -> ImageInput {
    ImageInput(name: name, description: description, kind: .scalar) { SIMD2(value($0), 0) }
  }

  static func odd(
    _ name: String, _ description: String, _ value: @escaping @Sendable (borrowing View) -> Double
  ) -> ImageInput {
    ImageInput(name: name, description: description, kind: .odd) { SIMD2(value($0), 0) }
  }

  static func flag(
    _ name: String, _ description: String, _ value: @escaping @Sendable (borrowing View) -> Bool
  ) -> ImageInput {
    ImageInput(name: name, description: description, kind: .flag) { SIMD2(value($0) ? 1 : 0, 0) }
  }

  static func vector(
    _ name: String, _ description: String,
    _ value: @escaping @Sendable (borrowing View) -> SIMD2<Double>
  ) -> ImageInput {
    ImageInput(name: name, description: description, kind: .vector, value: value)
  }
}

extension Array {
  /// The inputs with these names, in this order; unknown names are left out.
  func named<View>(_ names: [String]) -> [ImageInput<View>] where Element == ImageInput<View> {
    names.compactMap { name in first { $0.name == name } }
  }
}
