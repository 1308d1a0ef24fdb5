internal import Performance
internal import ShowerModel

extension CompositionComparison {
  /// What the page says of composition: everything, by energy, by primary.
  var tables: [ResultTable] {
    [overview] + estimates.flatMap { [energyTable($0), primaryTable($0)] }
  }

  private var estimates: [Output] { outputs.filter { !$0.isObservable } }

  private static func name(_ output: Output) -> String {
    output.isObservable ? output.title : "\(output.method): \(output.title)"
  }

  private static func cell(_ estimate: Estimate?) -> ResultTable.Cell {
    ResultTable.Cell(estimate)
  }

  var overview: ResultTable {
    ResultTable(
      title: "Composition of \(text(outputs.first?.whole.events ?? 0)) nuclei",
      header: ["output", "unit", "events", "bias", "resolution", "merit factor p-Fe"],
      rows: outputs.map { output in
        [
          ResultTable.Cell(Self.name(output)), ResultTable.Cell(output.unit),
          ResultTable.Cell(text(output.whole.events)), Self.cell(output.whole.bias),
          Self.cell(output.whole.resolution), Self.cell(output.whole.merit),
        ]
      },
      note: "Bias and resolution: mean and standard deviation of estimate − truth. The true Xmax "
        + "has a standard deviation of \(text(spread.xmax, decimals: 1)) g/cm2, the true ln A of "
        + "\(text(spread.logMass, decimals: 2)). Merit factor: |m_p − m_Fe|/√(s_p² + s_Fe²). "
        + "linear: a control fitted to the observables of the fit below it.")
  }

  private func energyTable(_ output: Output) -> ResultTable {
    let rows = zip(energies, output.byEnergy).filter { $1.events > 0 }.map { bin, scores in
      [
        ResultTable.Cell("\(text(bin.low, decimals: 2)) to \(text(bin.high, decimals: 2))"),
        ResultTable.Cell(text(scores.events)), Self.cell(scores.bias),
        Self.cell(scores.resolution), Self.cell(scores.merit),
      ]
    }
    return ResultTable(
      title: "\(Self.name(output)) [\(output.unit)] by true energy",
      header: ["log10(E/EeV)", "events", "bias", "resolution", "merit factor p-Fe"], rows: rows)
  }

  private func primaryTable(_ output: Output) -> ResultTable {
    ResultTable(
      title: "\(Self.name(output)) [\(output.unit)] by primary",
      header: ["primary", "events", "bias", "resolution"],
      rows: zip(primaries, output.byPrimary).map { primary, scores in
        [
          ResultTable.Cell(primary.symbol), ResultTable.Cell(text(scores.events)),
          Self.cell(scores.bias), Self.cell(scores.resolution),
        ]
      })
  }

  /// All numbers by method and quantity (Documentation/summary-keys.md).
  var results: SummaryValue {
    var methods: [String: [String: SummaryValue]] = [:]
    for output in outputs {
      var members = Self.members(output.whole)
      members["unit"] = .text(output.unit)
      if !output.isObservable {
        members["primary"] = .object(
          Dictionary(
            uniqueKeysWithValues: zip(primaries, output.byPrimary).map {
              ($0.symbol, .object(Self.members($1)))
            }))
      }
      members["energy"] = .object(
        Dictionary(
          uniqueKeysWithValues: zip(energies, output.byEnergy).map {
            ("\(shortText($0.low))_to_\(shortText($0.high))", .object(Self.members($1)))
          }))
      methods[output.method, default: [:]][output.quantity] = .object(members)
    }
    return .object(methods.mapValues { .object($0) })
  }

  private static func members(_ scores: Scores) -> [String: SummaryValue] {
    var members: [String: SummaryValue] = ["events": .count(scores.events)]
    members["bias"] = scores.bias.map { SummaryValue($0) }
    members["resolution"] = scores.resolution.map { SummaryValue($0) }
    members["merit_factor"] = scores.merit.map { SummaryValue($0) }
    return members
  }
}
