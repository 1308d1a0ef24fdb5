/// Numbers of each kind in the image of an event.
struct ImageShape: Sendable {
  let event: Int
  /// Of all cells.
  let cells: Int
  /// Of one station.
  let station: Int
  /// Samples of both layers of one station.
  let trace: Int

  init(spec: NetworkSpec) {
    let widths = NetworkProgram.Widths(spec: spec)
    event = widths.event
    cells = spec.cellCount * widths.cell
    station = widths.station
    trace = spec.readsWaveforms ? 2 * spec.samples : 0
  }
}

/// The image of one event as consecutive bytes, as `ImageStore` keeps it. Their number is a
/// multiple of 8, so that every number is aligned.
extension ImageBlock {
  /// Appends the bytes of an event.
  func appendRecord(of row: Int, shape: ImageShape, to bytes: inout [UInt8]) {
    let stations = self.stations(of: row)
    func append<Value>(_ values: [Value], _ first: Int, _ count: Int) {
      let width = MemoryLayout<Value>.stride
      values.withUnsafeBytes { source in
        bytes.append(contentsOf: source[first * width..<(first + count) * width])
      }
    }
    append([Int64(stations.count)], 0, 1)
    append(aliveCells, row, 1)
    append(scaleVariables, 2 * row, 2)
    append(event, row * shape.event, shape.event)
    append(cell, row * shape.cells, shape.cells)
    append(station, stations.lowerBound * shape.station, stations.count * shape.station)
    append(trace, stations.lowerBound * shape.trace, stations.count * shape.trace)
    append(stationCell, stations.lowerBound, stations.count)
    let rest = bytes.count % 8
    if rest > 0 { bytes.append(contentsOf: repeatElement(0, count: 8 - rest)) }
  }

  /// Appends the event of a record, which begins at a multiple of 8 bytes.
  mutating func append(record: UnsafeRawPointer, shape: ImageShape) {
    var next = record
    func take<Value>(_ count: Int, into values: inout [Value]) {
      values.append(
        contentsOf: UnsafeBufferPointer(
          start: next.assumingMemoryBound(to: Value.self), count: count))
      next += count * MemoryLayout<Value>.stride
    }
    var header: [Int64] = []
    take(1, into: &header)
    let stations = Int(header[0])
    take(1, into: &aliveCells)
    take(2, into: &scaleVariables)
    take(shape.event, into: &event)
    take(shape.cells, into: &cell)
    take(stations * shape.station, into: &station)
    take(stations * shape.trace, into: &trace)
    take(stations, into: &stationCell)
    stationStart.append(Int32(stationCell.count))
  }
}
