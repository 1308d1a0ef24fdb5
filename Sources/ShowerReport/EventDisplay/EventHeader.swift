internal import Foundation
internal import ShowerModel

/// A measured value with its error, at two digits of the error: "34.5 ± 3.1".
///
/// A value without an error has the given decimals, else three digits.
func measured(_ value: Double, _ sigma: Double, decimals: Int? = nil) -> String {
  guard value.isFinite else { return "–" }
  guard sigma.isFinite, sigma > 0 else {
    return text(value, decimals: decimals ?? significantDecimals(value))
  }
  let decimals = min(max(1 - Int(saturating: log10(sigma).rounded(.down)), 0), 4)
  return "\(text(value, decimals: decimals)) ± \(text(sigma, decimals: decimals))"
}

/// One line of the table of a picture: a method and its values.
struct ShowerLine: Sendable {
  let name: String
  /// Name of the colour in the script.
  let colour: String
  let cells: [String]
  /// Whether the numbers are those of the standard fit, and why.
  var fallback = CorrectionFallback.none

  static let titles = [
    "E [EeV]", "log_{10}(E/eV)", "zenith [°]", "azimuth [°]", "core east [km]", "core north [km]",
    "S_{800} [VEM/m^2]", "χ^2 / ndf", "off the truth",
  ]

  /// A title without the marks of raised and lowered letters.
  static func plain(_ title: String) -> String { title.filter { !"_^{}".contains($0) } }

  /// Energy, direction and core of a shower, with errors where they are finite.
  static func values(_ shower: Shower, _ sigma: Shower = .undefined) -> [String] {
    let azimuth = shower.azimuth / Units.degree
    return [
      measured(shower.energy, shower.energy * log(10) * sigma.logEnergy),
      measured(shower.logEnergy, sigma.logEnergy, decimals: 3),
      measured(shower.zenith / Units.degree, sigma.zenith / Units.degree, decimals: 2),
      measured(
        azimuth < 0 ? azimuth + 360 : azimuth, sigma.azimuth / Units.degree, decimals: 1),
      measured(shower.coreX / Units.kilometre, sigma.coreX / Units.kilometre, decimals: 3),
      measured(shower.coreY / Units.kilometre, sigma.coreY / Units.kilometre, decimals: 3),
    ]
  }
}

extension EventPicture {
  /// The numbers of the picture as text for a terminal.
  package var summary: String {
    let lines = showerLines.map { line in
      let name =
        EscapedText.terminal(line.name)
        + (line.fallback == .none
          ? "" : " (not corrected: \(line.fallback.explanation))")
      guard line.cells.count > 1 else { return "  \(name): \(line.cells.joined())" }
      return
        "  \(name): "
        + zip(ShowerLine.titles, line.cells).filter { !$1.isEmpty }
        .map { "\(ShowerLine.plain($0)) \($1)" }.joined(separator: ", ")
    }
    return ([statusText] + lines).joined(separator: "\n")
  }

  /// Whether and of what the event was reconstructed.
  package var statusText: String {
    let status = standard.status
    guard fitted != nil else {
      return status == .good
        ? "event \(event.id): its result cannot be drawn, for example a core beyond 1000 km"
        : "event \(event.id): not reconstructed, \(status.explanation)"
    }
    return "event \(event.id): "
      + (status == .good ? "reconstructed" : "no energy, \(status.explanation)")
  }

  /// Counts of stations, flags of the fit, and what made the event, as strings of gnuplot.
  var notes: [String] {
    func counted(_ count: Int, _ word: String) -> String? { count > 0 ? "\(count) \(word)" : nil }
    let hit = stations.count { $0.signal != nil }
    var notes = [
      counted(hit, hit == 1 ? "station with a waveform" : "stations with waveforms"),
      counted(stations.count(where: \.hasTime), "in the cluster"),
      counted(stations.count { $0.part == .saturated }, "saturated"),
      counted(stations.count { $0.part == .badTiming }, "out of time"),
      counted(stations.count { $0.part == .silent }, "silent"),
    ].compactMap { $0 }
    notes += FitFlags.names.filter { standard.flags.contains($0.0) }.map { words($0.1) }
    return ["'\(notes.joined(separator: ", "))'", origin]
  }

  private var origin: String {
    let place = "array " + array.name
    guard let truth = event.truth else { return EscapedText.gnuplot(place) }
    let primary =
      switch truth.primary {
      case .photon: "photon"
      case .proton: "proton"
      case .helium: "helium"
      case .nitrogen: "nitrogen"
      case .iron: "iron"
      }
    return "'simulated \(primary), X_{max} = \(text(truth.xmax, decimals: 0)) g/cm^2, "
      + "shower \(event.showerID), ' . " + EscapedText.gnuplot(place)
  }

  /// Whether a good event passes the quality cuts of the reconstruction, in words.
  var verdict: String {
    switch standard.verdict {
    case .passed: ", passes the cuts"
    case .failed(let cut): ", fails the cut " + words(cut.name)
    case .unjudged, .notReconstructed: ""
    }
  }

  /// "curvatureFixed" as "curvature fixed".
  private func words(_ name: String) -> String {
    name.reduce(into: "") { result, letter in
      result += letter.isUppercase ? " " + letter.lowercased() : String(letter)
    }
  }

  /// The table of methods: standard fit, other methods, truth.
  var showerLines: [ShowerLine] {
    var lines: [ShowerLine] = []
    if let fitted {
      lines.append(
        ShowerLine(
          name: "standard fit", colour: "standard",
          cells: ShowerLine.values(fitted, standard.reconstruction.sigma) + [
            measured(standard.signal800, standard.signal800Sigma),
            "\(text(standard.chi2, decimals: 1)) / \(text(standard.degreesOfFreedom, decimals: 1))",
            distanceFromTruth(fitted) ?? "",
          ]))
    }
    for (method, colour) in zip(corrected, Self.methodColours) {
      let result = method.reconstruction
      lines.append(
        ShowerLine(
          name: method.name, colour: colour,
          cells: result.shower.isDrawable
            ? ShowerLine.values(result.shower, result.sigma)
              + ["", "", distanceFromTruth(result.shower) ?? ""]
            : ["no result: \(result.status.explanation)"],
          fallback: result.fallback))
    }
    if let truth {
      lines.append(ShowerLine(name: "truth", colour: "truth", cells: ShowerLine.values(truth)))
    }
    return lines
  }

  /// Space angle to the truth and distance of the cores: "0.80°, 45 m"; nil without a truth.
  func distanceFromTruth(_ shower: Shower) -> String? {
    guard let truth else { return nil }
    let angle = shower.direction.angle(to: truth.direction) / Units.degree
    let distance = hypot(shower.coreX - truth.coreX, shower.coreY - truth.coreY)
    return "\(text(angle, decimals: 2))°, \(text(distance, decimals: 0)) m"
  }

  /// The title block.
  func header(_ page: EventPage) -> [String] {
    let left = page.footprint.left - 46
    let isGood = standard.status == .good
    let notesLeft = max(page.columns[0], left + 100 + 15 * Double("\(event.id)".count))
    let status =
      (isGood ? "status: " : fitted == nil ? "not reconstructed: " : "no energy: ")
      + standard.status.explanation + verdict
    var lines = [
      page.label("'{/:Bold Event \(event.id)}'", left, 28, "left font ',17' textcolor rgb data"),
      page.label(
        EscapedText.gnuplot(status), page.width - 15, 28,
        "right font ',\(isGood ? 11 : 13)' textcolor rgb '\(isGood ? "#555555" : "#B00020")'"),
    ]
    for (number, note) in notes.enumerated() {
      lines.append(
        page.label(
          note, notesLeft, 20 + 20 * Double(number),
          "left font ',9' textcolor rgb '#555555'"))
    }
    let table = showerLines
    guard !table.isEmpty else { return lines }
    for (column, title) in ShowerLine.titles.enumerated()
    where table.contains(where: { $0.cells.count > max(column, 1) && !$0.cells[column].isEmpty }) {
      lines.append(
        page.label("'\(title)'", page.columns[column], 76, "left font ',9' textcolor rgb '#555555'")
      )
    }
    for (number, line) in table.enumerated() {
      let y = 98 + 22 * Double(number)
      lines += page.mark(
        "pt 1 ps 1.4 lw 2.4 lc rgb \(line.colour)", EscapedText.gnuplot(line.name), left + 7, y,
        "left font ',11' textcolor rgb \(line.colour)")
      let style = "left font ',11' textcolor rgb \(line.colour)"
      // Its numbers are those of the standard fit: they would look like a correction.
      guard line.fallback == .none else {
        let reason = "not corrected: \(line.fallback.explanation)"
        lines.append(page.label(EscapedText.gnuplot(reason), page.columns[0], y, style))
        continue
      }
      for (cell, x) in zip(line.cells, page.columns) where !cell.isEmpty {
        lines.append(page.label(EscapedText.gnuplot(cell), x, y, style))
      }
    }
    return lines
  }
}
