import ArgumentParser
import Workflow

/// The simulation against published and CORSIKA values, as Markdown. For `make validate`.
struct ValidateSimulation: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the simulation with published and CORSIKA values.",
    discussion: """
      Prints a table of published targets, their tolerances and the values of this program. With \
      --corsika FOLDER the shower model is also compared with CORSIKA showers. The folder holds \
      showers.csv (one row for each shower), lateral.csv (densities and delays in rings) and \
      optionally azimuth.csv (early and late side). The columns are those of Fixtures/corsika.

        airshower validate-simulation --corsika Fixtures/corsika --values values.csv
      """)

  @Option(help: "Folder that holds showers.csv and lateral.csv.")
  var corsika: String?

  @Option(help: "CSV file to write, with all values of the CORSIKA comparison.")
  var values: String?

  @Option(help: "Seed.")
  var seed: UInt64 = 1

  @OptionGroup(title: "Running") var running: RunOptions

  func validate() throws { try asValidation(validation.check) }

  func run() throws { try validation.run(in: running.context) }

  /// The options as the library wants them.
  private var validation: ValidationRun {
    var run = ValidationRun()
    run.corsika = corsika
    run.values = values
    run.seed = seed
    return run
  }
}
