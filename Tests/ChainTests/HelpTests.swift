import Foundation
import Testing

/// What the program tells somebody who does not know it.
@Suite struct HelpTests {
  /// A message of wrong use, and the usage of the command that it belongs to.
  @Test(arguments: [
    (["simulate", "--primaries", "proton"], "unknown primary \"proton\", write H. Known are", ""),
    (["simulate", "--primaries", "iron,p"], ", write", ""),
    (["simulate", "--energy", "300:1"], "the smaller energy comes first: --energy 1:300", ""),
    (["simulate", "--energy", "1:3000"], "energies from 0.1 to 630 EeV can be simulated", ""),
    (["simulate", "--max-zenith", "70"], "--max-zenith: must be a number from 0 to 60 deg", ""),
    (["simulat"], "unknown command \"simulat\", did you mean \"simulate\"?", "root"),
  ])
  func wrongUseSaysWhatIsRight(arguments: [String], message: String, place: String) throws {
    let whole = place == "root" ? arguments : arguments + ["--events", "2", "-o", "x.h5"]
    let outcome = try Program.run(Program.url, whole)
    #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
    let usage = place == "root" ? "Usage: airshower <subcommand>" : "Usage: airshower simulate "
    #expect(outcome.errors.contains(usage), "\(outcome.errors)")
    #expect(!outcome.errors.contains("photon\"?"))
  }

  @Test func trainNamesEveryNetworkShipped() throws {
    let help = try Program.run(Program.url, ["train", "--help"]).output
    let folder = Program.repository.appending(path: "tables/networks").path
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".json") }.map { $0.dropLast(5) }
    let listed = try #require(
      help.range(of: "Networks shipped: [^.]*\\.", options: .regularExpression))
    let words = Set(help[listed].split { !$0.isLetter })
    for name in names { #expect(words.contains(name), "\(name)") }
  }

  /// From a folder that has no tables, a message names the one that was used.
  @Test func unknownTablesNameTheFolder() throws {
    let folder = try TemporaryFolder()
    let place = Program.repository.appending(path: "tables").path
    let outcome = try Program.run(
      Program.url,
      ["simulate", "--events", "2", "--variation", "clock", "-o", "x.h5", "--tables", place],
      in: folder.url)
    #expect(outcome.status == 65)
    #expect(
      outcome.errors.contains("neither a file nor the name of a variation. Names in \(place)"))
    #expect(outcome.errors.contains("clock-40ns"))
  }

  /// Every option states its default, or is one of those that ask for something more.
  @Test func optionsStateTheirDefaults() throws {
    let extra: Set<String> = [
      "thrown", "corsika", "observation-level", "config", "shard", "output", "results", "history",
      "curves", "fail-below", "results-of", "values", "version", "help",
    ]
    let dump = try Program.run("--experimental-dump-help").output
    let root = try #require(
      try JSONSerialization.jsonObject(with: Data(dump.utf8)) as? [String: Any])
    let commands = try #require(
      (root["command"] as? [String: Any])?["subcommands"] as? [[String: Any]])
    var seen = 0
    for command in commands {
      for option in command["arguments"] as? [[String: Any]] ?? []
      where option["kind"] as? String == "option" {
        let name = (option["preferredName"] as? [String: String])?["name"] ?? ""
        let help = option["abstract"] as? String ?? ""
        seen += 1
        let states = option["defaultValue"] != nil || help.lowercased().contains("default")
        #expect(
          states || extra.contains(name) || name == "corsika",
          "\(command["commandName"] ?? "") --\(name): \(help)")
        #expect(!help.contains("tables/"), "--\(name): users have no folder tables: \(help)")
      }
    }
    #expect(seen > 100)
  }

  /// The script for bash asks the program for names, and offers those that fit.
  @Test(arguments: [
    ("simulate --variation clo", ["clock-40ns"]),
    ("correct reco.h5 --network ph", ["photons"]),
    ("reconstruct events.h5 --front tu", ["tuned"]),
    ("compare corrected.h5 --cuts spec", ["spectrum"]),
    ("reconstruct events.h5 --energy-table telescope-array-p", ["telescope-array-published"]),
  ])
  func bashCompletesNames(typed: String, offered: [String]) throws {
    let script = """
      cd "$(mktemp -d)"
      export PATH="$1:$PATH" AIRSHOWER_TABLES="$2"
      source <(airshower --generate-completion-script bash)
      COMP_LINE="airshower $3"; COMP_POINT=${#COMP_LINE}
      COMP_WORDS=($COMP_LINE); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _airshower airshower "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
      echo "${COMPREPLY[@]}"
      """
    let outcome = try Program.run(
      URL(filePath: "/bin/bash"),
      [
        "-c", script, "bash", Program.url.deletingLastPathComponent().path,
        Program.repository.appending(path: "tables").path, typed,
      ])
    #expect(outcome.output.split(whereSeparator: \.isWhitespace).map(String.init) == offered)
  }
}
