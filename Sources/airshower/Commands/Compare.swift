import ArgumentParser
import Workflow

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Compare the errors of the standard reconstruction with those of all others in a file.",
    discussion: """
      Writes a folder with report.html (opens offline), summary.json, summary.csv and the figures \
      as PNG, SVG and PDF, each beside its gnuplot script. All methods are judged on the same \
      events; cuts use the standard reconstruction only. Controls are methods like others: \
      polynomial, event, scalars, tuned.

        airshower compare corrected.h5 --output report

      Explained variance is split in what a polynomial in sec theta and log10 S800 explains \
      (EV_calib) and what is explained beyond it (EV_net). The polynomial is fitted to the errors of \
      the standard fit: to the training split where the file has it, to --calibrate FILE, or \
      to nine tenths of the showers for each tenth.

      Of data, which have no truth, it shows shifts between the methods instead of errors.

      Guard a network in CI by thresholds on any key of summary.json (below "results"), exit code \
      1 where one falls short:

        {"nuclei/whole/space_angle/grid/gain/width68": 0.35,
         "nuclei/whole/ln_energy/grid/score/net_explained_variance/low95": 0.3,
         "nuclei/whole/pull_zenith/grid/width68": {"at_least": 0.9, "at_most": 1.1}}

        airshower compare corrected.h5 --output report --fail-below thresholds.json
      """)

  @Argument(help: "Corrected event file.")
  var input: String

  @Option(help: "Method that verdict and figures are about (default: the network written last).")
  var method: String?

  @Option(help: "Methods to compare, as in grid,tuned (default: all of the file).")
  var methods: String?

  @Option(help: "A method that gains are also given against, beside the standard one, as tuned.")
  var against: String?

  @Option(help: "Quality cuts: a name in tables/selections, or a file.")
  var cuts = TableFolder.defaultSelection

  @Option(
    help: """
      Events to use: all, test (those no network learns from), or auto: test where a network was \
      trained on this simulation.
      """
  )
  var split = EvaluationSplit.Choice.auto

  @Option(
    help:
      "Weight events to a spectrum E^INDEX, as -2.7; write --spectrum=-2.7 (default: as thrown)."
  )
  var spectrum: Double?

  @Option(
    help: "Reconstructed simulated events to fit the polynomial control to.")
  var calibrate: String?

  @Option(help: "Learning curve of airshower train --history to show. May be repeated.")
  var history: [String] = []

  @Option(help: "JSON file of thresholds on keys of summary.json; exit 1 where one falls short.")
  var failBelow: String?

  @Option(help: "Bootstrap replicas for the intervals.")
  var replicas = 1000

  @Option(help: "Seed of the bootstrap.")
  var seed: UInt64 = 1

  @Option(help: "Use the first events only.")
  var maxEvents: Int?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func validate() throws {
    try checkMethodNames([method].compactMap(\.self), option: "--method")
    try checkMethodNames([against].compactMap(\.self), option: "--against")
    try checkMethodNames(methodNames ?? [], option: "--methods")
  }

  /// Names between commas.
  private var methodNames: [String]? { methods?.split(separator: ",").map(String.init) }

  func run() throws {
    var run = ComparisonRun(input, output: output.file)
    run.method = method
    run.methods = methodNames
    run.against = against
    run.cuts = cuts
    run.split = split
    run.spectrum = spectrum
    run.calibration = calibrate
    run.histories = history
    run.thresholds = failBelow
    run.replicas = replicas
    run.seed = seed
    run.eventLimit = maxEvents
    try run.run(in: running.context)
  }
}

extension EvaluationSplit.Choice: ExpressibleByArgument {}
