internal import FoundationEssentials

/// The file form of a tuned front, in `tables/fronts`: JSON with the functions and how they were
/// made.
///
/// Distances are metres, times nanoseconds, signals ln(S / (VEM/m2)).
public struct TunedFrontFile: Sendable, Equatable, Codable {
  public static let format = "airshower-front"
  public static let formatVersion = 1

  /// How the functions were made.
  public struct Origin: Sendable, Equatable, Codable {
    public var source: String
    public var date: String
    public var command: String
    /// Files read, with SHA-256.
    public var inputs: [String]
    /// Seeds of their simulations, by which `compare` knows events that the front was fitted to.
    public var simulationSeeds: [UInt64]
    /// Quality cuts of the events.
    public var selection: String
    public var events: Int
    public var stations: Int
    /// Sum of squares of (delay - mean) / sigma, and stations less coefficients of the mean.
    public var chi2: Double
    public var degreesOfFreedom: Int
    /// Part of the stations farther than `outlierLimit` sigma from the mean, which count as at that
    /// limit.
    public var outliers: Double
    public var outlierLimit: Double
    public var units: String

    public init(
      source: String, date: String, command: String, inputs: [String], simulationSeeds: [UInt64],
      selection: String, events: Int, stations: Int, chi2: Double, degreesOfFreedom: Int,
      outliers: Double, outlierLimit: Double
    ) {
      self.source = source
      self.date = date
      self.command = command
      self.inputs = inputs
      self.simulationSeeds = simulationSeeds
      self.selection = selection
      self.events = events
      self.stations = stations
      self.chi2 = chi2
      self.degreesOfFreedom = degreesOfFreedom
      self.outliers = outliers
      self.outlierLimit = outlierLimit
      units =
        "delay [ns] and ln(sigma^2 / ns^2) = sum of coefficient s^i y^j z^k w^m, "
        + "powers [i, j, k, m];"
        + " s = sqrt(r / 1 km), y = ln(S / (VEM/m2)) - 2, z = sec theta - 1.2, "
        + "w = l / 1 km, l positive"
        + " on the early side; ranges of r [m], ln S, sec theta, l [m], delay [ns], sigma [ns]"
    }
  }

  private struct Ranges: Sendable, Equatable, Codable {
    var distance: [Double]
    var logSignal: [Double]
    var secant: [Double]
    var upstream: [Double]
    var delay: [Double]
    var sigma: [Double]

    /// All of them, in order, with what they may hold.
    var all: [(name: String, limits: [Double], allowed: ClosedRange<Double>)] {
      let any = -1e9...1e9
      return [
        ("distance", distance, 1e-3...1e9), ("logSignal", logSignal, any),
        ("secant", secant, 1...1e3), ("upstream", upstream, any), ("delay", delay, any),
        ("sigma", sigma, 1e-3...1e9),
      ]
    }
  }

  private var format = Self.format
  private var formatVersion = Self.formatVersion
  private var name: String
  public var origin: Origin
  private var ranges: Ranges
  private var scaleSigma: Double
  private var delay: [TunedFront.Term]
  private var logVariance: [TunedFront.Term]

  public init(_ front: TunedFront, origin: Origin) {
    func limits(_ range: ClosedRange<Double>) -> [Double] { [range.lowerBound, range.upperBound] }
    name = front.name
    self.origin = origin
    ranges = Ranges(
      distance: limits(front.ranges.distance), logSignal: limits(front.ranges.logSignal),
      secant: limits(front.ranges.secant), upstream: limits(front.ranges.upstream),
      delay: limits(front.ranges.delay), sigma: limits(front.ranges.sigma))
    scaleSigma = front.scaleSigma
    delay = front.delayTerms
    logVariance = front.logVarianceTerms
  }

  /// Reads a file.
  ///
  /// - Throws: `TableError` with the file and the key at fault.
  public init(parsing text: String, file: String) throws(TableError) {
    struct Header: Decodable {
      let format: String?
      let formatVersion: Int?
    }
    func wrong(_ reason: String) -> TableError { TableError(table: file, reason: reason) }
    let data = Data(text.utf8)
    do {
      let header = try JSONDecoder().decode(Header.self, from: data)
      guard header.format == Self.format else {
        throw wrong("is no tuned front: its format is not \"\(Self.format)\"")
      }
      guard header.formatVersion == Self.formatVersion else {
        let found = header.formatVersion.map { "\($0)" } ?? "none"
        throw wrong(
          "has version \(found) of the format, this program reads \(Self.formatVersion). "
            + "Make it again with airshower tune-front")
      }
      self = try JSONDecoder().decode(TunedFrontFile.self, from: data)
    } catch let error as TableError {
      throw error
    } catch let error as DecodingError {
      throw wrong(Self.reason(error))
    } catch {
      throw wrong("cannot be read")
    }
    try check(file)
  }

  /// The front.
  public var front: TunedFront {
    func range(_ limits: [Double]) -> ClosedRange<Double> { limits[0]...limits[1] }
    return TunedFront(
      name: name,
      ranges: TunedFront.Ranges(
        distance: range(ranges.distance), logSignal: range(ranges.logSignal),
        secant: range(ranges.secant), upstream: range(ranges.upstream), delay: range(ranges.delay),
        sigma: range(ranges.sigma)),
      scaleSigma: scaleSigma, delayTerms: delay, logVarianceTerms: logVariance)
  }

  private func check(_ file: String) throws(TableError) {
    func wrong(_ reason: String) -> TableError { TableError(table: file, reason: reason) }
    for (name, limits, allowed) in ranges.all {
      guard limits.count == 2, limits.allSatisfy(allowed.contains), limits[0] < limits[1] else {
        throw wrong(
          "ranges.\(name): must be two rising numbers "
            + "from \(allowed.lowerBound) to \(allowed.upperBound)"
        )
      }
    }
    guard (1e-6...10).contains(scaleSigma) else {
      throw wrong("scaleSigma: must be above 0 and at most 10")
    }
    for (name, terms) in [("delay", delay), ("logVariance", logVariance)] {
      guard !terms.isEmpty else { throw wrong("\(name): has no terms") }
      for (index, term) in terms.enumerated() {
        guard TunedFront.areKnown(powers: term.powers) else {
          throw wrong(
            "\(name)[\(index)].powers: must be four whole numbers, "
              + "the first from 0 to 7, the others from 0 to 3"
          )
        }
        guard term.coefficient.isFinite else {
          throw wrong("\(name)[\(index)].coefficient: must be a finite number")
        }
      }
    }
  }

  private static func reason(_ error: DecodingError) -> String {
    func path(_ keys: [any CodingKey]) -> String {
      keys.reduce("") { path, key in
        key.intValue.map { path + "[\($0)]" } ?? (path.isEmpty ? "" : path + ".") + key.stringValue
      }
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "\(path(context.codingPath + [key])): is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "\(path(context.codingPath)): is of the wrong type"
    case .dataCorrupted(let context):
      let place = path(context.codingPath)
      return place.isEmpty ? "is not valid JSON" : "\(place): \(context.debugDescription)"
    @unknown default: return "cannot be read"
    }
  }

  /// The text of the file.
  public var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Texts and finite numbers alone: encoding has no way to fail.
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
  }
}
