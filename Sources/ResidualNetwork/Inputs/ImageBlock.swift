/// The images of many events, compact and without gaps: what networks are fed with.
///
/// An event has inputs of the event, of all N x N cells (zero where no station works) and of the
/// stations with a waveform. It also has the traces of these stations. Cells count east first, then
/// north. Memory of an event: `4 (F_event + N^2 F_cell) + stations (4 F_station + 4 T + 1) + 40`
/// bytes, 5-7 kB for ten stations with T = 128.
struct ImageBlock: Sendable {
  /// First station of each event, and one more.
  var stationStart: [Int32] = [0]
  /// Bit n: cell n has a working station.
  var aliveCells: [UInt64] = []
  /// `[event, F_event]`
  var event: [Float] = []
  /// `[event, N * N, F_cell]`
  var cell: [Float] = []
  /// Cell of each station with a waveform.
  var stationCell: [UInt8] = []
  /// `[station, F_station]`
  var station: [Float] = []
  /// `[station, T, layer]`, fixed point of `TraceTransform`; empty without an encoder.
  var trace: [Int16] = []
  /// `[event, 2]`: sec theta and ln S800 of the standard fit, on which the size of residuals
  /// depends.
  var scaleVariables: [Double] = []

  var count: Int { aliveCells.count }

  func stations(of row: Int) -> Range<Int> {
    Int(stationStart[row])..<Int(stationStart[row + 1])
  }

  /// Bytes in use.
  var memory: Int {
    4 * (stationStart.count + event.count + cell.count + station.count) + 2 * trace.count
      + stationCell.count + 8 * (aliveCells.count + scaleVariables.count)
  }

  /// Reserves memory for more events, so that growing arrays are not copied again and again.
  mutating func reserve(
    events: Int, stations: Int, widths: NetworkProgram.Widths, cellCount: Int, samples: Int
  ) {
    event.reserveCapacity(event.count + events * widths.event)
    cell.reserveCapacity(cell.count + events * cellCount * widths.cell)
    station.reserveCapacity(station.count + stations * widths.station)
    stationCell.reserveCapacity(stationCell.count + stations)
    trace.reserveCapacity(trace.count + 2 * samples * stations)
  }

  /// Empties the block and keeps its memory.
  mutating func removeAll() {
    stationStart.removeAll(keepingCapacity: true)
    stationStart.append(0)
    aliveCells.removeAll(keepingCapacity: true)
    event.removeAll(keepingCapacity: true)
    cell.removeAll(keepingCapacity: true)
    stationCell.removeAll(keepingCapacity: true)
    station.removeAll(keepingCapacity: true)
    trace.removeAll(keepingCapacity: true)
    scaleVariables.removeAll(keepingCapacity: true)
  }

  /// Gives back what growing arrays reserved beyond need.
  mutating func shrink() {
    func exact<T>(_ array: [T]) -> [T] {
      array.capacity > array.count + array.count / 8
        ? [T](unsafeUninitializedCapacity: array.count) { buffer, count in
          count = buffer.initialize(fromContentsOf: array)
        } : array
    }
    event = exact(event)
    cell = exact(cell)
    station = exact(station)
    trace = exact(trace)
  }
}
