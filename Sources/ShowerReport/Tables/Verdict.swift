internal import Performance
internal import ShowerModel

extension Comparison {
  /// The outcome in a few sentences: what changed on which events, against which baseline, what a
  /// fit with a tuned front does, and what the claim does not cover.
  package var verdict: String {
    guard let main, main[Observable.spaceAngle.name]?[headline.name] != nil else {
      return "Too few events for a verdict: \(flow.sentence)."
    }
    guard headline.kind != .standard else {
      return "There is only the standard reconstruction: nothing to compare."
    }
    guard headline.name != baseline.name else {
      return "\(headline.name) is the best published reconstruction of the file: it is the "
        + "reference."
    }
    return "With \(headline.name), " + changes(main, of: headline)
      + ", on the same \(text(main.eventCount)) simulated events (\(main.subset.group.rawValue)). "
      + baselineSentence + tunedSentence(main) + netSentence(main) + " " + Self.limits
  }

  /// What simulated events cannot tell.
  private static let limits =
    "These are simulated events: on data the gain holds only as far as the simulation describes "
    + "showers and detector."

  private func changes(_ main: SubsetComparison, of method: Method) -> String {
    [
      (Observable.spaceAngle.name, "the 68 % angular error"),
      (Observable.logEnergy.name, "the energy spread"),
      (Observable.coreDistance.name, "the core error"),
    ].compactMap { Self.change(gains(of: main[$0]?[method.name])?.width68, $1) }
      .joined(separator: ", ")
  }

  /// What the gains are measured against.
  private var baselineSentence: String {
    let others = baselines.filter { $0.name != baseline.name }.map(\.name)
    let reason =
      others.isEmpty
      ? "" : ", with smaller angular errors than \(others.joined(separator: ", "))"
    return "The baseline is the best published one: \(baseline.name)\(reason). "
  }

  /// What a fit with a tuned front gains without a network.
  private func tunedSentence(_ main: SubsetComparison) -> String {
    guard let tuned = methods.first(where: { $0.kind == .tuned && $0.name != headline.name }) else {
      return ""
    }
    let changes = changes(main, of: tuned)
    return changes.isEmpty
      ? "" : "Without a network, by the front fitted to simulations (\(tuned.name)), \(changes). "
  }

  private static func change(_ gain: Estimate?, _ words: String) -> String? {
    guard let gain, gain.isDefined else { return nil }
    let decimals = min(gain.decimals(factor: 100), 1)
    let size = "\(text(100 * abs(gain.value), decimals: decimals)) %"
    if gain.low95 > 0 { return "\(words) shrinks by \(size)" }
    if gain.high95 < 0 { return "\(words) grows by \(size)" }
    return "\(words) does not change significantly"
  }

  /// One sentence on whether the method explains more than a calibration.
  private func netSentence(_ main: SubsetComparison) -> String {
    let nets = netScores(main, of: headline)
    guard !nets.isEmpty else { return "" }
    let empty = nets.filter { !$0.isReal }
    if empty.count == nets.count {
      return
        "A calibration alone explains as much: EV_net is compatible with zero or below it."
    }
    let numbers = nets.map { "\(withSymbols($0.title)) \($0.net.valueText)" }.joined(
      separator: ", ")
    let exceptions = empty.map { withSymbols($0.title) }.joined(separator: ", ")
    return "Beyond what a polynomial calibration explains, EV_net is \(numbers)"
      + (empty.isEmpty ? "." : "; compatible with zero or below it for \(exceptions).")
  }

  /// Warnings about results that should not be trusted.
  package var warnings: [String] {
    guard let main else { return [] }
    var warnings: [String] = []
    for method in methods where method.kind.isNetwork || method.name == headline.name {
      let empty = netScores(main, of: method).filter { !$0.isReal }.map { score in
        let relation = score.net.high95 < 0 ? "below zero" : "compatible with zero"
        return "\(withSymbols(score.title)) (\(score.net.intervalText), \(relation))"
      }
      if !empty.isEmpty {
        warnings.append(
          "\(method.name) does no better than a calibration: EV_net of "
            + "\(empty.joined(separator: ", "))"
        )
      }
    }
    let overfitted = Self.netQuantities.compactMap { name -> String? in
      guard let quantity = main[name],
        let score = quantity[MethodIdentity.polynomial.name]?.score?.explainedVariance,
        score.value < -0.01
      else { return nil }
      return "\(withSymbols(quantity.title)) \(score.valueText)"
    }
    if !overfitted.isEmpty {
      warnings.append(
        "the polynomial control is worse than no correction (EV_calib of "
          + "\(overfitted.joined(separator: ", "))), so EV_net is too large there: "
          + "fit the control to more events with --calibrate")
    }
    let few = subsets.filter { $0.eventCount < settings.fewEvents && $0.eventCount > 0 }
    for axis in EventSubset.Axis.allCases {
      let names = few.filter { $0.subset.axis == axis }.map { subset in
        let isOther = subset.subset.group != main.subset.group && axis != .whole
        return (isOther ? "\(subset.subset.group.rawValue) " : "")
          + "\(Self.words(subset.subset)) (\(subset.eventCount))"
      }
      if !names.isEmpty {
        warnings.append(
          "fewer than \(settings.fewEvents) events by \(Self.axisTitle(axis)): "
            + "\(names.joined(separator: ", "))"
        )
      }
    }
    for (method, counts) in zip(methods, fallbacks) where flow.kept > 0 {
      let part = Double(counts.values.reduce(0, +)) / Double(flow.kept)
      if part > 0.05 {
        warnings.append(
          "\(method.name) kept the standard value of \(text(100 * part, decimals: 1)) % of the "
            + "events"
        )
      }
    }
    return warnings
  }

  /// What a terminal shows: the gain by method and by quantity, the scores, predicted errors and
  /// warnings.
  package func terminalText(isColoured: Bool) -> String {
    guard let main, !main.quantities.isEmpty else {
      return EscapedText.terminal(flow.sentence) + "\n"
    }
    let ranges = subsets(main.subset.group, along: .fittedEnergy).filter {
      !$0.quantities.isEmpty && $0.subset.high == nil
    }
    let ladders = ([main] + ranges).map { ladderTable($0) }
    let tables =
      [headlineTable].compactMap(\.self) + ladders
      + [
        scoreTable(main, headline),
        pullTable(main, of: baselines.map(\.name) + [headline.name]), fallbackTable,
        composition?.overview,
      ].compactMap(\.self)
    let head =
      "\(main.subset.group.rawValue): \(text(main.eventCount)) events of "
      + "\(text(main.showerCount)) showers; \(cuts.explanation)"
    let control =
      controlSource.map { "EV_calib: polynomial \(EscapedText.terminal($0.explanation))\n" } ?? ""
    return EscapedText.terminal(head) + "\n\n"
      + tables.map { $0.text(isColoured: isColoured) }.joined(separator: "\n")
      + control + "\n" + EscapedText.terminal(verdict) + "\n"
      + warningText(warnings, isColoured: isColoured)
  }
}

/// One line a warning, for a terminal.
func warningText(_ warnings: [String], isColoured: Bool) -> String {
  let word = isColoured ? "\u{1B}[33mwarning:\u{1B}[0m" : "warning:"
  return warnings.map { "\(word) \(EscapedText.terminal($0))\n" }.joined()
}

extension ControlSource {
  /// How the control was made, in words.
  var explanation: String {
    switch self {
    case .training(let events): "fitted on \(text(events)) events of the training split"
    case .calibration(let path, let events): "fitted on \(text(events)) events of \(path)"
    case .crossFit:
      "fitted on nine tenths of the compared showers and applied to the tenth, ten times"
    }
  }
}

extension EventFlow {
  /// Why no event is left, or how many are, in one line.
  var sentence: String {
    let reasons = losses.filter { $0.count > 0 }.map {
      "\($0.count) \($0.stage): \($0.explanation)"
    }
    return "\(kept) of \(total) events compared"
      + (reasons.isEmpty ? "" : "; lost: " + reasons.joined(separator: "; "))
  }
}
