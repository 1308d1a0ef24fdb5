import ArgumentParser

/// Checks of CORSIKA input that need its inside: rows, speed, damaged files, de-thinning.
@main
struct CorsikaValidation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corsika-validation",
    abstract: "Rows, speed, robustness and de-thinning of CORSIKA input.",
    subcommands: [
      Dump.self, Speed.self, Fuzz.self, Rings.self, Scatter.self, ThrowSpeed.self,
    ])
}
