public import Foundation

/// Outputs of a network for some events of its validation split, stored in its file.
///
/// By it the members of an ensemble, which know nothing of each other, are combined with slopes and
/// errors that are fitted to the ensemble itself: they must have been trained with the same events.
public struct ValidationSample: Sendable, Equatable, Codable {
  /// `[event, 2]`: sec theta and ln S800.
  public var variables: Data
  /// `[event, target]`: true minus standard in native units.
  public var residuals: Data
  /// `[event, output]` of the network.
  public var outputs: Data

  /// Events kept at most: 4,000 are 320 kB of JSON and fix an error to 1.5 %.
  static let limit = 4000

  /// The first events of a sample of one network.
  init(_ sample: CombinationSample) {
    let count = min(sample.count, Self.limit)
    variables = Self.data(sample.variables.prefix(2 * count).map(Float.init))
    residuals = Self.data(sample.residuals.prefix(sample.targetCount * count).map(Float.init))
    outputs = Self.data(Array(sample.members[0].prefix(sample.outputCount * count)))
  }

  /// Whether two samples hold the same events.
  func hasEvents(of other: ValidationSample) -> Bool {
    variables == other.variables && residuals == other.residuals
  }

  static func data(_ values: [Float]) -> Data {
    var data = Data(capacity: 4 * values.count)
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
    }
    return data
  }

  /// Floats of little-endian bytes.
  static func floats(_ data: Data) -> [Float] {
    data.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map {
        Float(
          bitPattern: UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }
}
