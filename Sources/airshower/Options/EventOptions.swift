import ArgumentParser
import Workflow

/// Which events a command takes.
struct EventOptions: ParsableArguments {
  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      """
      Only events that fulfil a condition, as in "energy > 50 && zenith < 30". It has + - * /, \
      abs, sqrt, log10, comparisons, !, && and ||. Energies are in EeV, angles in degrees, lengths \
      in m. airshower inspect FILE --quantities lists the names (default: all events).
      """,
      valueName: "condition"))
  var condition: String?

  @Option(
    name: .customLong("events"),
    help: ArgumentHelp(
      """
      Only events with these numbers: a list as in 3,17,20-30, or a file with a number a line, \
      such as the marks that browse saves (default: all events).
      """,
      valueName: "list"))
  var numbers: String?

  var choice: EventChoice { EventChoice(condition: condition, numbers: numbers) }
}
