import Foundation
import ShowerModel
import Testing

@testable import Performance

/// SciPy, which knows the statistic of Kolmogorov and Smirnov too.
private enum SciPy {
  static let isThere = (try? run("import scipy.stats", [])) != nil

  struct Failed: Error {}

  /// Numbers that a script prints as JSON; it finds the input as `data`.
  static func run(_ script: String, _ input: [[Double]]) throws -> [Double] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    let text = "import json, sys\ndata = json.load(sys.stdin)\nprinted = []\n\(script)\n"
    process.arguments = ["-c", text + "print(json.dumps(printed))"]
    let (pipe, feed) = (Pipe(), Pipe())
    process.standardOutput = pipe
    process.standardInput = feed
    process.standardError = FileHandle.nullDevice
    try process.run()
    try feed.fileHandleForWriting.write(contentsOf: try JSONEncoder().encode(input))
    try feed.fileHandleForWriting.close()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed() }
    return try JSONDecoder().decode([Double].self, from: output)
  }
}

@Suite struct DistanceTests {
  /// Events with three features at random places; the first is moved, the second made wider.
  private func sample(
    _ count: Int, seed: UInt64, shift: Double = 0, width: Double = 1, slope: Double = 0
  ) -> SampleDistance.Sample {
    var sample = SampleDistance.Sample(featureCount: 3)
    var random = CounterRandom(seed: seed, event: 0)
    for _ in 0..<count {
      // A steeper spectrum has its events at small signals.
      let s = 3 - log(random.uniform()) / (1 + slope)
      let x = 1 + 0.4 * random.uniform()
      sample.append(
        position: SIMD2(s, x),
        values: [
          s + 2 * x + random.normal() + shift, width * random.normal(),
          Double(Int(4 * random.uniform())),
        ])
    }
    return sample
  }

  private func distance(
    _ data: SampleDistance.Sample, seed: UInt64 = 1, replicas: Int = 200, threads: Int = 2
  ) throws -> SampleDistance {
    try #require(
      try SampleDistance(
        data: data, reference: sample(3000, seed: 7), names: ["moved", "wider", "coarse"],
        replicas: replicas, seed: seed, threads: threads))
  }

  @Test func samplesOfOneKindDoNotDiffer() throws {
    for seed in 20..<24 {
      // The spectrum is another one, which is no difference.
      let result = try distance(sample(1500, seed: UInt64(seed), slope: 0.5))
      #expect(!result.isDifferent, "\(result)")
      let classifier = result.classifier
      #expect(classifier.area >= classifier.interval[0] - 0.02)
      #expect(classifier.area <= classifier.interval[1] + 0.02)
      #expect(result.pairs > 1000)
    }
  }

  @Test func probabilitiesAreUniformWhereNothingDiffers() throws {
    let (count, replicas) = (40, 100)
    let results = try (0..<count).map { run in
      try distance(sample(200, seed: UInt64(100 + run)), seed: UInt64(run), replicas: replicas)
    }
    let small = results.count { $0.classifier.probability <= 0.2 }
    // Binomial with 40 and 0.2: 8 with a deviation of 2.5.
    #expect((1...17).contains(small), "\(small)")
    // The adjusted probability of the foremost feature is that of all.
    let first = results.count { $0.features.map(\.adjustedProbability).min() ?? 1 <= 0.2 }
    #expect((1...17).contains(first), "\(first)")
  }

  @Test func namesWhatDiffers() throws {
    let moved = try distance(sample(1500, seed: 30, shift: 0.3))
    #expect(moved.different.map(\.name) == ["moved"])
    let feature = try #require(moved.features.first { $0.name == "moved" })
    // 0.3 in units of half of the range from 16 % to 84 %, which places and noise make.
    #expect(feature.shift > 0.15 && feature.shift < 0.35 && feature.shiftInterval < 0.1)
    #expect(moved.classifier.probability < 0.01 && moved.classifier.area > 0.53)
    let wider = try distance(sample(1500, seed: 31, width: 1.5))
    #expect(wider.different.map(\.name) == ["wider"])
    #expect(wider.classifier.area > 0.53, "the classifier sees widths too")
  }

  @Test func nothingDependsOnThreads() throws {
    let data = sample(400, seed: 40, shift: 0.1)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let one = try encoder.encode(try distance(data, threads: 1))
    #expect(try encoder.encode(try distance(data, threads: 3)) == one)
    #expect(try encoder.encode(try distance(data, seed: 2)) != one)
  }

  @Test func tooFewPairsAreNone() throws {
    let few = try SampleDistance(
      data: sample(49, seed: 50), reference: sample(3000, seed: 7), names: ["a", "b", "c"],
      replicas: 100, seed: 1, threads: 1)
    #expect(few == nil)
  }

  @Test func pairsAreNearAndHaveNoEventTwice() {
    let (data, reference) = (sample(800, seed: 60), sample(900, seed: 61))
    let pairs = MatchedPairs(data: data.positions, reference: reference.positions, seed: 3).pairs
    #expect(Set(pairs.map(\.data)).count == pairs.count)
    #expect(Set(pairs.map(\.reference)).count == pairs.count)
    for pair in pairs {
      let off =
        (data.positions[pair.data] - reference.positions[pair.reference]) / MatchedPairs.reach
      #expect((off * off).sum() <= 1)
    }
  }

  @Test(.enabled(if: SciPy.isThere, "python3 with scipy is not installed"))
  func statisticsAreThoseOfSciPy() throws {
    var random = CounterRandom(seed: 70, event: 0)
    for count in [50, 333] {
      // Ties within and between the samples too.
      let data = (0..<count).map { _ in (8 * random.normal()).rounded() / 4 + 0.2 }
      let reference = (0..<count).map { _ in (8 * random.normal()).rounded() / 4 }
      let pairs = try #require(FeaturePairs(data: data, reference: reference, fewest: 50))
      let own = pairs.statistics(PairExchange(count: count))
      let known = try SciPy.run(
        """
        import numpy as np
        from scipy import stats
        a, b = map(np.array, data)
        d = lambda x, y, axis=-1: stats.ks_2samp(x, y, method="asymp").statistic
        found = stats.permutation_test((a, b), d, permutation_type="samples", vectorized=False,
          n_resamples=999, alternative="greater", random_state=1)
        q = np.quantile(np.concatenate([a, b]), [0.16, 0.84])
        printed = [found.statistic, found.pvalue, (a - b).mean() / (q[1] - q[0]) * 2]
        """, [data, reference])
      #expect(abs(own.distance - known[0]) < 1e-12)
      #expect(abs(own.shift - known[2]) < 1e-12)
      let chance = (1...999).map {
        pairs.statistics(PairExchange(count: count, seed: 9, replica: $0)).distance
      }
      let probability = Double(chance.count { $0 > own.distance - 1e-9 } + 1) / 1000
      let scatter = 3 * (2 * known[1] * (1 - known[1]) / 999).squareRoot() + 0.01
      #expect(abs(probability - known[1]) < scatter, "\(probability) and \(known[1])")
    }
  }
}
