internal import Performance
internal import ShowerModel

/// The numbers, names and colours that all figures of a report share.
struct FigureContext: Sendable {
  let sample: ComparisonSample
  let comparison: Comparison
  /// Whether other methods are drawn beside the standard and the headline one.
  var drawsOthers = true

  /// The method that figures of two methods show beside the standard one.
  var headline: Method { comparison.headline }

  /// Its name, as it appears in legends.
  var methodName: String { headline.name }

  /// Its place among the methods.
  var headlinePlace: Int { comparison.methods.firstIndex(of: headline) ?? 0 }

  /// Methods of a figure with their colours: standard, headline, then up to six others.
  var drawnMethods: [(method: Method, colour: String)] {
    let others = comparison.methods.filter { $0.kind != .standard && $0 != headline }
      .prefix(drawsOthers ? 6 : 0)
    return comparison.methods.compactMap { method in
      if method.kind == .standard { return (method, "standard") }
      if method == headline { return (method, "corrected") }
      return others.firstIndex(of: method).map { place in
        (method, "other\(place - others.startIndex + 1)")
      }
    }
  }

  /// A legend of all methods in a line above the panels of a figure.
  ///
  /// One plot and `endOfLegend` follow it. gnuplot's own key belongs to one panel and breaks its
  /// line at that panel's width.
  func legend(
    width: Int, height: Int, without kinds: [MethodIdentity.Kind] = [], dashes: [String: Int] = [:]
  ) -> String {
    let shown = drawnMethods.filter { !kinds.contains($0.method.kind) }
    // A line of 34 pixels, a gap, and letters of about 7.6.
    let widths = shown.map { 34 + 8 + 7.6 * Double($0.method.name.count) + 22 }
    var x = max((Double(width) - widths.reduce(0, +)) / 2, 4)
    let y = rounded(1 - 14 / Double(height))
    var commands = ["unset key"]
    for (entry, length) in zip(shown, widths) {
      let (start, end) = (rounded(x / Double(width)), rounded((x + 34) / Double(width)))
      let dash = dashes[entry.method.name].map { " dt \($0)" } ?? ""
      commands += [
        "set arrow from screen \(start),\(y) to screen \(end),\(y) nohead lw 2 lc rgb "
          + "\(entry.colour)\(dash)",
        "set label \(EscapedText.gnuplot(entry.method.name)) at screen "
          + "\(rounded((x + 42) / Double(width))),\(y) left",
      ]
      x += length
    }
    return commands.joined(separator: "\n")
  }

  static let endOfLegend = "unset label\nunset arrow"

  /// Dashes of the methods that lines with bands do not stand for.
  var dashes: [String: Int] {
    Dictionary(
      uniqueKeysWithValues: drawnMethods.enumerated().filter {
        $0.element.method.kind != .standard && $0.element.method != headline
      }.map { ($0.element.method.name, $0.offset + 1) })
  }

  /// Errors of a method in the unit of a quantity, of some events.
  func errors(_ name: String, of method: Int, _ events: [Int]) -> [Double] {
    guard let quantity = Quantity.named(name) else { return [] }
    let sigmas = sample.sigmas[method]
    return events.map {
      quantity.error(
        sample.truths[$0], sample.estimates[0][$0], sample.estimates[method][$0],
        sigmas.isEmpty ? .undefined : sigmas[$0]) / quantity.scale
    }
  }

  /// Events of a group, by their places in the sample.
  func events(_ group: PrimaryGroup) -> [Int] {
    sample.primary.indices.filter { PrimaryGroup(rawPrimary: sample.primary[$0]) == group }
  }

  /// Which events a figure shows, for its caption.
  func eventsText(_ subset: SubsetComparison) -> String {
    "\(text(subset.eventCount)) events (\(subset.subset.group.rawValue)) of "
      + "\(text(subset.showerCount)) showers"
  }

  var bandText: String {
    "Bands and bars are 95 % intervals of a bootstrap over parent showers "
      + "(\(comparison.settings.replicas) replicas, the same for all methods). Bins with fewer "
      + "than \(comparison.settings.minimumEvents) events are left empty."
  }

  /// Axis title of a bin's axis, for gnuplot.
  func axisLabel(_ axis: EventSubset.Axis) -> String {
    switch axis {
    case .zenith: "true zenith θ [deg]"
    case .stations: "stations of the standard fit"
    case .border: "distance of the fitted core inside the border [m]"
    case .fittedEnergy: "energy of the standard fit [EeV]"
    case .energy, .whole, .primary, .shower: "log_{10}(E_{true} / EeV)"
    }
  }

  func axisName(_ axis: EventSubset.Axis) -> String {
    switch axis {
    case .zenith: "true zenith"
    case .stations: "number of stations"
    case .border: "distance to the border"
    case .fittedEnergy: "fitted energy"
    case .energy, .whole, .primary, .shower: "true energy"
    }
  }

  func edgeText(_ axis: EventSubset.Axis) -> String {
    switch axis {
    case .energy:
      " The first and the last bin touch the ends of the simulated energies, where events can be "
        + "misplaced to one side only: do not quote them."
    case .zenith: " The last bin is shaped by the cut on the fitted zenith."
    default: ""
    }
  }
}
