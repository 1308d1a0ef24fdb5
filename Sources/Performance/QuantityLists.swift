/// The errors of one quantity on all subsets that have enough events, as lists for the bootstrap.
struct QuantityLists {
  /// The lists of one subset.
  struct Part {
    let subset: Int
    let standard: WeightedErrors
    let corrected: WeightedErrors
    /// Without the outer 1 % of the standard errors; of residuals only.
    let trimmed: (standard: WeightedErrors, corrected: WeightedErrors)?
    let worsened: Double
    let muchWorsened: Double
  }

  private(set) var parts: [Part] = []

  /// Fraction of events that a trimmed variance leaves out.
  static let trimmedFraction = 0.01

  init(_ number: Int, of sample: ComparisonSample, plan: SubsetPlan, minimumEvents: Int) {
    let quantity = Quantity.all[number]
    let (before, after) = (sample.before[number], sample.after[number])
    let (beforeOrder, afterOrder) = (ascendingOrder(before), ascendingOrder(after))
    let nobody = Int32(sample.showerCount)
    func list(_ events: [Int32], _ column: [Float], isSorted: Bool = true) -> WeightedErrors {
      WeightedErrors(
        values: events.map { column[Int($0)] }, showers: events.map { sample.shower[Int($0)] },
        nobody: nobody, isDistance: quantity.isDistance, isSorted: isSorted)
    }
    for family in plan.families {
      let beforeEvents = Self.distribute(beforeOrder, family, subsets: plan.subsets.count)
      let afterEvents = Self.distribute(afterOrder, family, subsets: plan.subsets.count)
      for subset in plan.subsets.indices where beforeEvents[subset].count >= max(minimumEvents, 1) {
        let events = beforeEvents[subset]
        let standard = list(events, before)
        let width = standard.statistics[Statistic.width68.place]
        var (worsened, muchWorsened) = (0, 0)
        for event in events {
          let growth = Double(abs(after[Int(event)]) - abs(before[Int(event)]))
          if growth > 0 { worsened += 1 }
          if growth > 2 * width { muchWorsened += 1 }
        }
        var trimmed: (WeightedErrors, WeightedErrors)?
        if quantity.kind == .residual {
          let kept = Self.trim(events, before, median: standard.statistics[Statistic.median.place])
          trimmed = (list(kept, before, isSorted: false), list(kept, after, isSorted: false))
        }
        parts.append(
          Part(
            subset: subset, standard: standard, corrected: list(afterEvents[subset], after),
            trimmed: trimmed, worsened: Double(worsened) / Double(events.count),
            muchWorsened: Double(muchWorsened) / Double(events.count)))
      }
    }
  }

  /// Events in a given order, apart by subset; the order is kept.
  private static func distribute(_ order: [Int32], _ family: [Int16], subsets: Int) -> [[Int32]] {
    var events = [[Int32]](repeating: [], count: subsets)
    for event in order where family[Int(event)] >= 0 {
      events[Int(family[Int(event)])].append(event)
    }
    return events
  }

  /// The events whose |y - median| is not among the largest.
  private static func trim(_ events: [Int32], _ column: [Float], median: Double) -> [Int32] {
    let distances = events.map { abs(Double(column[Int($0)]) - median) }
    let limit = quantile(distances.sorted(), 1 - trimmedFraction)
    return zip(events, distances).compactMap { $1 <= limit ? $0 : nil }
  }
}

/// Indices in the order of ascending values; equal values keep their order.
func ascendingOrder(_ values: [Float]) -> [Int32] {
  var keys = values.enumerated().map { index, value in
    // Adding 0 makes -0 and 0 one. Negative numbers have their bits turned round, others their sign.
    let bits = (value + 0).bitPattern
    let ordered = bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
    return UInt64(ordered) << 32 | UInt64(UInt32(index))
  }
  keys.sort()
  return keys.map { Int32(truncatingIfNeeded: $0 & 0xffff_ffff) }
}
