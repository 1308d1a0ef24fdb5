internal import ShowerModel

/// Which values a column can keep. Whole numbers must be within the range of their type, or have a
/// meaning. Real numbers must be within the limits of the column.
///
/// HDF5 itself would clip silently, and a NaN stored as an integer has no defined value.
enum AllowedValues: Sendable {
  case any
  /// A number, or NaN where there is none.
  case notInfinite
  case within(ClosedRange<Double>)
  case whole(ClosedRange<Double>)
  /// By the number, whether it has a meaning.
  case among([Bool])

  init(_ storage: ColumnStorage, limits: ClosedRange<Double>?) {
    switch storage {
    case .float64, .float32: self = limits.map { .within($0) } ?? .any
    case .int64: self = .whole(-0x1p53...0x1p53)
    case .int32: self = .whole(Double(Int32.min)...Double(Int32.max))
    case .uint8: self = .whole(0...255)
    case .enumeration(let names): self = .among((0...255).map { names[$0] != nil })
    }
  }

  /// The values that a file of whatever program may hold for a column.
  static func reading<Row>(_ column: Column<Row>) -> AllowedValues {
    let allowed = AllowedValues(column.storage, limits: column.limits)
    guard case .any = allowed, !column.mayBeInfinite else { return allowed }
    return .notInfinite
  }

  /// The place of the first value that cannot be kept.
  func firstRefused(in values: ArraySlice<Double>) -> Int? {
    switch self {
    case .any: nil
    case .notInfinite: values.firstIndex(where: \.isInfinite)
    case .within(let range): values.firstIndex { !range.contains($0) }
    case .whole(let range):
      values.firstIndex { $0 != $0.rounded(.towardZero) || !range.contains($0) }
    case .among(let known):
      values.firstIndex { value in
        guard value >= 0, value < Double(known.count) else { return true }
        let number = Int(value)
        return Double(number) != value || !known[number]
      }
    }
  }
}
