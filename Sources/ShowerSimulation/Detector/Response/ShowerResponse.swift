internal import Glibc
internal import ShowerModel

/// The folded response at the zenith angle of one shower, by distance from the axis.
struct ShowerResponse {
  typealias Component = FoldedResponse.Component

  /// At a node of distance.
  fileprivate struct Node {
    /// Of a particle that crosses the horizontal area of the upper layer.
    var hits = 0.0
    /// Of the same [VEM]. Of muons it is times the cosine of their zenith angle: per muon of the
    /// plane across its flight, since deposits go with the path.
    var signal = 0.0
    /// Lower one of the two laws that are mixed, and the part of hits of the upper one.
    var law = 0
    var steeper = 0.0
  }

  private let folded: FoldedResponse
  private var nodes: [Node]
  private var bothOffset = 0.0

  init(_ folded: FoldedResponse) {
    self.folded = folded
    nodes = [Node](
      repeating: Node(), count: Component.allCases.count * folded.logDistances.count)
  }

  /// Turns to a shower.
  mutating func update(cosZenith: Double, bothOffset: Double) {
    self.bothOffset = bothOffset
    let count = folded.logDistances.count
    for component in Component.allCases {
      for (index, x) in folded.logDistances.enumerated() {
        let cosine = folded.cosine(component, logDistance: x, cosZenith: cosZenith)
        var cell = 0
        while cell + 2 < FoldedResponse.cosines.count, FoldedResponse.cosines[cell + 1] < cosine {
          cell += 1
        }
        let (low, high) = (FoldedResponse.cosines[cell], FoldedResponse.cosines[cell + 1])
        let part = log(cosine / low) / log(high / low)
        let law = folded.law(component, distance: index, cosine: cell)
        let scale = folded.scale(component, logDistance: x)
        let path = component == .muon ? cosine : 1
        let slanted = scale * (1 - part) * folded.laws.laws[law].hits
        let steep = scale * part * folded.laws.laws[law + 1].hits
        nodes[component.rawValue * count + index] = Node(
          hits: slanted + steep,
          signal: path
            * (slanted * folded.signalOfHit(law, bothOffset: bothOffset)
              + steep * folded.signalOfHit(law + 1, bothOffset: bothOffset)),
          law: law, steeper: steep / max(slanted + steep, 1e-12))
      }
    }
  }

  /// A distance between two nodes.
  struct Place {
    fileprivate var node = 0
    fileprivate var part = 0.0
  }

  /// At ln(r/800 m), held between the first and the last node.
  func place(logDistance x: Double) -> Place {
    let distances = folded.logDistances
    guard x > distances[0], distances.count > 1 else { return Place() }
    var node = 0
    while node + 2 < distances.count, distances[node + 1] < x { node += 1 }
    let part = (x - distances[node]) / (distances[node + 1] - distances[node])
    return Place(node: node, part: min(part, 1))
  }

  @inline(__always) private func pair(_ component: Component, _ place: Place) -> (Node, Node) {
    let first = component.rawValue * folded.logDistances.count + place.node
    return (nodes[first], nodes[first + (place.part > 0 ? 1 : 0)])
  }

  /// Hits and signal [VEM] of a particle of the component that crosses the horizontal area.
  @inline(__always) func perParticle(
    _ component: Component, at place: Place
  ) -> (hits: Double, signal: Double) {
    let (near, far) = pair(component, place)
    return (
      near.hits + place.part * (far.hits - near.hits),
      near.signal + place.part * (far.signal - near.signal)
    )
  }

  /// The laws of the hits of a component at one place.
  struct Hits {
    fileprivate let folded: FoldedResponse
    fileprivate let bothOffset: Double
    /// Two laws of the nearer node and two of the farther one, with the parts of the hits.
    fileprivate let numbers: SIMD4<Int32>
    fileprivate let parts: SIMD4<Double>
    /// 1 / parts.
    private let inverse: SIMD4<Double>

    fileprivate init(
      _ folded: FoldedResponse, bothOffset: Double, near: Node, far: Node, distant: Double
    ) {
      self.folded = folded
      self.bothOffset = bothOffset
      numbers = SIMD4(
        Int32(near.law), Int32(near.law + 1), Int32(far.law), Int32(far.law + 1))
      parts =
        SIMD4(1 - distant, 1 - distant, distant, distant)
        * SIMD4(1 - near.steeper, near.steeper, 1 - far.steeper, far.steeper)
      inverse = 1 / parts
    }

    /// Draws the deposit of a hit, with 16 random `bits` for its size.
    @inline(__always) func deposit(
      bits: UInt64, normal: NormalTable, using random: inout CounterRandom
    ) -> ParticleResponse.Deposit {
      // Once it is below 0, the rest stays there.
      var rests = InlineArray<4, Double>(repeating: random.uniform())
      var index = 0
      for part in 0..<3 {
        rests[part + 1] = rests[part] - parts[part]
        index += rests[part + 1] >= 0 ? 1 : 0
      }
      // What is left of the draw is uniform again.
      return folded.laws.deposit(
        Int(numbers[index]), kind: rests[index] * inverse[index], bits: bits,
        bothOffset: bothOffset, normal: normal
      ) { UInt64(random.word()) }
    }

    /// Moments of one hit.
    var moments: HitMoments {
      (0..<4).reduce(HitMoments()) { sum, index in
        sum + parts[index] * folded.laws.laws[Int(numbers[index])].moments(bothOffset: bothOffset)
      }
    }
  }

  func hits(_ component: Component, at place: Place) -> Hits {
    let (near, far) = pair(component, place)
    let distant = place.part * far.hits
    let total = distant + (1 - place.part) * near.hits
    return Hits(
      folded, bothOffset: bothOffset, near: near, far: far,
      distant: total > 0 ? distant / total : 0)
  }
}
