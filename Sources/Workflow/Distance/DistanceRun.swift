import Foundation
import Performance
import ResidualNetwork
import ShowerModel
import ShowerStore

/// How far events lie from those of a simulation, or from those that a network learned from.
///
/// Needs no truth. Nothing is written but the page or the JSON on standard output.
package struct DistanceRun: Sendable {
  package enum Format: String, Sendable, CaseIterable {
    case text, json
  }

  package var input: String
  /// Event file of a simulation.
  package var reference: String?
  /// Network whose domain is asked.
  package var network: String?
  package var use = NetworkUse()
  package var cuts = TableFolder.defaultSelection
  package var replicas = 1000
  package var seed: UInt64 = 1
  package var eventLimit: Int?
  package var choice = EventChoice()
  package var format = Format.text

  package init(_ input: String) { self.input = input }

  package func run(in context: RunContext) throws {
    try context.checkLimits("distance")
    guard reference != nil || network != nil else {
      throw WrongUse("distance needs --reference FILE, --network NETWORK or both to compare with")
    }
    guard (100...100_000).contains(replicas) else {
      throw WrongUse("--replicas \(replicas): 100 to 100000. 1000 tell probabilities to 0.001")
    }
    let tables = try context.tableFolder()
    let qualityCuts = try tables.selection(cuts).0
    let data = try EventFileReader(path: input)
    try data.requireStandardReconstruction()
    let other = try reference.map { try openReference($0, beside: data) }
    var record = ProvenanceRecord("distance", seed: seed)
    let learned = try network.map { name in
      try use.network(name, for: [data], tables: tables, &record)
    }
    let gatherer = FeatureGatherer(
      cuts: qualityCuts, network: learned?.network, isQuiet: context.isQuiet)
    let sample = try gatherer.sample(of: data, limit: eventLimit, choice: choice)
    var page = DistancePage(data: input, cuts: qualityCuts.explanation)
    if let learned, let network {
      guard let domain = sample.domain else {
        throw InputError(
          description: "\(learned.file.path): does not say which events it knows. "
            + "Give --reference with events like those of its training")
      }
      page.domain = .init(network: network, counts: domain)
    }
    if let other, let reference {
      let simulation = try gatherer.sample(of: other, limit: nil, choice: EventChoice())
      guard
        let distance = try SampleDistance(
          data: sample.features, reference: simulation.features, names: EventFeatures.names,
          replicas: replicas, seed: seed, threads: context.threads)
      else {
        throw InputError(
          description:
            "\(reference): fewer than \(SampleDistance.fewestPairs) of its "
            + "\(simulation.features.count) events have the zenith angle and S800 of one of the "
            + "\(sample.features.count) events of \(input). Simulate more of these energies")
      }
      page.comparison = .init(reference: reference, distance: distance)
    }
    switch format {
    case .text: print(EscapedText.terminal(page: page.text, with: page.strings))
    case .json: print(try prettyJSON(page))
    }
  }

  private func openReference(_ path: String, beside data: EventFileReader) throws
    -> EventFileReader
  {
    let reader = try EventFileReader(path: path)
    try reader.requireStandardReconstruction()
    try reader.requireStations(of: data)
    return reader
  }
}
