import Testing

@testable import Numerics

struct MatrixKernelsTests {
  private func step(
    _ loaded: String, _ instructions: Int32, choice: String? = nil, openBLAS: String? = nil,
    restarted: String? = nil
  ) -> MatrixKernels.Step {
    MatrixKernels.step(
      loaded, instructions: instructions,
      .init(choice: choice, openBLAS: openBLAS, restarted: restarted))
  }

  @Test func olderKernelsThanTheProcessorAreReplaced() {
    #expect(step("Prescott", 3) == .restart("SkylakeX"))
    #expect(step("Prescott", 2) == .restart("Haswell"))
    #expect(step("Nehalem", 1) == .restart("Sandybridge"))
    #expect(step("Haswell", 3) == .restart("SkylakeX"))
  }

  @Test func kernelsOfTheProcessorAndUnknownOnesStay() {
    #expect(step("SkylakeX", 3) == .stay)
    #expect(step("SapphireRapids", 3) == .stay)
    #expect(step("Zen", 2) == .stay)
    #expect(step("Prescott", 0) == .stay)
    #expect(step("NEOVERSEN1", -1) == .stay)
    #expect(step("Something new", 3) == .stay)
  }

  @Test func theUserDecides() {
    #expect(step("Prescott", 3, openBLAS: "Prescott") == .stay)
    #expect(step("Prescott", 3, choice: "loaded") == .stay)
    #expect(step("Prescott", 3, choice: "Haswell") == .restart("Haswell"))
    #expect(step("Haswell", 3, choice: "Haswell") == .stay)
  }

  @Test func aRestartIsConfirmedOnceAndNeverRepeated() {
    #expect(step("SkylakeX", 3, openBLAS: "SkylakeX", restarted: "SkylakeX") == .confirm)
    // An OpenBLAS that does not know the name goes on with its own choice.
    #expect(step("Prescott", 3, openBLAS: "SkylakeX", restarted: "SkylakeX") == .confirm)
    #expect(
      step("Haswell", 3, choice: "Haswell", openBLAS: "Haswell", restarted: "Haswell") == .stay)
    // The product was wrong: OpenBLAS chooses again, and so it stays.
    #expect(step("Prescott", 3, choice: "loaded", restarted: "SkylakeX") == .stay)
  }

  @Test func theLoadedKernelsMultiplyRightly() {
    #expect(MatrixKernels.multipliesRightly())
    #expect(!MatrixKernels.name.isEmpty)
    #expect(MatrixKernels.library.hasPrefix("OpenBLAS 0."))
  }
}
