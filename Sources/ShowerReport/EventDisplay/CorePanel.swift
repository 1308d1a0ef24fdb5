internal import Foundation
internal import ShowerModel

extension EventPicture {
  /// The cores of all methods, with their errors, enlarged.
  ///
  /// In the footprint they lie on one another.
  func corePanel(_ page: EventPage) -> Panel? {
    guard let fitted else { return nil }
    let cores = coreTables(about: fitted)
    let ends = cores.flatMap { core in
      core.table.rows.flatMap { row in
        [0, 1].map { abs(row[$0]) + (row[$0 + 2].isFinite ? abs(row[$0 + 2]) : 0) }
      }
    }
    // A method may be far off: then the others are told apart in the footprint.
    let limit = rounded(min(max(1.15 * (ends.max() ?? 0), 20), 3000))
    let step = Self.roundStep(atMost: 0.95 * limit)
    var panel = Panel(
      page.margins(page.cores),
      page.label(
        "'Cores [m]'", page.cores.left, page.cores.top - 9, "left font ',9' textcolor rgb data"),
      "set xrange [\(-limit):\(limit)]", "set yrange [\(-limit):\(limit)]",
      "set xtics \(step) font ',8' offset 0,0.4", "set ytics \(step) font ',8' offset 0.6,0",
      "set border 15")
    for (table, colour) in cores {
      let bars = table.rows.allSatisfy { $0[2].isFinite && $0[3].isFinite }
      panel.plot(
        table,
        bars
          ? "using 1:2:3:4 with xyerrorbars pt 1 ps 1.1 lw 1.8 lc rgb \(colour) notitle"
          : "using 1:2 with points pt 1 ps 1.6 lw 2.4 lc rgb \(colour) notitle")
    }
    return panel
  }

  /// Core minus that of the standard fit, with its errors, by method.
  private func coreTables(about fitted: Shower) -> [(table: Figure.Table, colour: String)] {
    let sigmas = Dictionary(
      uniqueKeysWithValues: [("standard", standard.reconstruction.sigma)]
        + zip(Self.methodColours, corrected).map { ($0, $1.reconstruction.sigma) })
    return showers.map { name, shower, colour in
      let sigma = sigmas[name] ?? .undefined
      return (
        Figure.Table(
          name: "core_\(name)", columns: "east, north of the standard core [m], errors [m]",
          rows: [
            [
              shower.coreX - fitted.coreX, shower.coreY - fitted.coreY, sigma.coreX, sigma.coreY,
            ]
          ]), colour
      )
    }
  }
}
