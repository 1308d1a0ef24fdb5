extension Network {
  /// Parametric reconstruction whose residuals the network predicts.
  public var base: String { metadata.base ?? "standard" }

  /// The same network, known to predict the residuals of a parametric reconstruction.
  public func with(base: String) -> Network {
    var metadata = metadata
    metadata.base = base == "standard" ? nil : base
    return Network(metadata: metadata, module: module)
  }
}
