/// The errors of one quantity, sorted once, from which every subset takes its lists for the
/// bootstrap.
struct QuantityLists: Sendable {
  /// The lists of one subset.
  struct Part {
    /// [method]; nil for a method that does not have the quantity.
    let lists: [GroupedErrors?]
    /// Events whose error grew in size, and by more than twice the standard 68 % width [method].
    let worsened: [Double]
    let muchWorsened: [Double]
  }

  let quantity: Quantity
  /// Errors [method][event].
  private let columns: [[Double]]
  /// Events in the order of their errors, without those that are NaN [method][rank].
  private let orders: [[Int32]]
  private let builder: ListBuilder
  private let minimumEvents: Int

  /// Fraction of events that a trimmed variance leaves out.
  static let trimmedFraction = 0.01

  init(
    _ quantity: Quantity, of sample: ComparisonSample, bootstrap: Bootstrap, minimumEvents: Int
  ) {
    self.quantity = quantity
    self.minimumEvents = max(minimumEvents, 1)
    let columns = sample.methods.indices.map { sample.errors(quantity, of: $0) }
    self.columns = columns
    // NaN come last.
    orders = columns.map { column in
      let order = ascendingOrder(column)
      return Array(order.prefix(column.count { !$0.isNaN }))
    }
    builder = ListBuilder(
      quantity: quantity, weights: sample.weights,
      groups: sample.shower.map { bootstrap.groupOfShower[Int($0)] },
      groupCount: bootstrap.groupCount)
  }

  /// The lists of a subset.
  ///
  /// - Parameters:
  ///   - subset: its number.
  ///   - family: number of the subset that each event belongs to [event].
  /// - Returns: nil where all methods have too few events.
  func part(_ subset: Int, of family: [Int16]) -> Part? {
    let subset = Int16(subset)
    // Pulls may be undefined for some events of a method.
    let events = orders.map { order in order.filter { family[Int($0)] == subset } }
    guard (events.map(\.count).max() ?? 0) >= minimumEvents else { return nil }
    return builder.part(events, columns)
  }
}

/// Makes the lists of one quantity.
private struct ListBuilder: Sendable {
  let quantity: Quantity
  let weights: [Double]?
  /// [event]
  let groups: [Int32]
  let groupCount: Int

  /// The lists of a subset: its events in the order of their errors [method][rank], of errors
  /// [method][event].
  func part(_ events: [[Int32]], _ columns: [[Double]]) -> QuantityLists.Part {
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
      lists: lists,
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
