import ArgumentParser
import ResidualNetwork

/// Where networks are computed.
struct ComputingOptions: ParsableArguments {
  @Option(
    help: """
      cpu, cuda, or auto, which takes a GPU where libtorch has one. cuda without one ends with exit code 1. A GPU needs \
      a libtorch for CUDA: LIBTORCH=DIR make.
      """)
  var device = Device.cpu

  @Option(
    help: """
      float32, or bfloat16: products in half the digits (autocast), which pays on processors and GPUs that have units for it.
      """)
  var precision = Precision.float32

  /// What the options say; process number k of a machine takes its k-th GPU.
  func computing(process: Int = 0) throws(NetworkError) -> Computing {
    try Computing(device.choice, precision.choice, process: process)
  }

  enum Device: String, ExpressibleByArgument, CaseIterable {
    case cpu, cuda, auto

    var choice: Computing.Device {
      switch self {
      case .cpu: .cpu
      case .cuda: .cuda
      case .auto: .auto
      }
    }
  }

  enum Precision: String, ExpressibleByArgument, CaseIterable {
    case float32, bfloat16

    var choice: Computing.Precision { self == .float32 ? .float32 : .bfloat16 }
  }
}
