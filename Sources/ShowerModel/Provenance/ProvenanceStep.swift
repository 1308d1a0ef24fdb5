/// What made a file: one entry a step, appended by every command that the data went through.
public struct ProvenanceStep: Sendable, Equatable, Codable {
  /// The command: simulate, reconstruct, train, correct.
  public var activity: String
  /// Version of the program, with the commit where known.
  public var version: String
  public var commandLine: [String]
  /// Effective settings by name.
  public var settings: [String: String]
  /// Files read, with SHA-256 for tables and networks.
  public var inputs: [Input]
  public var seed: UInt64?
  /// The build that ran; nil in files before format 1.4.
  public var build: BuildIdentity?
  /// Which simulations the methods that the step added learned from, by name of the method; nil in
  /// files before format 1.4.
  public var learned: [String: [Lineage.Simulation]]?
  /// How the parametric reconstructions that the step added were made, by name; nil in files before
  /// format 1.5.
  public var reconstructions: [String: ReconstructionConditions]?
  /// Library and kernels of its matrix products, which decide the last digits of networks; nil in
  /// files before format 1.5.
  public var matrixKernels: String?
  public var host: String
  /// UTC, ISO 8601.
  public var started: String
  public var finished: String

  /// A file that a step read.
  public struct Input: Sendable, Equatable, Codable {
    public var path: String
    public var sha256: String?

    public init(path: String, sha256: String? = nil) {
      self.path = path
      self.sha256 = sha256
    }
  }

  public init(
    activity: String, version: String, commandLine: [String], settings: [String: String] = [:],
    inputs: [Input] = [], seed: UInt64? = nil, build: BuildIdentity? = nil,
    learned: [String: [Lineage.Simulation]]? = nil, host: String, started: String,
    finished: String
  ) {
    self.build = build
    self.learned = learned
    self.activity = activity
    self.version = version
    self.commandLine = commandLine
    self.settings = settings
    self.inputs = inputs
    self.seed = seed
    self.host = host
    self.started = started
    self.finished = finished
  }
}
