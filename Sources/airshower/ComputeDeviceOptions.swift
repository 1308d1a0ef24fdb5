import ArgumentParser
import ResidualNetwork

/// The device and precision with which networks are computed.
struct ComputeDeviceOptions: ParsableArguments {
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

  /// The device that the options name. Process number k of a machine takes its k-th GPU.
  ///
  /// - Throws: `NetworkError.noSuchDevice`, or `engine` without libtorch.
  func computeDevice(process: Int = 0) throws(NetworkError) -> ComputeDevice {
    try ComputeDevice(device.choice, precision.choice, process: process)
  }

  enum Device: String, ExpressibleByArgument, CaseIterable {
    case cpu, cuda, auto

    var choice: ComputeDevice.Kind {
      switch self {
      case .cpu: .cpu
      case .cuda: .cuda
      case .auto: .auto
      }
    }
  }

  enum Precision: String, ExpressibleByArgument, CaseIterable {
    case float32, bfloat16

    var choice: ComputeDevice.Precision { self == .float32 ? .float32 : .bfloat16 }
  }
}
