import ArgumentParser
import Workflow

/// Which networks, and whether they fit the events.
struct NetworkOptions: ParsableArguments {
  @Flag(
    help: """
      Use a network trained for another array, or for windows of another length. Nobody has tested \
      such results.
      """)
  var anyArray = false

  @Flag(
    help: """
      Use a network that learned from another reconstruction than that of the file (energy table, \
      settings of the fit), or from another version of the simulation. Its corrections can then be \
      far off.
      """)
  var anyReconstruction = false

  @Option(
    help: "Longest time [s] for a network's first batch, two empty events. Usual: milliseconds.")
  var firstBatch = 30.0

  var use: NetworkUse {
    NetworkUse(
      anyArray: anyArray, anyReconstruction: anyReconstruction, firstBatch: firstBatch)
  }
}

/// Where networks are computed.
struct ComputingOptions: ParsableArguments {
  @Option(
    help: """
      cpu; cuda, a GPU; auto, a GPU if libtorch finds one, else cpu. cuda without a GPU ends with \
      exit code 1. A GPU needs a libtorch for CUDA: LIBTORCH=DIR make.
      """)
  var device = ComputingSettings.Device.cpu

  @Option(
    help: """
      float32, or bfloat16: matrix products in half precision (autocast). It is faster on \
      processors and GPUs with units for it.
      """)
  var precision = ComputingSettings.Precision.float32

  var settings: ComputingSettings { ComputingSettings(device: device, precision: precision) }
}

extension ComputingSettings.Device: ExpressibleByArgument {}
extension ComputingSettings.Precision: ExpressibleByArgument {}
