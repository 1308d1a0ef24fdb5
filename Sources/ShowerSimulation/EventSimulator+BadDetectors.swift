internal import Glibc
internal import ShowerModel

extension EventSimulator {
  /// Stations that do not work in the attempt.
  func deadStations(_ attempt: Int, fraction: Double) -> [Int] {
    var random = random(attempt, .deadStations)
    return chosen(fraction, of: array.stations.count, using: &random)
  }

  /// Numbers below `count`, each with a probability, in order.
  private func chosen(
    _ fraction: Double, of count: Int, using random: inout CounterRandom
  ) -> [Int] {
    guard fraction > 0 else { return [] }
    var chosen: [Int] = []
    // Steps between them are geometric.
    let scale = 1 / log1p(-fraction)
    func step() -> Int { Int(min(log(random.uniform()) * scale, 1e9)) }
    var index = step()
    while index < count {
      chosen.append(index)
      index += 1 + step()
    }
    return chosen
  }

  /// Layers that the monitoring has excluded.
  func drawBadLayers(_ attempt: Int, in workspace: Workspace) {
    for index in workspace.badLayers.indices { workspace.badLayers[index] = [] }
    var random = random(attempt, .badLayers)
    let fraction = workspace.settings.configuration.badLayerFraction
    for index in chosen(fraction, of: 2 * array.stations.count, using: &random) {
      workspace.badLayers[index / 2].insert(index % 2 == 0 ? .upper : .lower)
    }
  }
}
