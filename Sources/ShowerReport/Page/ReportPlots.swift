internal import Foundation
internal import Performance
internal import ShowerModel

/// The numbers of the plots that a reader of the page can turn over, and the events behind each
/// bin.
struct ReportPlots: Sendable {
  let context: FigureContext
  /// Whether the sample is of data: "errors" are then shifts from the standard result.
  let isData: Bool
  /// The compared files, for commands.
  let files: [String]
  /// `--where` of the comparison, nil without one.
  let condition: String?

  private var comparison: Comparison { context.comparison }
  private var sample: ComparisonSample { context.sample }

  /// Events that a bin names at most; its condition names all.
  static let listedEvents = 200
  /// The same for a bin of a histogram, of which there are many.
  static let listedInHistogram = 60

  /// A number of all methods along an axis.
  private struct Curve {
    let quantity: String
    let title: String
    let unit: String
    let isSigned: Bool
    /// Of the errors of a method in a bin; nil where there is none.
    let estimate: @Sendable (MethodErrors) -> Estimate?
  }

  private static let axes: [EventSubset.Axis] = [.energy, .zenith, .stations, .border]

  private var curves: [Curve] {
    func width(_ quantity: Observable, _ title: String, _ unit: String) -> Curve {
      Curve(quantity: quantity.name, title: title, unit: unit, isSigned: false) {
        $0.summary.width68
      }
    }
    func ratio(_ quantity: Observable, _ title: String) -> Curve {
      Curve(quantity: quantity.name, title: title, unit: "ratio", isSigned: false) { errors in
        errors.gain.map { Estimate(ratioOf: $0.width68) }
      }
    }
    func median(_ quantity: Observable, _ title: String, _ unit: String) -> Curve {
      Curve(quantity: quantity.name, title: title, unit: unit, isSigned: true) {
        $0.summary.median
      }
    }
    let word = isData ? "shift" : "error"
    let widths = [
      width(.spaceAngle, "angular \(word), 68 % containment", "deg"),
      width(.logEnergy, "ln E, half width of the central 68 %", "ln E"),
      width(.coreDistance, "core \(word), 68 % containment", "m"),
    ]
    let medians = [
      median(.logEnergy, "ln E, median \(word)", "ln E"),
      median(.zenith, "zenith, median \(word)", "deg"),
    ]
    let ratios = [
      ratio(.spaceAngle, "angular error over that of the standard fit"),
      ratio(.logEnergy, "width of ln E over that of the standard fit"),
      ratio(.coreDistance, "core error over that of the standard fit"),
    ]
    return widths + (isData ? [] : ratios) + medians
  }

  /// What `report.js` draws; nil where there are too few events.
  var json: String? {
    guard let main = comparison.main, !main.quantities.isEmpty else { return nil }
    let group = main.subset.group
    let axes = Self.axes.map { ($0, comparison.subsets(group, along: $0)) }
      .filter { $0.1.count > 1 }
    var json = CompactJSON()
    json.object { json in
      json.member("files") { $0.list(files) { $0.string($1) } }
      json.member("methods") { json in
        json.list(drawn) { json, entry in
          json.object { json in
            json.member("name") { $0.string(entry.method.name) }
            json.member("colour") { $0.plain(entry.colour) }
            json.member("isLeading") { $0.integer(isLeading(entry.method) ? 1 : 0) }
          }
        }
      }
      json.member("axes") { $0.list(axes) { write($1.0, $1.1, to: &$0) } }
      json.member("curves") { json in
        json.list(curves) { json, curve in
          json.object { json in
            json.member("title") { $0.string(curve.title) }
            json.member("unit") { $0.string(curve.unit) }
            json.member("isSigned") { $0.integer(curve.isSigned ? 1 : 0) }
            json.member("values") { json in
              json.list(axes) { write(curve, $1.1, to: &$0) }
            }
          }
        }
      }
      json.member("histograms") { $0.list(histograms(group)) { write($1, to: &$0) } }
    }
    return json.text
  }

  /// Methods with their colours as a browser names them.
  private var drawn: [(method: Method, colour: String)] {
    let colours = Dictionary(
      uniqueKeysWithValues: zip(
        ["standard", "corrected"] + MethodColours.others.indices.map { "other\($0 + 1)" },
        MethodColours.ofPage))
    return context.drawnMethods.map { ($0.method, colours[$0.colour] ?? MethodColours.truth) }
      .filter { !isData || $0.method.kind != .standard }
  }

  private func isLeading(_ method: Method) -> Bool {
    method.kind == .standard || method == context.headline
  }

  private func write(
    _ axis: EventSubset.Axis, _ subsets: [SubsetComparison], to json: inout CompactJSON
  ) {
    let ends = BinCurves.ends(subsets.map(\.subset))
    json.object { json in
      json.member("label") { $0.string(label(axis)) }
      json.member("low") { $0.list(ends) { $0.number($1.low, decimals: 6) } }
      json.member("high") { $0.list(ends) { $0.number($1.high, decimals: 6) } }
      json.member("events") { $0.list(subsets) { $0.integer($1.eventCount) } }
      json.member("where") { $0.list(subsets) { $0.string(condition(axis, $1.subset)) } }
      json.member("ids") { json in
        json.list(events(axis, subsets.map(\.subset))) { json, ids in
          json.list(ids) { $0.integer($1) }
        }
      }
    }
  }

  private func write(
    _ curve: Curve, _ subsets: [SubsetComparison], to json: inout CompactJSON
  ) {
    json.list(drawn) { json, entry in
      json.list(subsets) { json, subset in
        let estimate = subset[curve.quantity]?[entry.method.name].flatMap(curve.estimate)
        json.numbers(
          [estimate?.value, estimate?.low95, estimate?.high95].map { ($0 ?? .nan, 5) })
      }
    }
  }

  private func label(_ axis: EventSubset.Axis) -> String {
    switch axis {
    case .energy: isData ? "log10(E of the standard fit / EeV)" : "true log10(E / EeV)"
    case .zenith: isData ? "zenith of the standard fit [deg]" : "true zenith [deg]"
    default: Comparison.axisTitle(axis) + (axis == .border ? " [m]" : "")
    }
  }

  /// The bin as `--where` takes it, before the cuts.
  private func condition(_ axis: EventSubset.Axis, _ subset: EventSubset) -> String {
    let name =
      switch axis {
      case .energy: isData ? "energy" : "trueEnergy"
      case .zenith: isData ? "zenith" : "trueZenith"
      case .stations: "stations"
      default: "edge"
      }
    func limit(_ value: Double) -> String {
      "\(rounded(axis == .energy ? pow(10, value) : value))"
    }
    return
      ([
        subset.low.map { "\(name) >= \(limit($0))" },
        subset.high.map { "\(name) < \(limit($0))" },
      ].compactMap(\.self) + groupCondition).joined(separator: " && ")
  }

  /// What holds for the events of all bins.
  private var groupCondition: [String] {
    let isMixed = comparison.whole(.photons) != nil && comparison.whole(.nuclei) != nil
    return (isMixed ? ["primary != photon"] : []) + (condition.map { ["(\($0))"] } ?? [])
  }

  /// Numbers of the first events of each bin.
  private func events(_ axis: EventSubset.Axis, _ subsets: [EventSubset]) -> [[Int]] {
    var lists = [[Int]](repeating: [], count: subsets.count)
    guard let group = subsets.first?.group, !sample.eventIDs.isEmpty else { return lists }
    let ends = subsets.map { ($0.low ?? -.infinity, $0.high ?? .infinity) }
    for event in context.events(group) {
      let value = sample.value(axis, event)
      guard let bin = ends.firstIndex(where: { value >= $0.0 && value < $0.1 }),
        lists[bin].count < Self.listedEvents
      else { continue }
      lists[bin].append(sample.eventIDs[event])
    }
    return lists
  }
}

extension ReportPlots {
  /// Errors of all methods, bin by bin.
  private struct BinnedErrors {
    let title: String
    let unit: String
    let histogram: ErrorHistogram
    /// Numbers of events [method][bin].
    var ids: [[[Int]]]
    /// The error as `--where` names it [method]; nil where it has no name there.
    let names: [String?]
  }

  private func histograms(_ group: PrimaryGroup) -> [BinnedErrors] {
    let events = context.events(group)
    let word = isData ? "Shift" : "Error"
    let quantities: [(Observable, title: String, unit: String, name: String)] = [
      (.spaceAngle, "angle to the true direction", "deg", "angle"),
      (.logEnergy, "ln(E / true E)", "1", "energy"),
      (.coreDistance, "distance of the core from the true axis", "m", "core"),
    ]
    return quantities.map { observable, title, unit, name in
      let columns = drawn.map { entry in
        context.errors(
          observable.name, of: comparison.methods.firstIndex(of: entry.method) ?? 0, events)
      }
      let histogram = ErrorHistogram(
        columns, weights: sample.weights.map { weights in events.map { weights[$0] } },
        isDistance: observable.isDistance)
      return BinnedErrors(
        title: isData ? title.replacing("true", with: "standard") : title, unit: unit,
        histogram: histogram, ids: columns.map { ids(of: histogram, $0, events) },
        names: drawn.map { entry in
          isNamed(entry.method) ? "\(entry.method.name).\(name)\(word)" : nil
        })
    }
  }

  /// Whether the files hold the method, under a name that a condition can have.
  private func isNamed(_ method: Method) -> Bool {
    method.kind != .polynomial
      && method.name.unicodeScalars.allSatisfy {
        switch $0 {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
        default: false
        }
      }
  }

  private func ids(of histogram: ErrorHistogram, _ values: [Double], _ events: [Int]) -> [[Int]] {
    var lists = [[Int]](repeating: [], count: histogram.binCount)
    guard !sample.eventIDs.isEmpty else { return lists }
    for (value, event) in zip(values, events) {
      let place = (value - histogram.low) / histogram.width
      guard place >= 0, place < Double(lists.count),
        lists[Int(place)].count < Self.listedInHistogram
      else { continue }
      lists[Int(place)].append(sample.eventIDs[event])
    }
    return lists
  }

  private func write(_ errors: BinnedErrors, to json: inout CompactJSON) {
    let histogram = errors.histogram
    json.object { json in
      json.member("title") { $0.string(errors.title) }
      json.member("unit") { $0.string(errors.unit) }
      json.member("low") { $0.number(histogram.low, decimals: 9) }
      json.member("width") { $0.number(histogram.width, decimals: 9) }
      json.member("counts") { json in
        json.list(histogram.counts) { json, counts in
          json.list(counts) { $0.number($1, decimals: 3) }
        }
      }
      json.member("names") { json in
        json.list(errors.names) { json, name in
          if let name { json.string(name) } else { json.null() }
        }
      }
      json.member("ids") { json in
        json.list(errors.ids) { json, bins in
          json.list(bins) { json, ids in json.list(ids) { $0.integer($1) } }
        }
      }
      json.member("group") { $0.string(groupCondition.joined(separator: " && ")) }
    }
  }
}
