import Foundation
import ResidualNetwork
import ShowerModel
import ShowerStore
import Testing

/// Runs of several processes under mpirun.
@Suite(.serialized, .enabled(if: MPI.isThere, "needs mpirun and libairshower-mpi.so (make mpi)"))
struct MPITests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func severalProcessesMakeTheFilesOfOne() throws {
    let simulation = ["simulate", "--events", "250", "--energy", "3:300", "--seed", "4"]
    for (mpi, prefix) in [(false, "one"), (true, "all")] {
      func path(_ step: String) -> String { folder.path("\(prefix)-\(step).h5") }
      for arguments in [
        simulation + ["--output", path("events")],
        ["reconstruct", path("events"), "--output", path("reco")],
        ["correct", path("reco"), "--output", path("corrected")],
      ] {
        let outcome =
          try mpi ? MPI.run(2, Program.url, arguments) : Program.run(Program.url, arguments)
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
      }
    }
    for step in ["events", "reco", "corrected"] {
      #expect(
        try content(folder.path("all-\(step).h5")) == content(folder.path("one-\(step).h5")))
    }
    #expect(
      folder.contents
        == ["all", "one"].flatMap { a in
          ["corrected", "events", "reco"].map { "\(a)-\($0).h5" }
        })
    let steps = try EventFileReader(path: folder.path("all-corrected.h5")).provenance
    #expect(
      steps.map(\.activity) == ["simulate", "merge", "reconstruct", "merge", "correct", "merge"])
  }

  private static let training = [
    "--spec", "set", "--cuts", "none", "--batch-size", "32", "--epochs", "3", "--optimiser", "adam",
  ]

  @Test func severalProcessesTrainTheNetworkOfOne() throws {
    let events = try SmallNetworks.shared.get().training
    let command = ["train", events] + Self.training
    func arguments(_ name: String) -> [String] {
      command + ["--output", folder.path("\(name).pt"), "--history", folder.path("\(name).csv")]
    }
    let one = try Program.run(Program.url, arguments("one"))
    #expect(one.status == 0, "\(one.errors)")
    let all = try MPI.run(2, Program.url, arguments("all"))
    #expect(all.status == 0, "\(all.errors)")
    let curves = try ["one", "all"].map { name in
      try String(contentsOfFile: folder.path("\(name).csv"), encoding: .utf8).split(separator: "\n")
        .dropFirst().map { $0.split(separator: ",").prefix(3).compactMap { Double($0) } }
    }
    #expect(curves[0].count == 3 && curves[1].count == 3)
    for (a, b) in zip(curves[0].joined(), curves[1].joined()) {
      #expect(abs(a - b) < 1e-3 * max(1, abs(a)), "\(a) and \(b)")
    }
    // Neither images nor checkpoints are left.
    #expect(folder.contents == ["all.csv", "all.pt", "one.csv", "one.pt"])
    let step = try #require(Network(contentsOf: folder.path("all.pt")).metadata.provenance.last)
    #expect(step.settings["processes"] == "2")
  }

  /// A process that dies ends the run; what was learned is kept, and the network is that of an
  /// undisturbed run.
  @Test func aKilledProcessLeavesACheckpoint() throws {
    let events = try SmallNetworks.shared.get().training
    let command = ["train", events, "--checkpoint-every", "0.05"] + Self.training
    let whole = try MPI.run(2, Program.url, command + ["--output", folder.path("whole.pt")])
    #expect(whole.status == 0, "\(whole.errors)")
    let output = folder.path("network.pt")
    let script = """
      if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then
        (while [ ! -e \(output).checkpoint ]; do sleep 0.02; done; kill -9 $$) &
      fi
      exec "$@"
      """
    let killed = try MPI.run(
      2, URL(filePath: "/bin/bash"),
      ["-c", script, "bash", Program.url.path] + command + ["--output", output])
    #expect(killed.status != 0 && killed.errors.contains("signal 9"), "\(killed.errors)")
    #expect(FileManager.default.fileExists(atPath: output + ".checkpoint"))
    let again = try MPI.run(2, Program.url, command + ["--output", output, "--resume"])
    #expect(again.status == 0 && again.errors.contains("continues after"), "\(again.errors)")
    #expect(try Network.areSame(folder.path("whole.pt"), output))
    let alone = try Program.run(Program.url, command + ["--output", output, "--resume"])
    #expect(alone.status == 73)
  }

  /// The first process tells what is wrong, once, and all end with its code.
  @Test(arguments: [
    (["compare", "nothing.h5", "--output", "out"], 64, "compare runs in one process only"),
    (["reconstruct", "nothing.h5", "--output", "out.h5"], 65, "nothing.h5: no such file"),
    (["simulate", "--events", "0", "--output", "out.h5"], 64, "--events needs a number"),
    (["simulate", "--shard", "1/2", "--output", "out.h5"], 64, "--shard is for runs without"),
    (["simulate", "--wrong", "--output", "out.h5"], 64, "Unknown option '--wrong'"),
  ])
  func errorsAreToldOnce(_ arguments: [String], _ status: Int32, _ words: String) throws {
    let outcome = try MPI.run(3, Program.url, arguments)
    #expect(outcome.status == status)
    #expect(outcome.errors.components(separatedBy: words).count == 2, "\(outcome.errors)")
    #expect(!FileManager.default.fileExists(atPath: "out.h5"))
  }

  @Test func anExistingOutputIsRefusedAndKept() throws {
    try Data("precious".utf8).write(to: folder.url.appending(path: "events.h5"))
    let outcome = try MPI.run(
      2, Program.url, ["simulate", "--events", "10", "--output", folder.path("events.h5")])
    #expect(outcome.status == 73)
    #expect(folder.contents == ["events.h5"])
    let text = try String(contentsOfFile: folder.path("events.h5"), encoding: .utf8)
    #expect(text == "precious")
  }

  /// A killed process ends the others; there is no output, and the next run makes it.
  @Test func aKilledProcessEndsTheRunAndTheNextOneIsWhole() throws {
    let output = folder.path("events.h5")
    let arguments = ["simulate", "--energy", "3:300", "--seed", "4", "--output", output]
    // The second process kills itself after a while, as if it had run out of memory.
    let script = """
      if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then (sleep 1; kill -9 $$) & fi
      exec "$@"
      """
    let killed = try MPI.run(
      2, URL(filePath: "/bin/bash"),
      ["-c", script, "bash", Program.url.path] + arguments + ["--events", "1000000"])
    #expect(killed.status != 0)
    #expect(killed.errors.contains("signal 9"), "\(killed.errors)")
    // What is left has the name of unfinished work, and is no event file for any reader.
    #expect(folder.contents.allSatisfy { $0.hasSuffix(".part") }, "\(folder.contents)")
    for name in folder.contents {
      #expect(throws: StoreError.self) { try EventFileReader(path: folder.path(name)) }
    }
    let again = try MPI.run(2, Program.url, arguments + ["--events", "100"])
    #expect(again.status == 0, "\(again.errors)")
    #expect(folder.contents == ["events.h5"])
    let one = folder.path("one.h5")
    try Program.run(
      "simulate", "--energy", "3:300", "--seed", "4", "--events", "100", "--output", one)
    #expect(try content(output) == content(one))
  }

  @Test func withoutTheLibraryNoProcessBegins() throws {
    let outcome = try MPI.run(
      2, URL(filePath: "/usr/bin/env"),
      ["AIRSHOWER_MPI=/nowhere.so", Program.url.path, "simulate", "--output", folder.path("a.h5")])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("make mpi"))
    #expect(folder.contents.isEmpty)
  }

  @Test(.enabled(if: MPI.check != nil, "needs .build/debug/message-check"), arguments: [2, 3])
  func messagesArriveAsTheyWereSent(processes: Int) throws {
    let outcome = try MPI.run(processes, try #require(MPI.check), [])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("\(processes) processes: all messages right"))
  }
}

/// How tests start several processes.
enum MPI {
  private static let mpirun = ["/usr/bin/mpirun", "/usr/local/bin/mpirun"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private static let library =
    ProcessInfo.processInfo.environment["AIRSHOWER_MPI"]
    ?? Program.url.deletingLastPathComponent().appending(path: "libairshower-mpi.so").path

  static var isThere: Bool {
    mpirun != nil && FileManager.default.fileExists(atPath: library)
  }

  /// The program that checks all messages, which the tests are built with.
  static let check: URL? = {
    let url = Program.repository.appending(path: ".build/debug/message-check")
    return FileManager.default.isExecutableFile(atPath: url.path) ? url : nil
  }()

  static func run(
    _ processes: Int, _ program: URL, _ arguments: [String]
  ) throws -> Program.Outcome {
    try Program.run(
      URL(filePath: "/usr/bin/env"),
      [
        // Tests may run as root, in a container, and on fewer processors.
        "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
        "OMPI_MCA_btl_vader_single_copy_mechanism=none", "OMPI_MCA_mpi_yield_when_idle=1",
        "AIRSHOWER_MPI=\(library)",
        mpirun ?? "mpirun", "--oversubscribe", "-n", "\(processes)", program.path,
      ] + arguments)
  }
}
