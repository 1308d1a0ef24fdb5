import ArgumentParser
import ShowerReport
import Workflow

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Compare the errors of the standard reconstruction with those of all others.",
    discussion: """
      Writes a folder with report.html (opens offline), summary.json, summary.csv and the figures. \
      Each figure is a PNG, an SVG and a PDF file beside its gnuplot script. All methods are \
      compared on the same events. Cuts use the standard reconstruction only. The controls \
      (polynomial, event, scalars, tuned) are compared like any other method. The headline \
      measures gains against the best published baseline of the file: the standard fit, or the \
      chain that the experiment published, where reconstruct --method published has run.

        airshower compare corrected.h5 --output report

      Several files are compared as one sample. They must have the same array and methods, and \
      different showers:

        airshower compare run1.h5 run2.h5 --output report

      Methods called imported_NAME came with the events (airshower import).

      Explained variance has two parts. EV_calib is the variance that a polynomial in sec theta \
      and log10 S800 explains. EV_net is the variance explained beyond that. The polynomial is \
      fitted on --calibrate FILE or on the training split. Without either, it is fitted on nine \
      tenths of the showers for the other tenth, ten times.

      Data have no truth. For data, the report shows shifts between the methods instead of errors.

      --fail-below guards a network in CI. Its file holds limits on any keys of summary.json \
      (below "results"). The exit code is 1 if a value is outside its limits:

        {"nuclei/whole/space_angle/grid/gain/width68": 0.35,
         "nuclei/whole/ln_energy/grid/score/net_explained_variance/low95": 0.3,
         "nuclei/whole/pull_zenith/grid/width68": {"at_least": 0.9, "at_most": 1.1}}

        airshower compare corrected.h5 --output report --fail-below thresholds.json
      """)

  @Argument(help: "Corrected event files.", completion: .eventFile)
  var inputs: [String]

  @Option(help: "Method of the verdict and the figures (default: the network written last).")
  var method: String?

  @Option(help: "Methods to compare, as in grid,tuned (default: all in the file).")
  var methods: String?

  @Option(
    help: """
      Second reference, for example tuned: gains are given against it too. Default: the published \
      reconstruction, if the file has one.
      """)
  var against: String?

  @Option(help: qualityCutsHelp, completion: .table(.selection))
  var cuts = TableFolder.defaultSelection

  @Option(
    help: """
      Events to use. all: all events. test: the test split, which no network learns from. auto: \
      test if a network was trained on this simulation, else all.
      """
  )
  var split = EvaluationSplit.Choice.auto

  @Option(
    help:
      "Weight the events to a spectrum E^INDEX, as in --spectrum=-2.7 (default: as thrown)."
  )
  var spectrum: Double?

  @Option(
    help: """
      Reconstructed simulated events, on which the polynomial is fitted. Default: the training \
      split, or nine tenths of the events for the other tenth.
      """, completion: .eventFile)
  var calibrate: String?

  @Option(help: "Learning curve of airshower train --history to show. May be repeated.")
  var history: [String] = []

  @Option(
    help: """
      Figures to draw. main: the four that tell most. none: numbers only, without gnuplot.
      """)
  var figures = FigureChoice.all

  @Option(
    help: """
      Also make figures for a paper in the folder "paper": single (88 mm) or double (180 mm). \
      Letters have 8 pt. Default: none.
      """)
  var figureSize: PaperSize?

  @Option(help: "JSON file with limits on keys of summary.json. Exit code 1 if one is not met.")
  var failBelow: String?

  @Option(help: "Number of bootstrap replicas for the intervals, 10 to 100000.")
  var replicas = 1000

  @Option(help: "Seed of the bootstrap.")
  var seed: UInt64 = 1

  @Option(help: "Use the first events only (default: all).")
  var maxEvents: Int?

  @OptionGroup(title: "Events") var events: EventOptions
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
    var run = ComparisonRun(inputs, output: output.file)
    run.method = method
    run.methods = methodNames
    run.against = against
    run.cuts = cuts
    run.split = split
    run.spectrum = spectrum
    run.calibration = calibrate
    run.histories = history
    run.figures = figures
    run.figureSize = figureSize
    run.thresholds = failBelow
    run.replicas = replicas
    run.seed = seed
    run.eventLimit = maxEvents
    run.choice = events.choice
    try run.run(in: running.context)
  }
}

extension EvaluationSplit.Choice: ExpressibleByArgument {}
extension FigureChoice: ExpressibleByArgument {}
extension PaperSize: ExpressibleByArgument {}
