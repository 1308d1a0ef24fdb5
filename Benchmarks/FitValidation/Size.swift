import ArgumentParser
@_spi(Validation) import StandardReconstruction

/// How large the fits are.
struct Size: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Mean number of residuals of the events, to judge speeds by.")

  @OptionGroup var source: EventOptions

  func run() throws {
    let (_, prepared, _) = try source.open()
    let total = prepared.reduce(0) { $0 + $1.termCount }
    print(fixed(Double(total) / Double(max(prepared.count, 1)), 1))
  }
}
