import Glibc
import ShowerModel
import Testing

@testable import ResidualNetwork

@Suite struct ScalingTests {
  @Test("mean and size of a residual are found, outliers or not")
  func recovers() throws {
    var random = CounterRandom(seed: 8, event: 0)
    var (variables, residuals): ([Double], [Double]) = ([], [])
    func mean(_ x: Double, _ s: Double) -> Double { 0.3 + 0.5 * (x - 1.2) - 0.1 * (s - 3) }
    func size(_ x: Double, _ s: Double) -> Double { exp(-0.5 * (s - 3) + 0.4 * (x - 1.2)) }
    for index in 0..<20_000 {
      let x = random.uniform(1..<1.4)
      let s = random.uniform(1..<5)
      variables += [x, s]
      let outlier = index % 200 == 0 ? 30.0 : 1
      residuals.append(mean(x, s) + outlier * size(x, s) * random.normal())
    }
    let scaling = try TargetScaling(variables: variables, residuals: residuals, isOdd: false)
    for (x, s) in [(1.05, 1.5), (1.2, 3), (1.35, 4.5)] {
      let values = scaling.values(secZenith: x, logSignal800: s)
      #expect(abs(values.mean - mean(x, s)) < 0.08 * size(x, s))
      #expect(abs(values.size / size(x, s) - 1) < 0.08)
    }
    // Beyond the training range the polynomials stand still.
    let border = scaling.values(secZenith: 1.4, logSignal800: 5)
    let beyond = scaling.values(secZenith: 3, logSignal800: 9)
    #expect(abs(beyond.mean - border.mean) < 0.02 && abs(beyond.size / border.size - 1) < 0.02)
  }

  @Test("an odd residual has no mean")
  func odd() throws {
    var random = CounterRandom(seed: 9, event: 0)
    let variables = (0..<2000).map { _ in random.uniform(1..<2) }
    let residuals = (0..<1000).map { _ in 1 + random.normal() }
    let scaling = try TargetScaling(variables: variables, residuals: residuals, isOdd: true)
    #expect(scaling.mean.allSatisfy { $0 == 0 })
  }

  @Test("showers are split 80 : 10 : 10, always alike")
  func split() {
    let count = Dictionary(grouping: 0..<20_000) { Split.of(showerID: $0) }.mapValues(\.count)
    #expect(abs((count[.training] ?? 0) - 16_000) < 250)
    #expect(abs((count[.validation] ?? 0) - 2000) < 200)
    #expect(abs((count[.test] ?? 0) - 2000) < 200)
    // Networks and reports rely on it: these, computed apart in Python, must never change.
    let numbers = (0..<40).map { id -> String in
      switch Split.of(showerID: id) {
      case .training: "0"
      case .validation: "1"
      case .test: "2"
      }
    }
    #expect(numbers.joined() == "2002000001000020000100010100000000000000")
  }

  @Test("eight different symmetries, each a permutation of the cells")
  func symmetries() {
    #expect(GridSymmetry.all[0] == .identity)
    for n in 4...7 {
      let maps = GridSymmetry.all.map { $0.cellMap(gridSize: n) }
      #expect(Set(maps).count == 8)
      #expect(maps.allSatisfy { Set($0) == Set(0..<n * n) })
    }
  }
}
