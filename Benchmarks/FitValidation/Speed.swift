import AllocationCount
import ArgumentParser
import Glibc
@_spi(Validation) import StandardReconstruction

/// Fits per second of CPU time on one thread, and heap allocations per fit.
struct Speed: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fits per second from prepared stations, and heap allocations per fit.")

  @OptionGroup var source: EventOptions

  @Option(help: "Rounds over the events; the fastest counts.")
  var rounds = 5

  func run() throws {
    let (fit, prepared, _) = try source.open()
    let workspace = fit.makeWorkspace()
    let once = measure(prepared) { fit.minimiseOnce($0, workspace) != nil }
    let whole = measure(prepared) { fit.fit($0, workspace) != nil }
    let rows = [
      ("one minimisation in seven parameters", once), ("whole fit: passes, both starts", whole),
    ]
    print("| work | fits/s | heap allocations/fit |")
    print("|---|---|---|")
    for (work, speed) in rows {
      print("| \(work) | \(fixed(speed.rate, 0)) | \(fixed(speed.allocations, 4)) |")
    }
  }

  private func measure(
    _ events: [PreparedEvent], _ work: (PreparedEvent) -> Bool
  ) -> (rate: Double, allocations: Double) {
    // Warm: every shape of problem has its workspace after the first round.
    var count = 0
    for event in events where work(event) { count += 1 }
    var best = Double.infinity
    var allocations = 0.0
    for _ in 0..<rounds {
      let (start, before) = (seconds(), allocation_count())
      for event in events { _ = work(event) }
      allocations = Double(allocation_count() - before) / Double(count)
      best = min(best, seconds() - start)
    }
    return (Double(count) / best, allocations)
  }

  /// CPU time of this process [s]: other processes on the machine count less.
  private func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
