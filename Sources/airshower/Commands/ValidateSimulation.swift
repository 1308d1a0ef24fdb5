import ArgumentParser
import Workflow

/// The simulation against published and CORSIKA values, as Markdown. For `make validate`.
struct ValidateSimulation: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the simulation with published and CORSIKA values.",
    discussion: """
      Prints a table of published targets, tolerances and the values of this program. With \
      --corsika the shower model is put beside CORSIKA showers too: FOLDER/showers.csv (one row a \
      shower) and FOLDER/lateral.csv (densities and delays in rings), columns as in \
      Fixtures/corsika; FOLDER/azimuth.csv (early and late side) if there is one.

        airshower validate-simulation --corsika Fixtures/corsika --values values.csv
      """)

  @Option(help: "Folder with showers.csv and lateral.csv.")
  var corsika: String?

  @Option(help: "File for all values of the CORSIKA comparison, as CSV.")
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
