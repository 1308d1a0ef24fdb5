extension DetectorArray {
  /// An array from the text of a file in `tables/arrays/`.
  ///
  /// Comment lines `# name: ...`, `# spacing: ...` [m] and `# altitude: ...` [m above sea level] come first,
  /// with a line `# edge: X, Y` [m] for each corner of the edge in order (none: the convex hull of the
  /// stations), then the header `id,column,row,x,y,z`, then a station a line, z as altitude above sea level.
  /// - Throws: `TableError` with the line at fault.
  public init(parsing text: String, file: String) throws(TableError) {
    var settings: [String: String] = [:]
    var stations: [Station] = []
    var edge: [SIMD2<Double>] = []
    var cells = Set<SIMD2<Int>>()
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if line.hasPrefix("#") {
        let parts = line.dropFirst().split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { continue }
        if trimmed(parts[0]) == "edge" {
          edge.append(try corner(parts[1], file: file, line: number + 1))
        } else {
          settings[trimmed(parts[0])] = trimmed(parts[1])
        }
        continue
      }
      if line.isEmpty || line.hasPrefix("id,") { continue }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == 6, let id = Int(fields[0]), let column = Int(fields[1]),
        let row = Int(fields[2]), let x = Double(fields[3]), let y = Double(fields[4]),
        let z = Double(fields[5]), x.isFinite, y.isFinite, z.isFinite
      else {
        throw TableError(
          table: file, line: number + 1,
          reason: "expected id,column,row,x,y,z, found \"\(line)\"")
      }
      guard (0...9999).contains(column), (0...9999).contains(row),
        cells.insert(SIMD2(column, row)).inserted
      else {
        throw TableError(
          table: file, line: number + 1,
          reason: "grid cell \(column), \(row) is taken or impossible")
      }
      stations.append(Station(id: id, column: column, row: row, position: Position(x, y, z)))
    }
    guard let spacing = settings["spacing"].flatMap(Double.init), spacing > 0,
      let altitude = settings["altitude"].flatMap(Double.init), !stations.isEmpty
    else {
      throw TableError(
        table: file,
        reason: "needs the lines \"# spacing: METRES\" and \"# altitude: METRES\" and stations")
    }
    guard Set(stations.map(\.id)).count == stations.count else {
      throw TableError(table: file, reason: "two stations have the same id")
    }
    guard edge.isEmpty || edge.count >= 3 else {
      throw TableError(table: file, reason: "an edge needs at least three lines \"# edge: X, Y\"")
    }
    self.init(
      name: settings["name"] ?? file, spacing: spacing, referenceAltitude: altitude,
      stations: stations.map {
        Station(
          id: $0.id, column: $0.column, row: $0.row,
          position: $0.position - Position(0, 0, altitude))
      }, edge: edge.isEmpty ? nil : edge)
  }
}

/// A corner of the edge, "X, Y" [m].
private func corner(
  _ text: Substring, file: String, line: Int
) throws(TableError) -> SIMD2<Double> {
  let fields = text.split(separator: ",", omittingEmptySubsequences: false).map {
    Double(trimmed($0))
  }
  guard fields.count == 2, let x = fields[0], let y = fields[1], x.isFinite, y.isFinite else {
    throw TableError(
      table: file, line: line,
      reason: "expected a corner of the edge, \"# edge: X, Y\" in metres, found \"\(text)\"")
  }
  return SIMD2(x, y)
}

/// Text without blanks at its ends.
private func trimmed(_ text: Substring) -> String {
  var text = text
  while text.first?.isWhitespace == true { text.removeFirst() }
  while text.last?.isWhitespace == true { text.removeLast() }
  return String(text)
}
