import Foundation
import Testing

/// The folder of `make gpu-bundle`, as on a machine with a GPU, but on the processor.
@Suite(.serialized) struct GPUBundleTests {
  private static let bundle = ".build/gpu-bundle"
  /// A Python that has the version of PyTorch of the bundle, numpy and h5py.
  private static let python = ProcessInfo.processInfo.environment["BUNDLE_PYTHON"]
  private static let isThere =
    python != nil
    && FileManager.default.fileExists(
      atPath: Program.repository.appending(path: "\(bundle)/airshower.tar.gz").path)

  /// Runs gpu.sh of the bundle, with another folder of libtorch where one is named.
  private func run(_ options: [String], libraries: String? = nil) throws -> Program.Outcome {
    let variables =
      ["PYTHON=\(Self.python ?? "python3")"] + (libraries.map { ["TORCH_LIB=\($0)"] } ?? [])
    return try Program.run(
      URL(filePath: "/usr/bin/env"), variables + ["/bin/bash", "\(Self.bundle)/gpu.sh"] + options)
  }

  /// Events, training of both networks, correction and the page, all within the bundle.
  @Test(
    .enabled(
      if: isThere, "needs make gpu-bundle, and BUNDLE_PYTHON with its version of PyTorch and h5py"))
  func everythingRunsOnTheProcessor() throws {
    let folder = try TemporaryFolder()
    let page = folder.path("gpu.md")
    let outcome = try run(
      ["--device", "cpu", "--events", "1500", "--epochs", "1", "--threads", "2", "--output", page])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let text = try String(contentsOfFile: page, encoding: .utf8)
    for network in ["set", "grid"] {
      #expect(text.contains("| \(network) | training [events/s] |"))
      #expect(text.contains("| \(network) | `correct`, whole program [s] |"))
    }
    #expect(text.contains("| losses after an epoch, relative |"))
  }

  /// Without a GPU, the program of the bundle says what is missing.
  @Test(
    .enabled(
      if: isThere, "needs make gpu-bundle, and BUNDLE_PYTHON with its version of PyTorch and h5py"))
  func withoutAGPUTheReasonIsTold() throws {
    let hasGPU = FileManager.default.fileExists(atPath: "/dev/nvidia0")
    guard !hasGPU else { return }
    let folder = try TemporaryFolder()
    let outcome = try run([
      "--device", "cuda", "--events", "1500", "--output", folder.path("gpu.md"),
    ])
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("--device cuda: no GPU that this libtorch can use"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("gpu.md")))
  }

  @Test(
    .enabled(
      if: isThere, "needs make gpu-bundle, and BUNDLE_PYTHON with its version of PyTorch and h5py"))
  func withoutPyTorchTheRemedyIsTold() throws {
    let outcome = try run(["--device", "cpu"], libraries: "/nonexistent")
    #expect(outcome.status == 1 && outcome.errors.contains("install PyTorch"))
    let wrong = try run(["--device", "tpu"])
    #expect(wrong.status == 64 && wrong.errors.contains("known: cuda, cpu"))
  }
}
