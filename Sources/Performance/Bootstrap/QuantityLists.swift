/// The errors of one quantity on all subsets that have enough events, as lists for the bootstrap.
struct QuantityLists {
  /// The lists of one subset.
  struct Part {
    let subset: Int
    /// [method]; nil for a method that does not have the quantity.
    let lists: [GroupedErrors?]
    /// Events whose error grew in size, and by more than twice the standard 68 % width [method].
    let worsened: [Double]
    let muchWorsened: [Double]
  }

  private(set) var parts: [Part] = []

  /// Fraction of events that a trimmed variance leaves out.
  static let trimmedFraction = 0.01

  init(
    _ quantity: Quantity, of sample: ComparisonSample, plan: SubsetPlan, bootstrap: Bootstrap,
    minimumEvents: Int
  ) {
    let columns = sample.methods.indices.map { sample.errors(quantity, of: $0) }
    let orders = columns.map { ascendingOrder($0) }
    let groups = sample.shower.map { bootstrap.groupOfShower[Int($0)] }
    let builder = ListBuilder(
      quantity: quantity, weights: sample.weights, groups: groups,
      groupCount: bootstrap.groupCount)
    for family in plan.families {
      let distributed = zip(columns, orders).map { column, order in
        Self.distribute(order, column, family, subsets: plan.subsets.count)
      }
      for subset in plan.subsets.indices {
        let events = distributed.map { $0[subset] }
        // Pulls may be undefined for some events of a method.
        guard (events.map(\.count).max() ?? 0) >= max(minimumEvents, 1) else { continue }
        parts.append(builder.part(subset, events, columns))
      }
    }
  }

  /// Events in a given order, apart by subset; the order is kept, NaN are left out.
  private static func distribute(
    _ order: [Int32], _ column: [Double], _ family: [Int16], subsets: Int
  ) -> [[Int32]] {
    var events = [[Int32]](repeating: [], count: subsets)
    for event in order where family[Int(event)] >= 0 && !column[Int(event)].isNaN {
      events[Int(family[Int(event)])].append(event)
    }
    return events
  }
}

/// Makes the lists of one quantity.
private struct ListBuilder {
  let quantity: Quantity
  let weights: [Double]?
  /// [event]
  let groups: [Int32]
  let groupCount: Int

  /// The lists of a subset: its events in the order of their errors [method][rank], of errors
  /// [method][event].
  func part(_ subset: Int, _ events: [[Int32]], _ columns: [[Double]]) -> QuantityLists.Part {
    let outer = quantity.hasScore ? outerEvents(events[0], columns[0]) : nil
    let lists = zip(events, columns).map { events, column in
      events.isEmpty ? nil : list(events, column, without: outer)
    }
    let width = lists[0]?.statistics[Statistic.width68.place] ?? .nan
    func share(of column: [Double], beyond limit: Double) -> Double {
      let all = weight(events[0])
      let grown = events[0].filter {
        abs(column[Int($0)]) - abs(columns[0][Int($0)]) > limit
      }
      return weight(grown) / all
    }
    return QuantityLists.Part(
      subset: subset, lists: lists,
      // An error that is the same but for rounding is no worse.
      worsened: columns.map { share(of: $0, beyond: 1e-9 * width) },
      muchWorsened: columns.map { share(of: $0, beyond: 2 * width) })
  }

  private func sorted(_ events: [Int32], _ column: [Double]) -> SortedErrors {
    SortedErrors(
      values: events.map { column[Int($0)] },
      weights: weights.map { weights in events.map { weights[Int($0)] } })
  }

  private func weight(_ events: [Int32]) -> Double {
    weights.map { weights in events.reduce(0) { $0 + weights[Int($1)] } } ?? Double(events.count)
  }

  private func list(
    _ events: [Int32], _ column: [Double], without outer: [Bool]?
  ) -> GroupedErrors {
    GroupedErrors(
      sorted(events, column), groups: events.map { groups[Int($0)] }, groupCount: groupCount,
      isDistance: quantity.isDistance,
      isKept: outer.map { outer in events.map { !outer[Int($0)] } })
  }

  /// Whether |y - median| is among the largest, so that the event is left out [event].
  private func outerEvents(_ events: [Int32], _ column: [Double]) -> [Bool] {
    let median = sorted(events, column).quantile(0.5)
    let distances = events.map { abs(column[Int($0)] - median) }
    let limit = SortedErrors(
      sorting: distances, weights: weights.map { weights in events.map { weights[Int($0)] } }
    ).quantile(1 - QuantityLists.trimmedFraction)
    var isOuter = [Bool](repeating: false, count: column.count)
    for (event, distance) in zip(events, distances) where distance > limit {
      isOuter[Int(event)] = true
    }
    return isOuter
  }
}
