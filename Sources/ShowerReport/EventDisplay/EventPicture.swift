internal import Foundation
package import ShowerModel

/// One event on one page: footprint, lateral distribution, front, waveforms and a table of numbers.
///
/// A failed event is drawn too: with footprint, waveforms and the reason.
package struct EventPicture: Sendable {
  package let reconstructed: ReconstructedEvent
  package let array: DetectorArray
  /// The functions that the event was fitted with.
  package let lateralDistribution: LateralDistribution
  package let front: ShowerFront
  /// Stations without a waveform count as silent within this distance of the largest signal [m].
  package let silentDistance: Double
  /// Other methods drawn beside the standard fit: at most `mostMethods`.
  package let corrected: [Corrected]
  /// How many stations show their waveforms, the largest signals first.
  package let waveformCount: Int

  /// More methods could not be told apart by their colours.
  package static let mostMethods = 4

  /// A corrected shower and the name of its method.
  package struct Corrected: Sendable {
    package let name: String
    package let reconstruction: Reconstruction

    package init(name: String, reconstruction: Reconstruction) {
      self.name = name
      self.reconstruction = reconstruction
    }
  }

  /// All stations of the array, with their signals and their part in the fit.
  let stations: [DrawnStation]

  package init(
    _ reconstructed: ReconstructedEvent, array: DetectorArray,
    lateralDistribution: LateralDistribution, front: ShowerFront, silentDistance: Double,
    corrected: [Corrected] = [], waveformCount: Int = 4
  ) {
    let reconstructed = reconstructed.drawable
    self.reconstructed = reconstructed
    self.array = array
    self.lateralDistribution = lateralDistribution
    self.front = front
    self.silentDistance = silentDistance
    self.corrected = Array(corrected.prefix(Self.mostMethods))
    self.waveformCount = waveformCount
    stations = DrawnStation.all(of: reconstructed, in: array, silentDistance: silentDistance)
  }

  var event: Event { reconstructed.event }
  var standard: StandardResult { reconstructed.standard }
  /// The fitted shower; an event outside the energy table has one too, without an energy.
  var fitted: Shower? { standard.shower.isDrawable ? standard.shower : nil }
  var truth: Shower? { event.truth.flatMap { $0.shower.isDrawable ? $0.shower : nil } }
  /// Methods with a shower that can be drawn, each with its colour in the script.
  var drawnMethods: [(colour: String, shower: Shower)] {
    zip(Self.methodColours, corrected.map(\.reconstruction.shower)).filter { $1.isDrawable }
      .map { (colour: $0, shower: $1) }
  }

  /// Names of the colours of the methods in the script, as in `figure`.
  static let methodColours = ["corrected", "other1", "other2", "other3"]

  /// Further colours of the script.
  static let colours = """
    truth = "\(MethodColours.truth)"
    data = "#222222"
    aside = "#8c8c8c"
    """

  /// Fitted lateral distribution at a distance from the axis, `S(r) = S800 LDF(r)` [VEM/m2].
  func fittedSignal(at distance: Double) -> Double {
    standard.signal800
      * exp(lateralDistribution.value(distance, cos(standard.shower.zenith)).logarithm)
  }

  /// Fitted delay of the front behind the plane one, `a T(r)` [ns].
  func fittedDelay(at distance: Double) -> Double {
    let logLDF = lateralDistribution.value(distance, cos(standard.shower.zenith)).logarithm
    return standard.curvature * front.value(distance, logLDF).shape
  }

  /// The whole page, as a script and its data.
  func figure(name: String) -> Figure {
    let page = EventPage(
      waveforms: drawnWaveforms.count, hasFit: fitted != nil, methods: corrected.count)
    let panels =
      [footprintPanel(page)] + (fitted == nil ? [] : lateralPanels(page) + frontPanels(page))
      + [corePanel(page)].compactMap(\.self) + waveformPanels(page)
    return Figure(
      name: name, title: "Event \(event.id)", caption: statusText, width: Int(page.width),
      height: Int(page.height),
      commands: """
        \(Self.colours)
        set multiplot
        \(header(page).joined(separator: "\n"))
        \(panels.map(\.commands).joined(separator: "\n\(Panel.end)\n"))
        unset multiplot
        """, tables: panels.flatMap(\.tables))
  }
}

extension Shower {
  /// Whether core and direction are finite and small enough for the axes of a picture.
  var isDrawable: Bool {
    [coreX, coreY].allSatisfy { abs($0) < 1e6 } && abs(time) < 1e15
      && [zenith, azimuth].allSatisfy { abs($0) < 7 }
  }
}

extension ReconstructedEvent {
  /// The same event with NaN for numbers that no axis can show: a file may hold any.
  fileprivate var drawable: ReconstructedEvent {
    func held(_ value: Double) -> Double { abs(value) < 1e12 ? value : .nan }
    var event = self
    for index in event.stations.indices {
      let signal = event.stations[index]
      event.stations[index].time = held(signal.time)
      event.stations[index].timeSigma = held(signal.timeSigma)
      event.stations[index].timeResidual = held(signal.timeResidual)
      event.stations[index].upper = held(signal.upper)
      event.stations[index].lower = held(signal.lower)
      event.stations[index].signalSigma = held(signal.signalSigma)
      event.stations[index].signalPull = held(signal.signalPull)
      event.stations[index].expectedSignal = held(signal.expectedSignal)
    }
    event.standard.signal800 = held(event.standard.signal800)
    event.standard.curvature = held(event.standard.curvature)
    return event
  }
}
