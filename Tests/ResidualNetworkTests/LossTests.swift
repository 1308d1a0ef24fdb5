import Glibc
import Testing

@testable import ResidualNetwork

/// Networks of two weights with forward [x w0, x w1], so that losses and gradients are known by
/// hand.
@Suite struct LossTests {
  func module() throws -> TorchModule {
    try TorchModule.compile(
      "def forward(self, x):\n    return torch.mm(x, self.w)\n",
      parameters: [.init(name: "w", shape: [1, 2], values: [0.5, -0.3])])
  }

  func step(
    _ module: TorchModule, input: [Float], target: [Float], rate: Double = 1e-3
  ) throws -> Double {
    var (x, target) = (input, target)
    let columns = target.count / input.count
    return try x.withUnsafeMutableBufferPointer { x in
      try target.withUnsafeMutableBufferPointer { target in
        try module.step(
          [.floats(try #require(x.baseAddress), [x.count, 1])],
          target: .floats(try #require(target.baseAddress), [x.count, columns]),
          learningRate: rate)
      }
    }
  }

  @Test("Gaussian negative log-likelihood of mean and ln sigma")
  func gaussian() throws {
    let module = try module()
    try module.beginTraining(.adam, loss: .gaussian, weightDecay: 0, gradientClip: 0)
    let loss = try step(module, input: [1, 2], target: [0.7, 0.1])
    func term(_ mean: Double, _ logSigma: Double, _ y: Double) -> Double {
      let pull = (y - mean) / exp(logSigma)
      return 0.5 * pull * pull + logSigma
    }
    #expect(abs(loss - 0.5 * (term(0.5, -0.3, 0.7) + term(1, -0.6, 0.1))) < 1e-6)
    let outputs = NetworkOutputs(
      [0.5, -0.3, 1, -0.6], NetworkSpec(name: "", targets: ["xmax"], loss: .gaussian))
    #expect(outputs.means == [0.5, 1] && outputs.logSigmas == [-0.3, -0.6])
  }

  @Test("a target that is not known takes no part")
  func unknown() throws {
    let module = try module()
    try module.beginTraining(.adam, weightDecay: 0, gradientClip: 0)
    let loss = try step(module, input: [1, 1], target: [0, .nan, 1, 0])
    #expect(abs(loss - (0.25 + 0.25 + 0.09) / 3) < 1e-6)
    let isFinite = try module.parameters().allSatisfy(\.isFinite)
    #expect(isFinite)
  }

  @Test("a column behind the targets is the weight of the event")
  func weighted() throws {
    let module = try module()
    try module.beginTraining(.adam, weightDecay: 0, gradientClip: 0)
    let loss = try step(module, input: [1, 1], target: [0, 0, 3, 1, 0, .nan])
    #expect(loss.isNaN, "a weight that is not a number makes the loss none")
    let known = try step(module, input: [1, 1], target: [0, .nan, 3, 1, 0, 0.5])
    #expect(abs(known - (3 * 0.25 + 0.5 * (0.25 + 0.09)) / 4) < 1e-6)
    // A weight of one is no weight, to the last bit.
    let (plain, one) = (try self.module(), try self.module())
    for (module, target) in [(plain, [Float]([0.2, 0.4])), (one, [0.2, 0.4, 1])] {
      try module.beginTraining(.adamW, weightDecay: 0.1, gradientClip: 1)
      _ = try step(module, input: [0.7], target: target)
    }
    #expect(try plain.parameters() == one.parameters())
  }

  @Test("a loss that is not finite changes no weight")
  func notFinite() throws {
    let module = try module()
    try module.beginTraining(.adamW, weightDecay: 0.1, gradientClip: 1)
    let before = try module.parameters()
    let loss = try step(module, input: [.infinity], target: [0, 0])
    #expect(!loss.isFinite)
    #expect(try module.parameters() == before)
    _ = try step(module, input: [1], target: [0, 0])
    #expect(try module.parameters() != before)
  }

  @Test("L2 of a layer pulls its weights to zero, and no others")
  func penalty() throws {
    let module = try TorchModule.compile(
      "def forward(self, x):\n    return torch.mm(x, self.a) + torch.mm(x, self.b)\n",
      parameters: [
        .init(name: "a", shape: [1, 1], values: [2]),
        .init(name: "b", shape: [1, 1], values: [-1]),
      ])
    let penalties = module.parameterSizes.map { $0.name == "a" ? 0.3 : 0 }
    try module.beginTraining(.adadelta, weightDecay: 0, gradientClip: 0, penalties: penalties)
    // At the target: without L2 nothing would move.
    _ = try step(module, input: [1], target: [1], rate: 1)
    let values = try module.parameters()
    let a = try #require(module.parameterSizes.firstIndex { $0.name == "a" })
    // The first step of Adadelta: sqrt(epsilon / ((1 - rho) g^2 + epsilon)) g with g = 2 0.3 2.
    let g = 1.2
    #expect(abs(Double(values[a]) - (2 - (1e-6 / (0.05 * g * g + 1e-6)).squareRoot() * g)) < 1e-6)
    #expect(values[1 - a] == -1)
  }
}
