import ArgumentParser
import Workflow

/// Which networks, and whether they fit the events.
struct NetworkOptions: ParsableArguments {
  @Flag(
    help: """
      Use a network trained for another array, or for windows of another length: what it then \
      makes of the events, nobody has tested.
      """)
  var anyArray = false

  @Option(
    help: "Longest time [s] for a network's first batch, two empty events; milliseconds are usual.")
  var firstBatch = 30.0

  var use: NetworkUse { NetworkUse(anyArray: anyArray, firstBatch: firstBatch) }
}

/// Where networks are computed.
struct ComputingOptions: ParsableArguments {
  @Option(
    help: """
      cpu, cuda, or auto, which takes a GPU where libtorch has one. cuda without one ends with \
      exit code 1. A GPU needs a libtorch for CUDA: LIBTORCH=DIR make.
      """)
  var device = ComputingSettings.Device.cpu

  @Option(
    help: """
      float32, or bfloat16: products in half the digits (autocast), which pays on processors and \
      GPUs that have units for it.
      """)
  var precision = ComputingSettings.Precision.float32

  var settings: ComputingSettings { ComputingSettings(device: device, precision: precision) }
}

extension ComputingSettings.Device: ExpressibleByArgument {}
extension ComputingSettings.Precision: ExpressibleByArgument {}
