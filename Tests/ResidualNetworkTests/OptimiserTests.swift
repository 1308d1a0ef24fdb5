import Glibc
import Testing

@testable import ResidualNetwork

/// A single weight w with forward x w and x = 1, so that loss = (w - target)^2.
@Suite struct OptimiserTests {
  func steps(
    _ optimiser: TrainingSettings.Optimiser, rate: Double, decay: Double = 0, clip: Double = 0,
    count: Int
  ) throws -> [Double] {
    let module = try TorchModule.compile(
      "def forward(self, x):\n    return torch.mm(x, self.w)\n",
      parameters: [.init(name: "w", shape: [1, 1], values: [1])])
    try module.beginTraining(optimiser, weightDecay: decay, gradientClip: clip)
    var (x, target): ([Float], [Float]) = ([1], [3])
    return try x.withUnsafeMutableBufferPointer { x in
      try target.withUnsafeMutableBufferPointer { target in
        let input = TorchModule.Input.floats(try #require(x.baseAddress), [1, 1])
        let wanted = TorchModule.Input.floats(try #require(target.baseAddress), [1, 1])
        return try (0..<count).map { _ in
          _ = try module.step([input], target: wanted, learningRate: rate)
          return Double(try module.parameters()[0])
        }
      }
    }
  }

  @Test("Adadelta by hand, three steps")
  func adadelta() throws {
    let (rho, epsilon) = (0.95, 1e-6)
    var (w, g2, d2) = (1.0, 0.0, 0.0)
    for value in try steps(.adadelta, rate: 1, count: 3) {
      let gradient = 2 * (w - 3)
      g2 = rho * g2 + (1 - rho) * gradient * gradient
      let step = ((d2 + epsilon) / (g2 + epsilon)).squareRoot() * gradient
      d2 = rho * d2 + (1 - rho) * step * step
      w -= step
      #expect(abs(value - w) < 1e-6)
    }
  }

  @Test("the first step of Adam has the size of the learning rate; AdamW decays apart from it")
  func adam() throws {
    #expect(abs(try steps(.adam, rate: 0.01, count: 1)[0] - 1.01) < 1e-6)
    // w (1 - rate decay) + rate
    #expect(abs(try steps(.adamW, rate: 0.01, decay: 0.5, count: 1)[0] - (0.995 + 0.01)) < 1e-6)
  }

  @Test("one cycle rises for a fifth of the steps, then falls to a ten-thousandth")
  func schedule() {
    let schedule = LearningRateSchedule(largest: 2, steps: 100, oneCycle: true)
    #expect(abs(schedule.rate(atStep: 0) - 0.08) < 1e-12)
    #expect(abs(schedule.rate(atStep: 20) - 2) < 1e-12)
    #expect(abs(schedule.rate(atStep: 99) - 2e-4) < 1e-12)
    let rates = (0..<100).map { schedule.rate(atStep: $0) }
    #expect(zip(rates, rates.dropFirst()).prefix(20).allSatisfy { $0 < $1 })
    #expect(zip(rates, rates.dropFirst()).dropFirst(20).allSatisfy { $0 > $1 })
  }
}
