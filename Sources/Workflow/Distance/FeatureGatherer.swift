import Performance
import ResidualNetwork
import ShowerModel
import ShowerStore

/// Reads the features of the events that pass the cuts, chunk by chunk.
struct FeatureGatherer {
  let cuts: QualityCuts
  /// Whose domain is asked about each event.
  let network: Network?
  let isQuiet: Bool

  /// What was found in a file.
  struct Found {
    var features = SampleDistance.Sample(featureCount: EventFeatures.names.count)
    /// nil where no network is asked, or it does not say.
    var domain: DomainCount?
  }

  func sample(of reader: EventFileReader, limit: Int?, choice: EventChoice) throws -> Found {
    var found = Found()
    if network?.metadata.domain != nil { found.domain = DomainCount() }
    let selection = try EventSelection(choice, of: reader)
    let end = min(reader.eventCount, limit ?? .max)
    var progress = Progress("read \(reader.path)", total: end, isQuiet: isQuiet)
    for rows in reader.chunks(of: 1024, limit: limit) {
      try Interruption.check()
      let matches = try selection.matches(rows, of: reader)
      for (event, isChosen) in zip(try reader.reconstructedEvents(rows), matches)
      where isChosen && cuts.verdict(event.standard) == .passed {
        let features = EventFeatures(event, samplePeriod: reader.array.detector.samplePeriod)
        found.features.append(position: features.position, values: features.values)
        if let domain = network?.metadata.domain {
          found.domain?.count(domain.reasons(toDoubt: event))
        }
      }
      progress.update(rows.upperBound)
    }
    return found
  }
}

/// How many events a network does not know, and why.
struct DomainCount: Encodable {
  private(set) var events = 0
  private(set) var beyond = 0
  /// By feature; an event may have several.
  private(set) var reasons: [String: Int] = [:]

  mutating func count(_ own: [String]) {
    events += 1
    if !own.isEmpty { beyond += 1 }
    for reason in own { reasons[reason, default: 0] += 1 }
  }
}
