internal import ShowerModel
internal import ShowerStore

/// Flat arrays: hits of all events one after the other, windows of all hits one after the other.
struct DSTParserHits: DSTParserForm {
  private let file: NumberFile

  init(_ file: NumberFile) { self.file = file }

  /// Unit of times [ns]: light over 1,200 m.
  private static let timeUnit = 1200 / Units.speedOfLight

  func coreUnits(_: DetectorArray) -> (truth: Double, published: Double, combined: Double) {
    (0.01, 1200, 1200)
  }

  func eventCount() throws(StoreError) -> Int {
    let length = WaveformBank.sampleCount
    let hits = try file.rowCount(of: "detector_ids", shape: [])
    try file.require("arrival_times", shape: [hits, 2])
    try file.require("nfold", shape: [hits])
    try file.require("hit_tt_offsets", shape: [hits + 1])
    _ = try file.rowCount(of: "time_traces", shape: [2, length])
    return try file.rowCount(of: "hit_offsets", shape: []) - 1
  }

  func events(_ rows: Range<Int>, array: DetectorArray) throws(StoreError) -> [DSTParserStations] {
    let starts = try offsets(rows, of: "hit_offsets", within: file.rowCount(of: "detector_ids"))
    let hits = starts[0]..<(starts.last ?? starts[0])
    let stations = try file.values(hits, of: "detector_ids")
    let times = try file.values(hits, of: "arrival_times")
    let folds = try file.values(hits, of: "nfold")
    let windows = try offsets(hits, of: "hit_tt_offsets", within: file.rowCount(of: "time_traces"))
    let first = windows[0]
    let traces = try file.values(first..<(windows.last ?? first), of: "time_traces")
    return zip(starts, starts.dropFirst()).map { start, end in
      DSTParserStations(
        hits: (start..<end).compactMap { row in
          let index = row - hits.lowerBound
          let own = windows[index] - first..<windows[index + 1] - first
          guard !own.isEmpty, let id = Int(exactly: stations[index]) else { return nil }
          return DSTParserHit(
            stationID: id,
            times: SIMD2(times[2 * index], times[2 * index + 1]) * Self.timeUnit,
            foldCount: Int(saturating: folds[index]), lower: own.map { trace(traces, $0, 0) },
            upper: own.map { trace(traces, $0, 1) })
        })
    }
  }

  private func trace(_ traces: [Double], _ window: Int, _ layer: Int) -> [Double] {
    let length = WaveformBank.sampleCount
    let start = (2 * window + layer) * length
    return Array(traces[start..<start + length])
  }

  /// Where some rows begin, and where the last of them ends.
  private func offsets(
    _ rows: Range<Int>, of name: String, within count: Int
  ) throws(StoreError) -> [Int] {
    let values = try file.values(rows.lowerBound..<rows.upperBound + 1, of: name)
    let offsets = values.map { Int(exactly: $0) ?? -1 }
    for (index, (start, end)) in zip(offsets, offsets.dropFirst()).enumerated()
    where start < 0 || end < start || end > count {
      throw .damaged(
        file: file.path, place: "/\(name)",
        reason: "row \(rows.lowerBound + index) has the rows \(values[index]) to "
          + "\(values[index + 1]) of \(count)")
    }
    return offsets
  }
}
