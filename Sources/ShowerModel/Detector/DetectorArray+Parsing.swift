extension DetectorArray {
  /// An array from the text of a file in `tables/arrays/`.
  ///
  /// Comment lines `# name: ...`, `# spacing: ...` [m] and `# altitude: ...` [m above sea level]
  /// come first, with a line `# edge: X, Y` [m] for each corner of the edge in order (none: the
  /// convex hull of the stations) and, for sky coordinates, `# latitude: ...` and
  /// `# longitude: ...` [deg, north and east positive] of x = y = 0. Then follow the header
  /// `id,column,row,x,y,z` and a station a line. An array without a square grid has the header
  /// `id,x,y,z`. Its spacing, if left out, is the median distance to the nearest station. Positions
  /// that can hardly be metres need the line `# unit: m`.
  /// z is the altitude above sea level; with the line `# frame: tangent plane` it is the height
  /// above the plane that touches the Earth at x = y = 0, at the altitude stated.
  ///
  /// Lines `# sample_period: 20` and so on describe the stations, by the names of
  /// `DetectorDescription.quantities`, and `# response: NAME` names their table of
  /// `tables/detectors`. What is left out is that of the Telescope Array. Numbers of stations,
  /// cells and positions must differ.
  /// - Throws: `TableError` with the line at fault.
  public init(parsing text: String, file: String) throws(TableError) {
    var name: String?
    var (spacing, altitude): (Double?, Double?)
    var frame = GroundFrame.flat
    var detector = DetectorDescription.telescopeArray
    var (latitude, longitude): (Double?, Double?)
    var (hasHeader, hasGrid, hasUnit) = (false, true, false)
    var stations: [Station] = []
    var edge: [SIMD2<Double>] = []
    var cells: [SIMD2<Int>: Int] = [:]
    var (ids, places): ([Int: Int], [Position: Int]) = ([:], [:])
    for (number, line) in text.lines.enumerated() {
      func fail(_ reason: String) -> TableError {
        TableError(table: file, line: number + 1, reason: reason)
      }
      if line.hasPrefix("#") {
        let parts = line.dropFirst().split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { continue }
        switch trimmed(parts[0]) {
        case "response":
          guard !trimmed(parts[1]).isEmpty else { throw fail("response must name a table") }
          detector.response = trimmed(parts[1])
        case "edge": edge.append(try corner(parts[1], file: file, line: number + 1))
        case "frame":
          // A note may follow a semicolon, as in older files.
          let text = trimmed(parts[1].prefix { $0 != ";" })
          guard let value = GroundFrame(rawValue: text) else {
            throw fail(
              "frame must be "
                + GroundFrame.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
                + ", found \"\(text)\"")
          }
          frame = value
        case "latitude", "longitude":
          let key = trimmed(parts[0])
          let limit = key == "latitude" ? 90.0 : 360.0
          guard let value = Double(trimmed(parts[1])), abs(value) <= limit else {
            throw fail(
              "\(key) must be -\(Int(limit)) to \(Int(limit)) degrees, "
                + "found \"\(trimmed(parts[1]))\"")
          }
          if key == "latitude" { latitude = value } else { longitude = value }
        case "unit":
          guard trimmed(parts[1]) == "m" else {
            throw fail("unit must be m, the metre, found \"\(trimmed(parts[1]))\"")
          }
          hasUnit = true
        case "name": name = trimmed(parts[1])
        case "spacing":
          guard let value = Double(trimmed(parts[1])), (1...100_000).contains(value) else {
            throw fail("spacing must be 1 to 100000 metres, found \"\(trimmed(parts[1]))\"")
          }
          spacing = value
        case "altitude":
          guard let value = Double(trimmed(parts[1])), (-500...9000).contains(value) else {
            throw fail("altitude must be -500 to 9000 metres, found \"\(trimmed(parts[1]))\"")
          }
          altitude = value
        case let key:
          guard let quantity = DetectorDescription.quantities.first(where: { $0.name == key })
          else { break }
          guard let value = Double(trimmed(parts[1])), detector.set(quantity, to: value) else {
            throw fail(
              "\(key) must be \(quantity.limits.lowerBound) to \(quantity.limits.upperBound) "
                + "\(quantity.unit), found \"\(trimmed(parts[1]))\"")
          }
        }
        continue
      }
      if line.isEmpty { continue }
      guard hasHeader else {
        guard line == "id,column,row,x,y,z" || line == "id,x,y,z" else {
          throw fail(
            "expected the header id,column,row,x,y,z, or id,x,y,z without a grid, found "
              + "\"\(line)\"")
        }
        hasHeader = true
        hasGrid = line != "id,x,y,z"
        continue
      }
      var fields = line.fields
      if !hasGrid, fields.count == 4 { fields.insert(contentsOf: ["0", "0"], at: 1) }
      guard fields.count == 6, let id = Int(fields[0]), let column = Int(fields[1]),
        let row = Int(fields[2]), let x = Double(fields[3]), let y = Double(fields[4]),
        let z = Double(fields[5]), x.isFinite, y.isFinite, z.isFinite
      else {
        throw fail("expected \(hasGrid ? "id,column,row" : "id"),x,y,z, found \"\(line)\"")
      }
      guard (0...Int(Int32.max)).contains(id) else {
        throw fail("id \(id) must be 0 to \(Int32.max)")
      }
      guard (0...9999).contains(column), (0...9999).contains(row) else {
        throw fail("grid cell \(column), \(row): columns and rows must be 0 to 9999")
      }
      let position = Position(x, y, z)
      if let other = ids.updateValue(number + 1, forKey: id) {
        throw fail("station \(id) is on line \(other) already")
      }
      if hasGrid, let other = cells.updateValue(number + 1, forKey: SIMD2(column, row)) {
        throw fail("grid cell \(column), \(row) has the station of line \(other) already")
      }
      if let other = places.updateValue(number + 1, forKey: position) {
        throw fail("the station of line \(other) stands there already")
      }
      stations.append(Station(id: id, column: column, row: row, position: position))
    }
    let positions = stations.map(\.position)
    if !hasUnit, let reason = DetectorArray.reasonAgainstMetres(positions) {
      throw TableError(table: file, reason: reason + " by the line \"# unit: m\"")
    }
    if !hasGrid, spacing == nil { spacing = DetectorArray.usualDistance(positions) }
    guard let spacing, let altitude, !stations.isEmpty else {
      throw TableError(
        table: file,
        reason: "needs the lines \"# spacing: METRES\" and \"# altitude: METRES\", "
          + "the header id,column,row,x,y,z, and stations")
    }
    guard edge.isEmpty || edge.count >= 3 else {
      throw TableError(table: file, reason: "an edge needs at least three lines \"# edge: X, Y\"")
    }
    let zero = Position(0, 0, frame == .flat ? altitude : 0)
    self.init(
      name: name ?? file, spacing: spacing, referenceAltitude: altitude,
      stations: stations.map {
        Station(
          id: $0.id, column: $0.column, row: $0.row,
          position: $0.position - zero)
      }, edge: edge.isEmpty ? nil : edge, frame: frame, detector: detector, hasGrid: hasGrid)
    if let latitude, let longitude {
      site = GeographicSite(
        latitude: latitude * Units.degree, longitude: longitude * Units.degree)
    }
  }
}

/// A corner of the edge, "X, Y" [m].
private func corner(
  _ text: Substring, file: String, line: Int
) throws(TableError) -> SIMD2<Double> {
  let fields = text.fields.map { Double(trimmed($0)) }
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
