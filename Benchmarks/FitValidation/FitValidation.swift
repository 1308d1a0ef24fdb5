import ArgumentParser

/// Checks of the standard fit that need its inside: speed, starts, toy events, adversarial events.
@main
struct FitValidation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit-validation",
    abstract: "Speed, minima, pulls and robustness of the standard fit.",
    subcommands: [Speed.self, Size.self, Starts.self, Toys.self, Fuzz.self])
}
