import Foundation
import ShowerModel
import Testing

@testable import ShowerCalibration

/// The energy table's law, from showers whose law is known.
@Suite struct EnergyCalibrationTests {
  /// Mean log10 S800 of the synthetic showers.
  static func law(_ x: Double, _ secant: Double) -> Double {
    let z = secant - 1
    return 0.35 - 0.4 * z - 0.3 * z * z + x * (0.97 + 0.05 * z) - 0.01 * (x - 1.5) * (x - 1.5)
  }

  /// Showers of dN/dE ~ E^index from 1 to 300 EeV with a scatter of 18 %, which falls with the
  /// energy.
  static func showers(_ count: Int, seed: UInt64, index: Double = -1) -> [CalibrationShower] {
    var random = CounterRandom(seed: seed, event: 0)
    let top = log10(300.0)
    return (0..<count).map { _ in
      let u = random.uniform()
      let exponent = index + 1
      let x =
        exponent == 0 ? top * u : log10(1 + u * (pow(10, exponent * top) - 1)) / exponent
      let secant = 1 / (1 - 0.7 * random.uniform()).squareRoot()
      let scatter = (0.20 - 0.02 * x) / log(10)
      return CalibrationShower(
        logEnergy: x, secant: secant, logSignal: law(x, secant) + scatter * random.normal())
    }
  }

  static let range = 0.3...2.4

  @Test func theLawComesBackWithItsErrors() throws {
    var pulls: [Double] = []
    for seed in 0..<30 {
      let fit = try SignalRegression(
        Self.showers(4000, seed: UInt64(seed)), energies: Self.range)
      #expect(abs(fit.scatter * log(10) - 0.173) < 0.01)
      for (x, secant) in [(0.4, 1.02), (0.9, 1.3), (1.5, 1.1), (2.3, 1.6)] {
        let entry = try #require(fit.logEnergy(logSignal: Self.law(x, secant), secant: secant))
        #expect(entry.error > 0 && entry.error < 0.02)
        pulls.append((entry.value - x) / entry.error)
      }
    }
    let squares = pulls.reduce(0) { $0 + $1 * $1 } / Double(pulls.count)
    #expect(abs(pulls.reduce(0, +) / Double(pulls.count)) < 0.35)
    // 120 pulls, four to a fit: the mean square is 1 +- 0.15.
    #expect(squares > 0.6 && squares < 1.5, "\(squares)")
  }

  /// The same table from showers thrown as E^-1 and as E^-3: the wrong regression would differ by 7
  /// %.
  @Test func theThrownSpectrumDoesNotMatter() throws {
    let flat = try SignalRegression(Self.showers(40_000, seed: 1), energies: 0.3...1.6)
    let steep = try SignalRegression(
      Self.showers(60_000, seed: 2, index: -3), energies: 0.3...1.6)
    for (x, secant) in [(0.4, 1.1), (0.7, 1.3), (1.0, 1.1)] {
      let signal = Self.law(x, secant)
      let a = try #require(flat.logEnergy(logSignal: signal, secant: secant))
      let b = try #require(steep.logEnergy(logSignal: signal, secant: secant))
      let error = (a.error * a.error + b.error * b.error).squareRoot()
      #expect(error * log(10) < 0.02)
      #expect(abs(a.value - b.value) < 3.5 * error, "\(a) \(b)")
    }
  }

  /// E[ln E_rec - ln E] of other showers vanishes at every true energy and zenith.
  @Test func energiesAreUnbiased() throws {
    let fit = try SignalRegression(Self.showers(40_000, seed: 3), energies: 0...log10(300))
    var errors: [Int: [Double]] = [:]
    for shower in Self.showers(40_000, seed: 4) where (0.4...2.1).contains(shower.logEnergy) {
      guard let found = fit.logEnergy(logSignal: shower.logSignal, secant: shower.secant) else {
        continue
      }
      let cell = Int(shower.logEnergy / 0.5) * 10 + Int((shower.secant - 1) / 0.25)
      errors[cell, default: []].append((found.value - shower.logEnergy) * log(10))
    }
    #expect(errors.count >= 12)
    for (cell, values) in errors.sorted(by: { $0.key < $1.key }) where values.count > 300 {
      let mean = values.reduce(0, +) / Double(values.count)
      let error = 0.19 / Double(values.count).squareRoot()
      #expect(abs(mean) < 4 * error + 0.003, "\(cell): \(mean) +- \(error)")
    }
  }

  /// Beyond the showers the law goes on straight, with a larger error and a mark.
  @Test func aTableReachesBeyondItsShowersOnRequest() throws {
    let showers = Self.showers(12_000, seed: 5)
    let fit = try SignalRegression(showers, energies: Self.range)
    let narrow = try EnergyGrid(fit, showers)
    let wide = try EnergyGrid(fit, showers, range: Self.range.lowerBound - 1...3)
    #expect(wide.filledCount > narrow.filledCount)
    for (i, row) in wide.entries.enumerated() {
      for (j, entry) in row.enumerated() {
        guard let entry else { continue }
        #expect(entry.isExtrapolated == (narrow.entries[i][j]?.isExtrapolated ?? true))
        guard entry.isExtrapolated else { continue }
        // From the tenth lowest shower of the bin on, which lies above the lower bound.
        let distance = max(
          Self.range.lowerBound - entry.logEnergy, entry.logEnergy - Self.range.upperBound)
        #expect(entry.error >= 0.099 * distance)
        // Neighbours in S800 rise.
        if j > 0, let before = row[j - 1] { #expect(before.logEnergy < entry.logEnergy) }
      }
    }
    #expect(wide.text.contains(",1\n") && wide.text.contains(",0\n"))
  }

  @Test func nodesThatNoShowerStandsForAreAbsent() throws {
    let showers = Self.showers(12_000, seed: 5).filter { $0.secant < 1.5 }
    let fit = try SignalRegression(showers, energies: Self.range)
    let grid = try EnergyGrid(fit, showers)
    var (filled, absent) = (0, 0)
    for (i, row) in grid.entries.enumerated() {
      let secant = EnergyGrid.secant(i)
      for (j, entry) in row.enumerated() {
        let signal = EnergyGrid.logSignal(j)
        let lowest = Self.law(Self.range.lowerBound, secant)
        let highest = Self.law(Self.range.upperBound, secant)
        if let entry {
          filled += 1
          #expect(Self.range.contains(entry.logEnergy) && entry.error < 0.03)
          #expect(secant < 1.51 && signal > lowest - 0.03 && signal < highest + 0.03)
        } else {
          absent += 1
          #expect(secant > 1.47 || signal < lowest + 0.03 || signal > highest - 0.03)
        }
      }
    }
    #expect(filled == grid.filledCount && filled > 800 && filled + absent == EnergyGrid.nodeCount)
    let lines = grid.text.split(separator: "\n")
    #expect(lines.count == EnergyGrid.nodeCount + 1)
    #expect(lines[1] == "1.00,-1.00,nan,nan,nan")
    #expect(lines.contains { $0.hasPrefix("1.10,0.00,") } && !grid.text.contains("-0.00"))
  }

  @Test func oneLawIsEnoughOrNot() throws {
    let showers = Self.showers(30_000, seed: 6)
    let fit = try SignalRegression(showers, energies: Self.range)
    let check = try fit.chi2AgainstBins(showers, bins: EnergyGrid.bin(ofSecant:))
    let width = (2 * Double(check.degreesOfFreedom)).squareRoot()
    #expect(abs(check.chi2 - Double(check.degreesOfFreedom)) < 4 * width, "\(check)")
    // A step in one bin that no smooth law follows.
    let stepped = showers.map { shower in
      var shower = shower
      if abs(shower.secant - 1.2) < 0.01 { shower.logSignal += 0.05 }
      return shower
    }
    let wrong = try SignalRegression(stepped, energies: Self.range)
    let found = try wrong.chi2AgainstBins(stepped, bins: EnergyGrid.bin(ofSecant:))
    #expect(found.chi2 > Double(found.degreesOfFreedom) + 6 * width, "\(found)")
  }

  @Test func refusals() throws {
    #expect {
      try SignalRegression(Self.showers(60, seed: 7), energies: Self.range)
    } throws: {
      guard case .tooFewShowers = $0 as? CalibrationError else { return false }
      return true
    }
    let falling = Self.showers(4000, seed: 8).map {
      CalibrationShower(logEnergy: $0.logEnergy, secant: $0.secant, logSignal: -$0.logSignal)
    }
    #expect {
      try SignalRegression(falling, energies: Self.range)
    } throws: {
      guard case .notRising = $0 as? CalibrationError else { return false }
      return true
    }
    // Enough for the law, too few for any bin.
    let few = Self.showers(400, seed: 9)
    let law = try SignalRegression(few, energies: Self.range)
    #expect(throws: CalibrationError.self) { try EnergyGrid(law, few) }
  }

  @Test func showersOfTheTable() {
    var truth = Truth(
      shower: Shower(logEnergy: 19.2, zenith: 0.5, azimuth: 0, coreX: 0, coreY: 0, time: 0),
      primary: .proton, xmax: 750, muonScale: 1)
    var result = StandardResult(
      reconstruction: Reconstruction(
        shower: truth.shower, sigma: .undefined, status: .outsideEnergyTable))
    result.signal800 = 20
    // Where the earlier table ended does not matter, a failed fit does.
    let shower = CalibrationShower(truth: truth, standard: result, cuts: QualityCuts(name: "none"))
    #expect(abs((shower?.logEnergy ?? 0) - 1.2) < 1e-12)
    #expect(shower?.logSignal == log10(20) && shower?.secant == 1 / cos(0.5))
    result.reconstruction.status = .notConverged
    #expect(
      CalibrationShower(truth: truth, standard: result, cuts: QualityCuts(name: "none")) == nil)
    result.reconstruction.status = .good
    #expect(
      CalibrationShower(
        truth: truth, standard: result, cuts: QualityCuts(name: "five", minimumStations: 5)) == nil)
    truth.shower.logEnergy = 20
    #expect(
      CalibrationShower(truth: truth, standard: result, cuts: QualityCuts(name: "none"))?.logEnergy
        == 2)
  }

  /// The threshold of showers whose efficiency is known: 0.9 / (1 + (4 EeV / E)^3).
  @Test(arguments: [-1.0, -2])
  func halfEfficiency(index: Double) throws {
    var efficiency = SelectionEfficiency()
    #expect(efficiency.lowestEnergy(fraction: 0.5) == nil)
    var random = CounterRandom(seed: 10, event: 0)
    for shower in Self.showers(60_000, seed: 11, index: index) {
      let part = 0.9 / (1 + pow(4 / pow(10, shower.logEnergy), 3))
      if random.uniform() < part { efficiency.addSelected(logEnergy: shower.logEnergy) }
    }
    efficiency.addThrown(60_000, energies: 0...log10(300), spectralIndex: index)
    let edge = try #require(efficiency.lowestEnergy(fraction: 0.5))
    #expect(abs(edge - log10(4.0)) < 0.1, "\(edge)")
    let higher = try #require(efficiency.lowestEnergy(fraction: 0.8))
    #expect(higher > edge)
  }
}
