import Foundation
import ShowerModel
import ShowerStore
import Testing

@testable import ResidualNetwork
@testable import Workflow

// The testing library has a type of that name too.
private typealias Status = Workflow.ExitStatus

@Suite struct MessageTests {
  @Test func progressTellsPartRateAndTimeLeft() {
    let progress = Progress("read", total: 200, isQuiet: true)
    #expect(progress.text(50, seconds: 5) == "read 50/200 (25 %), 10 events/s, 15 s left")
    #expect(progress.text(0, seconds: 5) == "read 0/200 (0 %), 0 events/s, 0 s left")
    #expect(progress.text(200, seconds: 2) == "read 200/200 (100 %), 100 events/s, 0 s left")
    let empty = Progress("read", total: 0, isQuiet: true)
    #expect(empty.text(0, seconds: 0) == "read 0/0 (100 %), 0 events/s, 0 s left")
  }

  @Test func longEpochsTellHowLongTheyStillTake() {
    func after(_ batch: Int, of epoch: Int = 1) -> BatchProgress {
      BatchProgress(epoch: epoch, epochs: 6, batch: batch, batches: 1000, loss: 0.25)
    }
    var log = EpochProgress(isTerminal: false)
    #expect(log.text(after(401), at: 10) == nil)
    #expect(log.text(after(500), at: 60) == nil)
    #expect(
      log.text(after(601), at: 110)
        == "epoch 1/6, batch 601/1000, loss 0.2500, 3:20 min left of this epoch\n")
    #expect(log.text(after(602), at: 111) == nil)
    #expect(log.text(after(1, of: 2), at: 300) == nil)
    #expect(log.text(after(2, of: 2), at: 301) == nil)
    var terminal = EpochProgress(isTerminal: true)
    #expect(terminal.text(after(1), at: 0) == nil)
    #expect(terminal.text(after(2), at: 0.1) == nil)
    #expect(terminal.text(after(501), at: 5)?.hasPrefix("\repoch 1/6, batch 501/1000") == true)
  }

  @Test func timesAreInTheUnitOfAReader() {
    #expect(duration(0.4) == "0 s" && duration(59.4) == "59 s")
    #expect(duration(59.6) == "1:00 min" && duration(187) == "3:07 min")
    #expect(duration(3900) == "1:05 h" && duration(86_400) == "24:00 h")
  }

  @Test func errorsHaveTheDocumentedCodes() {
    for (error, status) in [
      (WrongUse("x"), .wrongUse), (InputError(description: "x"), .unusableInput),
      (OutputError(description: "x"), .unavailableOutput), (MergeError("x"), .unusableInput),
      (Interrupted(), .interrupted), (BelowThreshold(shortfalls: [], file: ""), .failedRun),
      (StoreError.outputExists(file: "a"), .unavailableOutput),
      (StoreError.noTruth(file: "a"), .unusableInput), (CancellationError(), nil),
    ] as [(any Error, Status?)] {
      #expect(Status(error) == status)
    }
    #expect(Status.wrongUse.rawValue == 64 && Status.unusableInput.rawValue == 65)
    #expect(Status.failedRun.rawValue == 1 && Status.unavailableOutput.rawValue == 73)
    #expect(Status.interrupted.rawValue == 130)
  }

  @Test(arguments: [
    ("standard", "Run airshower reconstruct first."),
    ("tuned", "Run airshower reconstruct --front tuned first."),
    ("grid", "Run airshower correct first."),
  ])
  func whatIsMissingNamesTheCommandThatMakesIt(name: String, remedy: String) {
    let error = StoreError.missingContent(
      file: "a.h5", place: "/reconstruction/\(name)", .reconstruction(name))
    #expect(
      Status.terminalText(of: error)
        == "a.h5: does not contain /reconstruction/\(name). \(remedy)")
  }

  @Test func errorsOfFilesNameTheRemedy() {
    for (error, text) in [
      (.outputExists(file: "a"), "a: exists. Choose another name, or give --overwrite."),
      (
        .unfinished(file: "a"),
        "a: was not finished: a run is still writing it, or was killed. "
          + "Run its command again. It replaces the unfinished file."
      ),
      (
        .missingContent(file: "a", place: "/hits", .events),
        "a: does not contain /hits, which must hold: a row a readout window, with the columns "
          + "station_id, window_start [ns], waveform and the calibration of each layer. Make the "
          + "file again, or add it (Documentation/event-file.md)."
      ),
      (.noTruth(file: "a"), "a: does not contain /truth. Use a file of simulated events."),
    ] as [(StoreError, String)] {
      #expect(Status.terminalText(of: error) == text)
    }
  }

  @Test func textsOfErrorsAreSafeOnATerminal() {
    let error = InputError(description: "a\u{1B}[31m\nb")
    let text = Status.terminalText(of: error) ?? ""
    #expect(!text.contains("\u{1B}") && !text.contains("\n"))
    let several = BelowThreshold(shortfalls: ["a: 1", "b: 2"], file: "t.json")
    #expect(
      Status.terminalText(of: several)
        == "2 of the thresholds of t.json are not met:\n  a: 1\n  b: 2")
  }

  @Test func thePageOfAFileTellsCountsHistoryAndColumns() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("events.h5")
    try Files.write([1, 2, 3], Steps.step("simulate"), to: path)
    let summary = try EventFileReader(path: path).summary()
    let lines = summary.page(layers: 2, nil).split(separator: "\n")
    #expect(lines[0].hasPrefix("\(path): airshower event file, format "))
    #expect(lines[1] == "  array            \(Files.array.name), 4 stations")
    #expect(lines[2] == "  events           3, data")
    #expect(lines[4] == "  reconstructions  none")
    #expect(lines[6] == "  simulate  airshower 0.1.0, 2026-01-01T00:00:01Z, on one")
    #expect(lines.contains { $0.hasPrefix("  event_id ") && $0.contains("int64    3 ") })
  }

  @Test func columnsHaveEqualWidth() {
    let text = alignedColumns([["a", "bcd", "last"], [], ["long", "e", "free text"]])
    #expect(text == "a     bcd  last\n\nlong  e    free text")
  }

  @Test func theCutTableAddsUp() {
    let cuts = QualityCuts(name: "few", minimumStations: 5, maximumZenith: 45 * Units.degree)
    var flow = EventFlow(cuts: cuts)
    var good = StandardResult.failed(.noCluster)
    good.reconstruction.status = .good
    let verdicts: [CutVerdict] = [
      .passed, .failed(.stations), .failed(.zenith), .failed(.stations), .notReconstructed,
    ]
    for verdict in verdicts {
      var result = verdict == .notReconstructed ? .failed(.noCluster) : good
      result.verdict = verdict
      flow.count(result)
    }
    #expect(flow.total == 5 && flow.kept == 1)
    #expect(
      flow.selectionTable(cuts, note: ", tuned fit") == """
        Selection few, tuned fit
                                removed  left
        events                              5
        reconstructed                 1     4
        at least 5 stations           2     2
        fitted zenith < 45 deg        1     1
        """)
  }
}
