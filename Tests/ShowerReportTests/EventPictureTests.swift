import Foundation
import ShowerModel
import Testing

@testable import ShowerReport

/// The numbers behind the panels of an event's picture.
@Suite struct EventPictureTests {
  static let array = DetectorArray.idealGrid(columns: 11, rows: 11)
  static let shower = Shower(
    logEnergy: 19, zenith: 30 * Units.degree, azimuth: 200 * Units.degree, coreX: 300, coreY: -200,
    time: 5000)

  /// An event on the fitted front but for `late` ns; stations within 2 km of the axis have a
  /// signal.
  private func event(late: Double = 0, status: ReconstructionStatus = .good) -> ReconstructedEvent {
    let array = Self.array
    let lateral = LateralDistribution.inr
    var standard = StandardResult.failed(status)
    if status == .good {
      standard.reconstruction = Reconstruction(
        shower: Self.shower, sigma: .undefined, status: .good)
      standard.signal800 = 20
      standard.curvature = 0.5336
    }
    var signals: [StationSignal] = []
    var hits: [Hit] = []
    for (index, station) in array.stations.enumerated() {
      let axis = Self.shower.axis
      let r = axis.distance(of: station.position)
      guard r < 2000 else { continue }
      let logLDF = lateral.value(r, cos(Self.shower.zenith)).logarithm
      let time =
        Self.shower.time + axis.planeDelay(at: station.position)
        + 0.5336 * ShowerFront.linsley.value(r, logLDF).shape + late
      let signal = 20 * exp(logLDF)
      signals.append(
        StationSignal(
          station: index, time: time, timeError: 10, upper: 3 * signal, lower: 3 * signal,
          windowCount: 1, isSaturated: signal > 200, role: signal > 200 ? .saturated : .fitted,
          timeResidual: status == .good ? late : .nan,
          expectedSignal: status == .good ? signal : .nan))
      let trace = Waveform(
        samples: [6, 6, 45, 84, 6], pedestal: 6, pedestalDeviation: 0.3, countsPerVEM: 39)
      hits.append(Hit(station: index, windowStart: time - 40, upper: trace, lower: trace))
    }
    let event = Event(id: 7, showerID: 3, hits: hits, deadStations: [0, 1])
    return ReconstructedEvent(event: event, stations: signals, standard: standard)
  }

  private func picture(
    _ event: ReconstructedEvent, array: DetectorArray = array, waveforms: Int = 4
  ) -> EventPicture {
    EventPicture(
      event, array: array, lateralDistribution: .inr, front: .linsley, silentDistance: 4200,
      waveformCount: waveforms)
  }

  @Test func everyNetworkHasALine() throws {
    let others = [("one", CorrectionFallback.none), ("two", .beyondTraining)].map {
      name, fallback in
      EventPicture.Corrected(
        name: name,
        reconstruction: Reconstruction(
          shower: Self.shower, sigma: .undefined, status: .good, fallback: fallback))
    }
    let picture = EventPicture(
      event(), array: Self.array, lateralDistribution: .inr, front: .linsley, silentDistance: 4200,
      corrected: others)
    #expect(picture.summary.contains("\n  one: E [EeV] 10.0"))
    #expect(
      picture.summary.contains(
        "\n  two (not corrected: unlike the events that the network learned from): E"))
    let script = picture.figure(name: "event").script
    #expect(script.components(separatedBy: "not corrected: ").count == 2)
    #expect(script.contains("textcolor rgb other1"))
    // The panels move down by a line for each further method.
    let single = EventPage(waveforms: 4, hasFit: true, methods: 1)
    let double = EventPage(waveforms: 4, hasFit: true, methods: 2)
    #expect(double.height - single.height == 22 && double.footprint.top > single.footprint.top)
  }

  /// A result with errors, 40 m to the east of the standard one.
  private var moved: EventPicture.Corrected {
    var (shower, sigma) = (Self.shower, Shower.undefined)
    shower.coreX += 40
    (sigma.coreX, sigma.coreY) = (12, 15)
    return EventPicture.Corrected(
      name: "moved", reconstruction: Reconstruction(shower: shower, sigma: sigma, status: .good))
  }

  /// The inset tells cores apart that lie on one another in the footprint.
  @Test func coresOfAllMethodsAreEnlarged() throws {
    let picture = EventPicture(
      event(), array: Self.array, lateralDistribution: .inr, front: .linsley, silentDistance: 4200,
      corrected: [moved])
    let panel = try #require(picture.corePanel(EventPage(waveforms: 4, hasFit: true, methods: 1)))
    let rows = Dictionary(uniqueKeysWithValues: panel.tables.map { ($0.name, $0.rows[0]) })
    #expect(rows["core_standard"].map { Array($0.prefix(2)) } == [0, 0])
    #expect(rows["core_corrected"] == [40, 0, 12, 15])
    #expect(panel.commands.contains("set xrange [-59.8:59.8]"), "\(panel.commands)")
    #expect(
      self.picture(event(status: .notConverged)).figure(name: "x").tables.allSatisfy {
        $0.name != "core_standard"
      })
  }

  @Test func theEdgeOfTheArrayIsDrawnWhereItIsNear() {
    let far = picture(event())
    #expect(!EventMap(far, pixels: 400).showsEdge)
    // Without signals the map is that of the first station, at a corner.
    let nothing = ReconstructedEvent(
      event: Event(id: 1, showerID: 1, hits: [], deadStations: []), stations: [],
      standard: .failed(.noCluster))
    let near = picture(nothing, array: .idealGrid(columns: 3, rows: 3))
    #expect(EventMap(near, pixels: 400).showsEdge)
    let script = near.figure(name: "near").script
    #expect(script.contains("'edge of the array'") && script.contains("DATA index \"a_edge\""))
    #expect(!far.figure(name: "far").script.contains("edge of the array"))
  }

  /// Keys stand at places of the page, not of a panel.
  @Test func legendsLieOutsideOfPanels() {
    let page = EventPage(waveforms: 4, hasFit: true, methods: 1)
    let script = picture(event()).figure(name: "event").script
    let keys = script.matches(of: #/set key at screen ([0-9.]+),([0-9.]+)/#).compactMap {
      Double($0.output.2)
    }
    #expect(keys.count == 2)
    #expect(keys.allSatisfy { (1 - $0) * page.height > page.lateralResidual.bottom + 30 })
  }

  @Test func aSheetHasEveryEvent() throws {
    let pictures = [event(), event(late: 50), event(status: .notConverged)].map {
      EventPicture(
        $0, array: Self.array, lateralDistribution: .inr, front: .linsley, silentDistance: 4200,
        corrected: [moved])
    }
    let many = ContactSheet(
      title: "it's", pictures: (0..<70).map { pictures[$0 % 3] })
    #expect(many.pictures.count == ContactSheet.mostEvents)
    let sheet = ContactSheet(title: "it's", pictures: pictures).figure(name: "sheet")
    #expect(sheet.script.components(separatedBy: "{/:Bold Event 7}").count == 4)
    #expect(
      sheet.script.contains("not reconstructed: \(ReconstructionStatus.notConverged.explanation)"))
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Gnuplot().draw([sheet], in: folder, as: ["svg"])
    let text = try String(contentsOf: folder.appending(path: "sheet.svg"), encoding: .utf8)
    #expect(text.contains("moved: 10.0 EeV"))
  }

  @Test func curvesAreThoseOfTheFit() {
    // Check values of LDF and delay at 30 degrees, S800 = 20 VEM/m2, a = 0.5336 ns.
    let picture = picture(event())
    #expect(abs(picture.fittedSignal(at: 800) - 20) < 1e-9)
    #expect(abs(picture.fittedSignal(at: 500) / 20 - 5.76521) < 1e-5)
    #expect(abs(picture.fittedDelay(at: 1000) - 167.69) < 0.05)
    #expect(abs(picture.fittedDelay(at: 2000) - 2084.09) < 0.5)
  }

  @Test(arguments: [0.0, 75, -40]) func delaysCountFromThePlaneFront(late: Double) {
    let picture = picture(event(late: late))
    let timed = picture.stations.filter(\.hasTime)
    #expect(timed.count == picture.reconstructed.stations.count && timed.count > 5)
    for station in timed {
      #expect(abs(station.delay - picture.fittedDelay(at: station.distance) - late) < 1e-6)
    }
  }

  @Test func everyStationHasItsPart() throws {
    let picture = picture(event())
    #expect(picture.stations.count == Self.array.stations.count)
    let parts = Dictionary(grouping: picture.stations, by: \.part)
    #expect(parts[.dead]?.count == 2)
    #expect((parts[.saturated]?.count ?? 0) >= 1)
    let largest = try #require(
      picture.stations.max { $0.signal?.signal ?? 0 < $1.signal?.signal ?? 0 })
    func distance(_ station: DrawnStation) -> Double {
      let d = station.position - largest.position
      return (d * d).sum().squareRoot()
    }
    let silent = try #require(parts[.silent])
    let away = try #require(parts[.away])
    #expect(silent.allSatisfy { distance($0) < 4200 && $0.signal == nil })
    #expect(away.allSatisfy { distance($0) >= 4200 })
    // No particle in 3 m2 happens with 5 % probability at the limit.
    #expect(abs(exp(-3 * DrawnStation.silentLimit(area: 3)) - 0.05) < 1e-12)
  }

  @Test func areasTellSignals() {
    let linear = DiscScale([2, 8, 50], radius: 10)
    #expect(!linear.isLogarithmic)
    #expect(linear.radius(of: 50) == 10)
    #expect(abs(linear.radius(of: 12.5) - 5) < 1e-12)
    #expect(linear.radius(of: 500) == 10)
    let logarithmic = DiscScale([0.5, 8, 500], radius: 10)
    #expect(logarithmic.isLogarithmic)
    let area = logarithmic.radius(of: 8) * logarithmic.radius(of: 8) / 100
    #expect(abs(area - log1p(8 / 0.3) / log1p(500 / 0.3)) < 1e-12)
    for scale in [linear, logarithmic, DiscScale([], radius: 10)] {
      #expect(!scale.examples.isEmpty && scale.examples.allSatisfy { $0 <= scale.largest })
      #expect(scale.radius(of: -1) == 1.2)
    }
  }

  @Test func theMapHoldsCoreAndStations() {
    let picture = picture(event())
    let window = picture.mapWindow
    let points =
      picture.stations.filter(\.hasTime).map { SIMD2($0.position.x, $0.position.y) } + [
        SIMD2(Self.shower.coreX, Self.shower.coreY)
      ]
    for point in points {
      #expect((window.x...window.x + window.side).contains(point.x))
      #expect((window.y...window.y + window.side).contains(point.y))
    }
  }

  @Test func waveformsAreThoseOfTheSignal() throws {
    let trace = Waveform(
      samples: [6, 45, 6], pedestal: 6, pedestalDeviation: 0.3, countsPerVEM: 39)
    let hits = [2000.0, 9000, 2060].map {
      Hit(station: 4, windowStart: $0, upper: trace, lower: trace)
    }
    var signal = StationSignal(
      station: 4, time: 2030, timeError: 10, upper: 3, lower: 3, windowCount: 2,
      isSaturated: false, timeResidual: 10)
    func station() -> DrawnStation {
      DrawnStation(
        id: 12, position: .zero, part: .fitted, signal: signal, distance: 700, delay: 10)
    }
    let drawn = try #require(DrawnWaveform(station(), hits: hits, detector: .telescopeArray))
    #expect(drawn.hits.map(\.windowStart) == [2000, 2060])
    #expect(abs(drawn.onset - 0.030) < 1e-12 && abs(drawn.expected - 0.020) < 1e-12)
    #expect(abs(drawn.end - 0.120) < 1e-12)
    #expect(abs(drawn.largestSample - 1) < 1e-12)
    #expect(
      drawn.steps(trace, from: 60) == [[0.06, 0], [0.08, 1], [0.1, 0], [0.12, 0]])
    // A signal after another one of the station is shown from its own window on.
    signal.time = 9010
    signal.windowCount = 1
    let later = try #require(DrawnWaveform(station(), hits: hits, detector: .telescopeArray))
    #expect(later.hits.map(\.windowStart) == [9000])
    #expect(DrawnWaveform(station(), hits: [], detector: .telescopeArray) == nil)
  }

  @Test func badLayersAreGrey() throws {
    var event = event()
    let strongest = try #require(event.stations.max { $0.signal < $1.signal }).station
    let row = try #require(event.stations.firstIndex { $0.station == strongest })
    let hit = try #require(event.event.hits.firstIndex { $0.station == strongest })
    event.stations[row].badLayers = .lower
    event.stations[row].lower = .nan
    event.event.hits[hit].badLayers = .lower
    event.event.hits[hit].lower.samples = [6, 6, 4000, 4000, 6]
    let drawn = picture(event, waveforms: 50).drawnWaveforms
    let waveform = try #require(drawn.first { $0.signal.station == strongest })
    // The axis is that of the good layer.
    #expect(abs(waveform.largestSample - 2) < 1e-9 && waveform.signal.signal.isFinite)
    let script = picture(event, waveforms: 1).figure(name: "event").script
    #expect(script.contains("lower layer bad") && !script.contains("upper layer bad"))
    func colour(_ layer: String, _ script: String) -> Bool {
      script.split(separator: "\n").contains {
        $0.contains("_\(layer)\"") && $0.contains("lc rgb aside")
      }
    }
    #expect(colour("lower", script) && !colour("upper", script))
    #expect(!colour("lower", picture(self.event(), waveforms: 1).figure(name: "event").script))
  }

  @Test func theLargestSignalsComeFirst() {
    var event = event()
    let strongest = event.stations.indices.max {
      event.stations[$0].signal < event.stations[$1].signal
    }
    event.stations[strongest ?? 0].role = .excluded
    let signals = picture(event, waveforms: 50).drawnWaveforms
    #expect(signals.count == event.stations.count)
    #expect(signals.last?.signal.station == event.stations[strongest ?? 0].station)
    let used = signals.dropLast().map(\.signal.signal)
    #expect(used == used.sorted(by: >))
    #expect(picture(event, waveforms: 3).drawnWaveforms.count == 3)
  }

  @Test func aFailedEventSaysWhy() {
    let script = picture(event(status: .notConverged)).figure(name: "event").script
    #expect(script.contains("not reconstructed: the fit did not converge"))
    #expect(script.contains("a_timed") && script.contains("_0_upper"))
    #expect(!script.contains("b_curve") && !script.contains("c_curve"))
    let good = picture(event()).figure(name: "event").script
    #expect(good.contains("b_curve") && good.contains("c_curve"))
  }

  @Test func everyTableIsPlottedUnderANameOfItsOwn() {
    let figure = picture(event()).figure(name: "event")
    for table in figure.tables {
      #expect(!table.rows.isEmpty && figure.commands.contains("index \"\(table.name)\""))
      // gnuplot takes the first table whose name begins so.
      #expect(figure.tables.count { $0.name.hasPrefix(table.name) } == 1, "\(table.name)")
    }
  }

  @Test func namesOfUsersAreText() {
    let array = DetectorArray(
      name: "it's `mine`_{1}", spacing: 1200, referenceAltitude: 0, stations: Self.array.stations)
    let script = picture(event(), array: array).figure(name: "event").script
    #expect(
      script.contains(#"'array it\U+0027s \U+0060mine\U+0060\U+005F\U+007B\U+0031\U+007D'"#))
  }

  @Test func errorsHaveTwoDigits() {
    #expect(measured(34.512, 3.14) == "34.5 ± 3.1")
    #expect(measured(1234.5, 56) == "1234 ± 56")
    #expect(measured(0.29512, 0.0792) == "0.295 ± 0.079")
    #expect(measured(2.5, .nan, decimals: 3) == "2.500")
    #expect(measured(.nan, 1) == "–")
  }

  @Test(arguments: [(2.6, 2.0), (0.3, 0.2), (99, 50), (10, 10), (1.9, 1), (0.06, 0.05)])
  func ticsAreRound(limit: Double, step: Double) {
    #expect(abs(EventPicture.roundStep(atMost: limit) - step) < 1e-9)
  }

  @Test func filesAreKnownByTheirEnds() throws {
    for name in ["a.png", "b/c.SVG", "d.e.pdf"] { #expect(PictureFile(path: name) != nil) }
    for name in ["a.jpg", "png", "a", ".png"] { #expect(PictureFile(path: name) == nil) }
    #expect(PictureFile(path: "it's.png") != nil)
    #expect(PictureFile(path: "it's.png", keepsScript: true) == nil)
  }
}
