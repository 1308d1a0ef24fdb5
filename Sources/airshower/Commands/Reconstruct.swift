import ArgumentParser
import Workflow

struct Reconstruct: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The standard reconstruction of every event.",
    discussion: """
      Waveforms to signals and times, station selection, the joint fit of lateral distribution and \
      shower front (core, theta, phi, S800, t0, a), energy from a table. An event that cannot be \
      fitted is a row with its reason in the column status. Quality cuts remove nothing from the \
      file: their verdict is the column cut, and the events that each one costs are printed at the \
      end.

        airshower reconstruct events.h5 --output reco.h5
        airshower reconstruct events.h5 --cuts spectrum --output reco.h5
        airshower reconstruct data.h5 --energy-scale fluorescence --output reco.h5

      Energies are on the scale of simulated showers. For data --energy-scale fluorescence divides \
      them by 1.27, which brings them to what the fluorescence detector measures. The group's \
      attribute ENERGY_SCALE tells which it was.

      --front tuned fits delays and timing errors as simulated events have them, for a second \
      reconstruction beside the standard one. It is added where the file has a standard one \
      already, else both are made:

        airshower reconstruct events.h5 --front tuned --output both.h5
        airshower compare both.h5 --method tuned --output report
      """)

  @Argument(help: "Event file, from simulate or of data.")
  var input: String

  @Option(help: "Energy table: a name in tables/energy, or a file.")
  var energyTable = TableFolder.defaultEnergyTable

  @Option(help: "Quality cuts to judge the events by: a name in tables/selections, or a file.")
  var cuts = TableFolder.defaultSelection

  @Option(
    help: """
      Scale of the energies: simulation, or fluorescence (for data only). Default: that of the \
      standard reconstruction where it is kept, else simulation.
      """)
  var energyScale: String?

  @Option(help: "Reconstruct the first events only.")
  var maxEvents: Int?

  @OptionGroup(title: "Fit") var fitting: FitOptions
  @OptionGroup(title: "Sharing the work") var sharding: ShardOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Running") var running: RunOptions

  func run() throws { try sharedRun.run(in: running.context) }
}

extension Reconstruct: ShareableCommand {
  var sharedOutput: OutputFile? { output.file }

  var sharedRun: ReconstructionRun {
    var run = ReconstructionRun(input, output: output.file)
    run.energyTable = energyTable
    run.cuts = cuts
    run.energyScale = energyScale
    run.eventLimit = maxEvents
    run.fit = fitting.settings
    run.share = sharding.share
    return run
  }
}
