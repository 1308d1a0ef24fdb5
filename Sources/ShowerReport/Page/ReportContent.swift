internal import FoundationEssentials
internal import Performance
internal import ShowerModel

/// The text and the tables of a page, beside its figures.
struct ReportContent: Sendable {
  /// A warning in large letters at the top; nil without one.
  var notice: String?
  /// Number of events, and their cuts.
  var head: String
  /// Right below the verdict.
  var headTables: [ResultTable]
  var headNotes: [String]
  /// The fine tables.
  var sections: [(title: String, tables: [ResultTable])]
  var definitions: [String]

  init(_ comparison: Comparison) {
    head = ""
    headTables = []
    headNotes = []
    if let main = comparison.main, !main.quantities.isEmpty {
      head =
        "\(main.subset.group.rawValue.capitalized): \(text(main.eventCount)) events of "
        + "\(text(main.showerCount)) showers (\(comparison.cuts.explanation))."
      headTables = [
        comparison.headlineTable, comparison.ladderTable(main),
      ].compactMap(\.self)
    }
    if let source = comparison.controlSource {
      headNotes.append(
        "EV_calib and EV_net refer to a polynomial of total degree 3 in sec θ and log10 S800 of "
          + "the standard fit, \(source.explanation)."
      )
    }
    if let spectrum = comparison.spectrum {
      headNotes.append(
        "Events are weighted from the thrown spectrum E^\(shortText(spectrum.thrown)) to "
          + "E^\(shortText(spectrum.index)). Counts are numbers of events, without weights.")
    }
    if comparison.whole(.nuclei) != nil, let photons = comparison.whole(.photons) {
      headNotes.append(
        "\(text(photons.eventCount)) photon events are shown apart. The standard energy assumes "
          + "nuclei, so a simple correction removes much of the energy error of photons.")
    }
    sections = PrimaryGroup.allCases.compactMap { group in
      guard let whole = comparison.whole(group) else { return nil }
      return ("\(group.rawValue.capitalized)", comparison.fineTables(whole))
    }
    if let main = comparison.main, let scores = comparison.scoreTable(main, comparison.headline) {
      sections.insert(("What is beyond a calibration", [scores]), at: 0)
    }
    if let composition = comparison.composition {
      sections.append(("Composition", composition.tables))
    }
    sections.append(
      ("Events", [comparison.flowTable, comparison.fallbackTable].compactMap(\.self)))
    definitions = comparison.definitions
  }

  init(_ shifts: ShiftComparison) {
    notice = ShiftComparison.notice
    head = "\(text(shifts.flow.kept)) events (\(shifts.comparison.cuts.explanation))."
    headTables = shifts.tables
    headNotes = []
    sections = [("Events", [shifts.comparison.flowTable])]
    definitions = [
      "A shift is the value of a method minus that of the standard reconstruction of the same "
        + "event. Space angle and core distance are those between the two results.",
      "68 % width: half width of the central 68 %, (q84 − q16)/2. For space angle and core "
        + "distance: the 68 % containment.",
      "Bins of equal width in sin²θ have equal exposure, and cosmic rays arrive isotropically. So "
        + "each bin has the same number of events above an energy that has no zenith bias.",
    ]
  }
}

extension Comparison {
  /// Ladders, all errors, scores, pulls and bins of a group.
  fileprivate func fineTables(_ whole: SubsetComparison) -> [ResultTable] {
    let group = whole.subset.group
    let ranges = subsets(group, along: .fittedEnergy).filter { !$0.quantities.isEmpty }
    let axes: [EventSubset.Axis] = [
      .fittedEnergy, .energy, .zenith, .primary, .stations, .border,
    ]
    let ladders = (whole == main ? [] : [whole]) + ranges
    guard !whole.quantities.isEmpty else { return [] }
    let errors = [observableTable(whole), pullTable(whole)].compactMap(\.self)
    let bins = axes.flatMap { binTables(group, $0) }
    return ladders.map { ladderTable($0) } + ([whole] + ranges).map { scoreLadderTable($0) }
      + errors + bins + [showerTable(group)].compactMap(\.self)
  }

  fileprivate var definitions: [String] {
    [
      "All methods are compared on the same events. Cuts use the standard reconstruction alone.",
      "Errors are estimate minus truth. 68 % width: half width of the central 68 %, (q84 − "
        + "q16)/2. For space angle and core distance: the 68 % containment. 95 % width: the same "
        + "for 95 %.",
      "gain = 1 − width/(width of the standard reconstruction).",
      "EV_total = 1 − Var(y − ŷ)/Var(y) with y = true − standard and ŷ = correction. EV_calib is "
        + "the same for the polynomial control, with the correction ŷ_cal. "
        + "EV_net = 1 − Var(y − ŷ)/Var(y − ŷ_cal). R2 = 1 − mean (y − ŷ)²/Var(y). "
        + "Trimmed: without the 1 % of events with the largest |y − median y|.",
      "Much worse: the error grew by more than twice the standard 68 % width.",
      "Pull: error divided by the standard deviation that the method predicts for the event.",
      "Intervals: 95 % percentile intervals of \(settings.replicas) bootstrap replicas over parent "
        + "showers (seed \(settings.seed)). All methods have the same replicas. With another seed "
        + "the width of an interval changes by "
        + "\(text(100 * settings.intervalScatter, decimals: 1)) %."
        + (flow.kept == showerCount ? " Every event is its own shower." : "")
        + (showerCount > Bootstrap.groupLimit
          ? " Showers are drawn in \(text(Bootstrap.groupLimit)) random groups, which changes "
            + "widths of intervals by 1 %."
          : ""),
      "A subset with fewer than \(settings.minimumEvents) events shows its count but no numbers "
        + "(–).",
      "Colours: green is better and red is worse, beyond the 95 % interval. Grey is neither.",
    ]
  }
}
