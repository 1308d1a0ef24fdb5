import ArgumentParser
import Workflow

struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the standard reconstruction, or the published one, on every event.",
    discussion: """
      The steps are: signals and times from waveforms, station selection, the joint fit of lateral \
      distribution and shower front (core, theta, phi, S800, t0, a), the energy from a table. An \
      event that cannot be fitted keeps its row; the column status has the reason. Quality cuts \
      remove nothing from the file. The column cut has their verdict. At the end, the command \
      prints how many events each cut removes.

        airshower reconstruct events.h5 --output reco.h5
        airshower reconstruct events.h5 --cuts spectrum --output reco.h5
        airshower reconstruct data.h5 --energy-scale fluorescence --output reco.h5

      Energies are on the scale of simulated showers. For data, --energy-scale fluorescence \
      divides them by 1.27. They are then on the scale of the fluorescence detector. The group's \
      attribute ENERGY_SCALE names the scale.

      --method published runs the chain that the Telescope Array published, and writes its results \
      beside the standard ones, as the reconstruction published. Its energies come from the \
      experiment's own table. Documentation/published-chain.md explains it. --cuts published are \
      its quality cuts:

        airshower reconstruct events.h5 --method standard --method published --output both.h5
        airshower compare both.h5 --method published --output report

      --front tuned makes a second reconstruction, called tuned, beside the standard one. It uses \
      delays and timing errors of simulated events. A standard reconstruction that the file has \
      already is kept:

        airshower reconstruct events.h5 --front tuned --output both.h5
        airshower compare both.h5 --method tuned --output report

      Lists of stations, as airshower fit reads them, give an event file without waveforms. The \
      fit is joint where the energy table was made for such an array, else that of the geometry:

        airshower reconstruct lists.csv --array my-array.csv --output reco.h5
      """)

  @Argument(
    help: "Event file, or lists of stations: CSV, JSON or HDF5.",
    completion: .file(extensions: ["h5", "csv", "json"]))
  var input: String

  @Option(
    name: .customLong("method"),
    help: """
      Reconstruction to make: standard or published. Repeatable. With published alone, a standard \
      reconstruction that the file has already is kept; else it is made too. (default: standard)
      """)
  var methods: [ParametricMethod] = []

  @Option(
    help: """
      Energy table: telescope-array-published, telescope-array-simulated, or a file. Default: \
      \(TableFolder.defaultEnergyTable). It is used for arrays like the one it was made for; \
      others get no energy without this option.
      """, completion: .table(.energyTable))
  var energyTable: String?

  @Option(help: qualityCutsHelp, completion: .table(.selection))
  var cuts = TableFolder.defaultSelection

  @Option(
    help: """
      Scale of the energies: simulation, or fluorescence (for data only). Default: the scale of a \
      standard reconstruction that is kept, else simulation.
      """, completion: .list(["simulation", "fluorescence"]))
  var energyScale: String?

  @Option(
    help: """
      Array of lists of stations: telescope-array, telescope-array-2008, or a file. Default: all \
      stations of the lists.
      """, completion: .table(.array))
  var array: String?

  @Option(help: "Reconstruct the first events only (default: all).")
  var maxEvents: Int?

  @OptionGroup(title: "Fit") var fitting: FitOptions
  @OptionGroup(title: "Sharing the work") var sharding: ShardOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws { try sharedRun.run(in: running.context) }
}

extension ParametricMethod: ExpressibleByArgument {}

extension Reconstruct: ShareableCommand {
  var sharedOutput: OutputFile? { output.file }

  var sharedRun: ReconstructionRun {
    var run = ReconstructionRun(input, output: output.file)
    run.energyTable = energyTable
    run.cuts = cuts
    run.energyScale = energyScale
    run.eventLimit = maxEvents
    run.methods = methods
    run.fit = fitting.settings
    run.share = sharding.share
    run.array = array
    return run
  }
}
