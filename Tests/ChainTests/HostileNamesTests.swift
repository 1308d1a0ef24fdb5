import Foundation
import HostileText
import ShowerModel
import Testing

/// Files and options with hostile strings, through the whole program: nothing is executed, nothing
/// lands elsewhere, and no escape sequence reaches the terminal.
@Suite(.serialized) struct HostileNamesTests {
  /// Names as links of HDF5 and names of files can hold them.
  private static let names = HostileText.combined.map { $0.replacing("/", with: "") }

  /// A corrected file with copies of its network under other names, and other strings everywhere
  /// else.
  private func file(methods: [String], _ folder: TemporaryFolder) throws -> String {
    let file = folder.path("hostile\(methods.count).h5")
    try FileManager.default.copyItem(atPath: SmallChain.shared.get().correction, toPath: file)
    let script = """
      import h5py, json, sys
      texts, methods = json.loads(sys.argv[2]), json.loads(sys.argv[3])
      with h5py.File(sys.argv[1], 'r+') as f:
        made = f['reconstruction']
        network = next(name for name in made if name not in ('standard', 'polynomial'))
        for name in methods: made.copy(network, name)
        for name in made:
          if name != 'standard':
            for key in ('METHOD', 'NETWORK'): made[name].attrs[key] = ' '.join(texts)
        f['array'].attrs['NAME'] = texts[0] + texts[1]
        steps = json.loads(f.attrs['PROVENANCE'])
        for step in steps: step['commandLine'] += texts
        for step in steps: step['host'] = texts[4]
        steps[-1]['inputs'].append({'path': texts[1], 'sha256': texts[0]})
        steps[-1]['settings'][texts[0]] = texts[1]
        f.attrs['PROVENANCE'] = json.dumps(steps)
      """
    func json(_ strings: [String]) throws -> String {
      String(decoding: try JSONEncoder().encode(strings), as: UTF8.self)
    }
    let outcome = try Program.run(
      URL(filePath: "/usr/bin/python3"),
      ["-c", script, file, json(HostileText.combined), json(methods)])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return file
  }

  private func expectHarmless(_ outcome: Program.Outcome, _ folder: TemporaryFolder) {
    for text in [outcome.output, outcome.errors] {
      let hidden = text.unicodeScalars.first {
        $0 != "\n" && ($0.properties.generalCategory == .control || $0 == "\u{202E}")
      }
      #expect(hidden == nil, "\(text)")
      #expect(!text.contains("\nsystem"), "\(text)")
    }
    let files = FileManager.default.enumerator(atPath: folder.url.path)?.allObjects ?? []
    let beside = (try? FileManager.default.contentsOfDirectory(atPath: Program.repository.path))
    for name in files.compactMap({ $0 as? String }) + (beside ?? []) {
      // Canaries are called so; files of tests hold the word among others.
      let last = name.split(separator: "/").last ?? ""
      #expect(!last.hasPrefix("PWNED"), "\(name)")
    }
  }

  /// Names of methods in a file are refused, or shown as text; other strings are shown.
  @Test(arguments: [[], names]) func stringsOfFilesAreText(methods: [String]) throws {
    let folder = try TemporaryFolder()
    let file = try file(methods: methods, folder)
    let history = folder.path(Self.names[3] + ".csv")
    try Data("epoch,training_loss,validation_loss\n1,.9,.8\n2,.8,.75\n".utf8).write(
      to: URL(filePath: history))
    let before = folder.contents
    for arguments in [
      ["inspect", file], ["show", file, "--output", folder.path("event.svg")],
      [
        "compare", file, "--cuts", "none", "--replicas", "10", "--history", history, "--output",
        folder.path("report"),
      ], ["reconstruct", file, "--max-events", "10", "--output", folder.path("again.h5")],
    ] {
      let outcome = try Program.run(Program.url, arguments)
      #expect([0, 65].contains(outcome.status), "\(outcome.errors)")
      expectHarmless(outcome, folder)
    }
    let made = Set(folder.contents).subtracting(before)
    #expect(made.isSubset(of: ["event.svg", "report", "again.h5"]))
    guard made.contains("report") else { return }
    let figures = try FileManager.default.contentsOfDirectory(
      atPath: folder.path("report/figures"))
    #expect(figures.filter { $0.hasSuffix(".png") }.count >= 12)
    for name in figures {
      #expect(name.wholeMatch(of: /[a-z0-9_]+\.(gp|dat|png|svg|pdf)/) != nil, "\(name)")
      let data = try Data(contentsOf: URL(filePath: folder.path("report/figures/\(name)")))
      #expect(data.count > 10)
    }
  }

  @Test(arguments: names + ["-x", "--help", "-", "a'b\\", "#", "${HOME}"])
  func namesOfFilesAreText(name: String) throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let input = "\(name).h5"
    try FileManager.default.copyItem(atPath: chain.correction, toPath: folder.path(input))
    func run(_ arguments: String...) throws -> Program.Outcome {
      let outcome = try Program.run(Program.url, arguments, in: folder.url)
      expectHarmless(outcome, folder)
      return outcome
    }
    let tables = Program.repository.appending(path: "tables").path
    let picture = name.hasPrefix("--") ? "./\(name).png" : "\(name).png"
    for outcome in [
      try run("inspect", "--", input), try run("show", "--output", picture, "--", input),
      try run(
        "reconstruct", "--tables", tables, "--max-events", "5", "-o", "./\(name) made.h5", "--",
        input),
    ] { #expect(outcome.status == 0, "\(outcome.errors)") }
    #expect(Set(folder.contents) == [input, "\(name).png", "\(name) made.h5"])
    // Errors quote it.
    #expect(try run("inspect", "--", "\(name) missing.h5").status == 65)
    #expect(try run("show", "--", input, "--output", name).status == 64)
  }

  @Test func reportsOfFilesWithDashes() throws {
    let folder = try TemporaryFolder()
    let chain = try SmallChain.shared.get()
    try FileManager.default.copyItem(atPath: chain.correction, toPath: folder.path("-e.h5"))
    let outcome = try Program.run(
      Program.url,
      [
        "compare", "--tables", Program.repository.appending(path: "tables").path, "--replicas",
        "10", "--output", "-report", "--", "-e.h5",
      ], in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(folder.contents == ["-e.h5", "-report"])
    let without = try Program.run("compare", chain.correction, "--output", "--overwrite")
    #expect(without.status == 64 && without.errors.contains("--output is followed by"))
  }

  /// Before any work: the input is not even there.
  @Test func namesOfMethodsFollowOneRule() throws {
    let folder = try TemporaryFolder()
    let names = Self.names + [" ", "a b", "3d", "_a", "-rf", "é", "../../PWNED", "a/b", "%q"]
    for name in names {
      for (command, option) in [
        ("correct", "--name"), ("compare", "--method"), ("compare", "--against"),
        ("show", "--reconstruction"),
      ] {
        let outcome = try Program.run(
          command, folder.path("none.h5"), "\(option)=\(name)", "--output",
          folder.path("out.png"))
        expectHarmless(outcome, folder)
        #expect(outcome.status == 64, "\(command) \(option)=\(name): \(outcome.errors)")
        #expect(outcome.errors.contains(MethodName.rule), "\(outcome.errors)")
      }
    }
    let list = try Program.run(
      "compare", folder.path("none.h5"), "--methods", "set,a b", "--output", folder.path("out"))
    #expect(list.status == 64 && list.errors.contains(MethodName.rule))
    let legal = try Program.run(
      "correct", folder.path("none.h5"), "--name", "aB-3._", "--output", folder.path("out.h5"))
    #expect(legal.status == 65)
    #expect(folder.contents.isEmpty)
  }

  /// A network whose file is called otherwise needs `--name`; what it calls itself does not matter.
  @Test func networksWithOtherNamesNeedOne() throws {
    let chain = try SmallChain.shared.get()
    let folder = try TemporaryFolder()
    let network = folder.path("a network.pt")
    let script = """
      import json, sys, torch
      extra = {'spec.json': ''}
      module = torch.jit.load('tables/networks/reference.pt', _extra_files=extra)
      metadata = json.loads(extra['spec.json'])
      metadata['spec']['name'] = 'a\\nb'
      torch.jit.save(module, sys.argv[1], _extra_files={'spec.json': json.dumps(metadata)})
      """
    try #require(
      try Program.run(URL(filePath: "/usr/bin/python3"), ["-c", script, network]).status == 0)
    let refused = try Program.run(
      "correct", chain.reconstruction, "--network", network, "--output", folder.path("a.h5"))
    #expect([64, 65].contains(refused.status), "\(refused.errors)")
    expectHarmless(refused, folder)
    #expect(folder.contents == ["a network.pt"])
    guard refused.status == 64 else { return }
    #expect(refused.errors.contains(MethodName.rule) && refused.errors.contains("--name"))
    let named = try Program.run(
      "correct", chain.reconstruction, "--network", network, "--name", "mine", "--max-events",
      "20", "--output", folder.path("a.h5"))
    #expect(named.status == 0, "\(named.errors)")
    expectHarmless(named, folder)
  }
}
