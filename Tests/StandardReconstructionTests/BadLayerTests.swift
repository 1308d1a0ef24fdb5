import Foundation
import ShowerModel
import Testing

@testable import StandardReconstruction

/// A bad layer tells nothing; the other one stands for the station.
@Suite struct BadLayerTests {
  let finder = PulseFinder(configuration: FitConfiguration())

  func pulses(_ hits: [Hit]) -> [Pulse] {
    finder.pulses(of: Event(id: 1, showerID: 1, hits: hits))
  }

  /// A good layer of 10 VEM, and one with three times as much, early and saturated.
  func hit(bad: LayerSet) -> Hit {
    var wrong = Synthetic.waveform(counts: 40_000, onset: 20)
    wrong.countsPerVEM = 39
    let right = Synthetic.waveform(counts: 390, onset: 30)
    return Hit(
      station: 5, windowStart: 1000, upper: bad.contains(.upper) ? wrong : right,
      lower: bad.contains(.upper) ? right : wrong, badLayers: bad)
  }

  @Test(arguments: [LayerSet.upper, .lower]) func theOtherLayerStands(bad: LayerSet) throws {
    let pulse = try #require(pulses([hit(bad: bad)]).first)
    var alone = hit(bad: bad)
    if bad == .upper { alone.upper = alone.lower } else { alone.lower = alone.upper }
    alone.badLayers = []
    let both = try #require(pulses([alone]).first)
    #expect(pulse.time == both.time && abs(pulse.signal - both.signal) < 1e-12)
    #expect(abs(pulse.signal - 10) < 0.3 && !pulse.isSaturated && pulse.badLayers == bad)
    #expect((bad == .upper ? pulse.upper : pulse.lower).isNaN && pulse.isFinite)
    // The error of the time is that of one layer.
    #expect(abs(pulse.timeError * 2.0.squareRoot() - both.timeError) < 1e-9)
    // Without the mark the wrong layer would count.
    var unmarked = hit(bad: bad)
    unmarked.badLayers = []
    let misled = try #require(pulses([unmarked]).first)
    #expect(misled.isSaturated && misled.signal > 100 && misled.time < pulse.time)
  }

  @Test func weakSignalsAndUselessCalibrationsOfABadLayer() throws {
    var weak = hit(bad: .upper)
    weak.lower = Synthetic.waveform(counts: 0, onset: 30)
    weak.lower.samples[70] = 7
    weak.upper.countsPerVEM = .nan
    let pulse = try #require(pulses([weak]).first)
    #expect(pulse.time == 1000 + 70 * 20 && abs(pulse.signal - 1.0 / 39) < 1e-9)
    weak.badLayers = []
    #expect(pulses([weak]).isEmpty)
    weak.badLayers = .both
    #expect(pulses([weak, hit(bad: .both)]).isEmpty)
  }

  /// Windows of any length are counted by their start, not by the time between pulses.
  @Test(arguments: [128, 192, 256, 384]) func windowsAreCountedOnce(length: Int) throws {
    func window(_ start: Double, onsets: [Double]) -> Hit {
      var trace = [UInt16](repeating: 6, count: length)
      for onset in onsets {
        let pulse = Synthetic.waveform(counts: 390, onset: onset, samples: length)
        for (k, sample) in pulse.samples.enumerated() { trace[k] += sample - 6 }
      }
      var waveform = Synthetic.waveform(counts: 0, onset: 0, samples: length)
      waveform.samples = trace
      return Hit(station: 5, windowStart: start, upper: waveform, lower: waveform)
    }
    let last = Double(length) - 20
    let one = pulses([window(0, onsets: [30, last])])
    #expect(one.count == 2 && one[0].windowCount == 1 && abs(one[0].signal - 20) < 0.5)
    let next = window(20 * Double(length), onsets: [30])
    let two = pulses([window(0, onsets: [30, last]), next])
    #expect(two[0].windowCount == 2 && abs(two[0].signal - 30) < 0.8)
  }

  @Test func anEventWithBadLayersIsFittedTheSame() throws {
    let fit = StandardFit(array: Synthetic.array, energyTable: try Synthetic.energyTable())
    var event = Synthetic.event(Synthetic.parameters(signal800: 60))
    let reference = fit.reconstruct(event).result
    for index in event.hits.indices where index % 3 == 0 {
      event.hits[index].badLayers = index % 2 == 0 ? .upper : .lower
      if index % 2 == 0 {
        event.hits[index].upper.countsPerVEM /= 2
      } else {
        event.hits[index].lower.samples = event.hits[index].lower.samples.map { 2 * $0 }
      }
    }
    let (result, stations) = fit.reconstruct(event)
    #expect(result.status == .good && stations.contains { !$0.badLayers.isEmpty })
    #expect(abs(result.signal800 / reference.signal800 - 1) < 0.02)
    #expect(result.shower.direction.angle(to: reference.shower.direction) < 0.1 * Units.degree)
    #expect(result.stationCount == reference.stationCount)
    for station in stations {
      #expect(station.signal.isFinite)
      #expect(station.upper.isNaN == station.badLayers.contains(.upper))
      #expect(station.lower.isNaN == station.badLayers.contains(.lower))
    }
    // Layers are compared where there are two.
    #expect(result.composition.layerAsymmetry < 1e-3)
    #expect(result.composition.peakCount < reference.composition.peakCount)
    // All of a station's signals given as a list lead to the same fit.
    let again = fit.reconstruct(stations).result
    #expect(abs(again.signal800 / result.signal800 - 1) < 1e-6)
  }
}
