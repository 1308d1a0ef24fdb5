import Glibc
import Performance
import ShowerModel
import SyntheticComparison
import Testing

@testable import ShowerReport

/// What reports say of data, which have no truth.
@Suite struct ShiftReportTests {
  private let settings = ComparisonSettings(replicas: 40, threads: 2)

  private func shifts(
    events: Int = 2000, energyShift: (Shower) -> Double = { _ in 0.1 }
  ) -> ShiftComparison {
    ShiftComparison(
      SyntheticSample.shifts(events: events, energyShift: energyShift), settings: settings)
  }

  @Test func shiftsAreLabelled() throws {
    let shifts = shifts()
    let text = shifts.terminalText(isColoured: false)
    #expect(text.hasPrefix("DATA: no truth."))
    #expect(!text.contains("gain (") && !text.contains("EV_"))
    #expect(shifts.verdict.contains("not errors"))
  }

  @Test func aZenithBiasIsWarnedOf() {
    let bent = shifts(events: 6000) { 6 * (1 / cos($0.zenith) - 1) }
    #expect(bent.warnings.contains { $0.contains("grid: the intensity above 10 EeV") })
  }

  @Test func theSummaryHoldsNoErrors() throws {
    let summary = Summary(title: "", shifts: shifts(events: 300), provenance: [])
    let text = String(decoding: try summary.json(), as: UTF8.self)
    #expect(text.contains("\"kind\" : \"data\""))
    #expect(text.contains("\"notice\""))
    #expect(!text.contains("explained_variance") && !text.contains("\"gain\""))
    #expect(summary.csv.contains("shifts/whole/ln_energy/grid/median"))
  }
}
