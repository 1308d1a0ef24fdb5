internal import ShowerModel

/// What is kept in memory of every event of a training set: 75 bytes with five targets.
struct TrainingIndex {
  /// Targets in native units: `[event, target]`.
  var residuals: [Double] = []
  /// By how much each event counts; empty where all count once.
  var weights: [Double] = []
  var splits: [UInt8] = []
  /// To name events in errors; no input.
  var ids: [Int] = []
  /// `[event, 2]`: sec theta and ln S800 of the standard fit, on which the size of residuals
  /// depends.
  var variables: [Double] = []
  /// Where the images lie.
  private var owners: [Int16] = []
  private var offsets: [Int] = []
  private var sizes: [Int32] = []

  var count: Int { splits.count }

  /// Bytes in use.
  var memory: Int {
    8 * (residuals.count + weights.count + variables.count + ids.count + offsets.count)
      + splits.count + 2 * owners.count + 4 * sizes.count
  }

  func location(of event: Int) -> RecordLocation {
    RecordLocation(
      owner: Int(owners[event]), offset: offsets[event], size: Int(sizes[event]))
  }

  mutating func append(
    residuals: [Double], weight: Double?, split: Split, id: Int, variables: ArraySlice<Double>,
    location: RecordLocation
  ) {
    self.residuals += residuals
    if let weight { weights.append(weight) }
    splits.append(UInt8(Split.allCases.firstIndex(of: split) ?? 0))
    ids.append(id)
    self.variables += variables
    owners.append(Int16(location.owner))
    offsets.append(location.offset)
    sizes.append(Int32(location.size))
  }

  /// Appends some events of another process.
  mutating func append(_ other: TrainingIndex, _ events: Range<Int>, targets: Int, owner: Int) {
    residuals += other.residuals[events.lowerBound * targets..<events.upperBound * targets]
    if !other.weights.isEmpty { weights += other.weights[events] }
    splits += other.splits[events]
    ids += other.ids[events]
    variables += other.variables[2 * events.lowerBound..<2 * events.upperBound]
    owners += repeatElement(Int16(owner), count: events.count)
    offsets += other.offsets[events]
    sizes += other.sizes[events]
  }

  /// Events of a split, in order.
  func rows(of split: Split) -> [Int] {
    let number = UInt8(Split.allCases.firstIndex(of: split) ?? 0)
    return splits.indices.filter { splits[$0] == number }
  }

  func write(to writer: inout ByteWriter) {
    writer.write(residuals)
    writer.write(weights)
    writer.write(splits)
    writer.write(ids)
    writer.write(variables)
    writer.write(offsets)
    writer.write(sizes)
  }

  init() {}

  init?(from reader: inout ByteReader) {
    guard let residuals = reader.read(Double.self), let weights = reader.read(Double.self),
      let splits = reader.read(UInt8.self), let ids = reader.read(Int.self),
      let variables = reader.read(Double.self),
      let offsets = reader.read(Int.self), let sizes = reader.read(Int32.self)
    else { return nil }
    (self.residuals, self.weights, self.splits, self.ids) = (residuals, weights, splits, ids)
    (self.variables, self.offsets, self.sizes) = (variables, offsets, sizes)
  }
}

/// Domain features of the training split: of each event, or of each k-th where they are many.
struct DomainSample {
  /// Events kept at most, by twice their number at worst: tails of 0.1 % are known well enough.
  static let limit = 300_000
  /// Values of `DomainFeature.all`, event after event.
  private(set) var rows: [Float] = []
  private var stride = 1
  private var seen = 0

  mutating func append(_ event: @autoclosure () -> [Float]) {
    if seen.isMultiple(of: stride) { rows += event() }
    seen += 1
    thin()
  }

  /// Rows of others.
  mutating func append(rows others: [Float]) {
    rows += others
    thin()
  }

  private mutating func thin() {
    let width = DomainFeature.all.count
    while rows.count > Self.limit * width {
      rows = Swift.stride(from: 0, to: rows.count, by: 2 * width).flatMap {
        rows[$0..<$0 + width]
      }
      stride *= 2
    }
  }
}
