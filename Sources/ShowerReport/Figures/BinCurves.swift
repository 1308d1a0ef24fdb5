internal import Performance
internal import ShowerModel

/// Curves of all drawn methods along an axis: one table, and the commands that draw it.
struct BinCurves {
  /// Estimates of one method in one bin.
  typealias Choice = (MethodErrors) -> Estimate?

  let table: Figure.Table
  private let methods: [(method: Method, colour: String)]
  private let headline: String
  /// Kinds of dashes, the same in all panels of a figure.
  private let dashes: [String: Int]

  /// Columns before the methods: low edge, centre, high edge.
  private static let firstColumn = 4

  /// The curves of one quantity in bins, in order.
  ///
  /// A bin without an end is closed by the width of its neighbour. `choice` gives the estimate that
  /// is drawn, nil where a method has none.
  init(
    _ name: String, _ context: FigureContext, _ subsets: [SubsetComparison], quantity: String,
    withoutStandard: Bool = false, _ choice: Choice
  ) {
    methods = context.drawnMethods.filter { !withoutStandard || $0.method.kind != .standard }
    headline = context.methodName
    dashes = context.dashes
    let ends = Self.ends(subsets.map(\.subset))
    let drawn = methods
    table = Figure.Table(
      name: name,
      columns: "low edge, centre, high edge, then value, low95, high95 of "
        + methods.map(\.method.name).joined(separator: ", "),
      rows: zip(subsets, ends).map { subset, ends in
        [ends.low, (ends.low + ends.high) / 2, ends.high]
          + drawn.flatMap { method, _ -> [Double] in
            let estimate = subset[quantity]?[method.name].flatMap(choice) ?? .undefined
            return [estimate.value, estimate.low95, estimate.high95]
          }
      })
  }

  /// Both ends of every bin.
  static func ends(_ subsets: [EventSubset]) -> [(low: Double, high: Double)] {
    subsets.indices.map { place in
      let subset = subsets[place]
      let next = place + 1 < subsets.count ? subsets[place + 1] : nil
      let previous = place > 0 ? subsets[place - 1] : nil
      switch (subset.low, subset.high) {
      case (let low?, let high?): return (low, high)
      case (nil, let high?):
        return (high - ((next?.high).flatMap { end in next?.low.map { end - $0 } } ?? 1), high)
      case (let low?, nil):
        return (
          low, low + ((previous?.high).flatMap { end in previous?.low.map { end - $0 } } ?? 1)
        )
      case (nil, nil): return (0, 1)
      }
    }
  }

  static func range(_ subsets: [SubsetComparison]) -> String {
    let ends = ends(subsets.map(\.subset))
    return "\(ends.first?.low ?? 0):\(ends.last?.high ?? 1)"
  }

  private func column(_ place: Int) -> Int { Self.firstColumn + 3 * place }

  /// Bands of the standard and the headline method, then all lines.
  func plot(titled: Bool) -> String {
    let indexed = methods.enumerated()
    let bands = indexed.filter { isLeading($0.element.method) }.map { place, entry in
      """
      DATA index "\(table.name)" using 2:\(column(place) + 1):\(column(place) + 2) with \
      filledcurves \
      lc rgb \(entry.colour) fs transparent solid 0.22 notitle
      """
    }
    let lines = indexed.map { place, entry in
      let title = titled ? "title \(EscapedText.gnuplot(entry.method.name))" : "notitle"
      return """
        DATA index "\(table.name)" using 2:\(column(place)) with linespoints lc rgb \
        \(entry.colour) \
        \(style(entry.method)) \(title)
        """
    }
    return (bands + lines).joined(separator: ", \\\n  ")
  }

  private func style(_ method: Method) -> String {
    guard isLeading(method) else { return "pt 6 ps 0.5 lw 1 dt \(dashes[method.name] ?? 1)" }
    return "pt \(method.kind == .standard ? 5 : 7) ps 0.7 lw 1.6"
  }

  private func isLeading(_ method: Method) -> Bool {
    method.kind == .standard || method.name == headline
  }

  /// All ends of the bands drawn and all values.
  var ends: [Double] {
    methods.enumerated().flatMap { place, entry in
      // Columns of gnuplot count from 1.
      let value = column(place) - 1
      let columns = isLeading(entry.method) ? value...value + 2 : value...value
      return table.rows.flatMap { row in columns.map { row[$0] } }
    }.filter(\.isFinite)
  }

  /// From zero to the highest.
  var positiveRange: String { "[0:\(rounded(1.08 * max(ends.max() ?? 1, 1e-12)))]" }

  /// About zero and all bands.
  var signedRange: String {
    let (low, high) = (min(ends.min() ?? 0, 0), max(ends.max() ?? 1e-9, 0))
    let margin = 0.08 * max(high - low, 1e-9)
    return "[\(rounded(low - margin)):\(rounded(high + margin))]"
  }

  /// About 1 and all ratios.
  var ratioRange: String {
    let low = max(min((ends.min() ?? 0.5) - 0.06, 0.75), 0)
    let high = min(max((ends.max() ?? 1) + 0.05, 1.08), 5)
    return "[\(text(low, decimals: 2)):\(text(high, decimals: 2))]"
  }
}
