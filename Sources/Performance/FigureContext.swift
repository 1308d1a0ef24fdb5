internal import ShowerModel

/// What all figures of a report share.
struct FigureContext: Sendable {
  let sample: ComparisonSample
  let comparison: Comparison
  /// Name of the compared method, as it appears in legends.
  let methodName: String

  /// Events of a group, by their places in the sample.
  func events(_ group: EventSubset.Group) -> [Int] {
    sample.primary.indices.filter {
      (Int(sample.primary[$0]) == Primary.photon.rawValue) == (group == .photons)
    }
  }

  /// Which events a figure shows, for its caption.
  func eventsText(_ subset: SubsetComparison) -> String {
    "\(text(subset.eventCount)) events (\(subset.subset.group.rawValue)) of "
      + "\(text(subset.showerCount)) showers, cuts: \(comparison.cuts.explanation)"
  }

  var bandText: String {
    "Bands and bars are 95 % intervals of a bootstrap over parent showers "
      + "(\(comparison.settings.replicas) replicas, both methods in the same ones); bins with fewer "
      + "than \(comparison.settings.minimumEvents) events are left empty."
  }
}
