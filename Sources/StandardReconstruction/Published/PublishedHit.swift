import ShowerModel

/// How far a hit came in the published selection; the raw values are those of the experiment.
enum PublishedFlag: Int {
  /// A layer without a usable calibration.
  case bad = 0
  case alone = 1
  case spaceCluster = 2
  case spaceTimeCluster = 3
  case cleaned = 4
  case saturated = 5
}

/// What the published chain reads in one layer of a hit.
struct PublishedLayer {
  /// Counts without a signal, of the first window.
  let pedestal: Double
  let countsPerVEM: Double
  /// Leading edge on the event's clock [L].
  let time: Double
  /// (peak - onset) / 2.33 [L]; it may be negative and is used squared.
  let timeError: Double
  /// Integrated signal, later pulses included [VEM].
  var charge: Double
}

/// One signal of one station, over one window or several.
struct PublishedHit {
  /// Index of the station in the array.
  let station: Int
  var flag: PublishedFlag
  var upper: PublishedLayer
  var lower: PublishedLayer
  /// Its windows in the event.
  var windows: Range<Int>

  /// Mean of the layers [VEM].
  var charge: Double { 0.5 * (upper.charge + lower.charge) }
  /// Mean of the layers [L].
  var time: Double { 0.5 * (upper.time + lower.time) }
  /// Square of the error of `time` [L2].
  var timeVariance: Double {
    0.25 * (upper.timeError * upper.timeError + lower.timeError * lower.timeError)
  }

  func isAtLeast(_ level: PublishedFlag) -> Bool { flag.rawValue >= level.rawValue }
}

extension [PublishedHit] {
  /// Later pulses of a station within this time belong to an earlier one [L], 10.007 us.
  private static let mergeTime = 2.5

  /// Adds to every hit of the cluster the following hits of its station, in either layer within 10
  /// us, and removes those.
  mutating func mergeLaterHits() {
    var index = 0
    while index < count {
      while self[index].isAtLeast(.spaceTimeCluster), index + 1 < count,
        self[index + 1].station == self[index].station,
        self[index + 1].upper.time - self[index].upper.time < Self.mergeTime
          || self[index + 1].lower.time - self[index].lower.time < Self.mergeTime
      {
        let later = remove(at: index + 1)
        self[index].upper.charge += later.upper.charge
        self[index].lower.charge += later.lower.charge
        self[index].windows = self[index].windows.lowerBound..<later.windows.upperBound
      }
      index += 1
    }
  }
}
