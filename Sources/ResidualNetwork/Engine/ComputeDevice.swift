internal import CTorch

/// The device and the precision with which a network is computed.
public struct ComputeDevice: Sendable, Equatable {
  /// Kind of device.
  public enum Kind: String, Sendable, CaseIterable {
    case cpu, cuda
    /// A GPU where there is one that libtorch can use.
    case auto
  }

  public enum Precision: String, Sendable, CaseIterable {
    case float32
    /// Matrix products and convolutions in bfloat16 (autocast); weights, losses and steps stay
    /// float32.
    case bfloat16
  }

  /// Number of the GPU; nil for the CPU.
  public let gpu: Int?
  public let precision: Precision

  /// The CPU with float32.
  public init() {
    gpu = nil
    precision = .float32
  }

  /// Chooses a device of a kind.
  ///
  /// - Parameters:
  ///   - kind: the kind of device.
  ///   - precision: precision of matrix products.
  ///   - process: number of this process on its machine; processes take the GPUs in turn.
  /// - Throws: `NetworkError.noSuchDevice`; `engine` without libtorch.
  public init(
    _ kind: Kind, _ precision: Precision = .float32, process: Int = 0
  ) throws(NetworkError) {
    self.precision = precision
    guard kind != .cpu else {
      gpu = nil
      return
    }
    let (count, reason) = try NetworkEngine.gpus()
    guard count > 0 || kind == .auto else {
      throw .noSuchDevice(
        "--device cuda: no GPU that this libtorch can use\(reason.isEmpty ? "" : " (\(reason))"). "
          + "It must be a libtorch for CUDA (LIBTORCH=DIR make), and nvidia-smi must show a GPU; "
          + "--device auto takes the CPU then")
    }
    gpu = count > 0 ? process % count : nil
  }

  /// "cuda:0", for messages and provenance.
  public var description: String {
    (gpu.map { "cuda:\($0)" } ?? "cpu") + (precision == .float32 ? "" : " \(precision.rawValue)")
  }
}
