import Foundation
import MessagePassing
import Testing

@Suite struct MachineShareTests {
  private func share(_ host: String, _ processors: [Int], threads: Int) -> MachineShare {
    MachineShare(host: host, processors: ProcessorSet(processors), threads: threads)
  }

  @Test func aProcessWorksForThoseOfItsMachineOnly() {
    let first = share("a", [0], threads: 1)
    let others = [
      share("b", [1], threads: 4), share("a", [2, 3], threads: 2), share("a", [0], threads: 1),
    ]
    #expect(first.joined(with: others) == share("a", [0, 2, 3], threads: 4))
    #expect(first.joined(with: []) == first)
  }

  @Test(arguments: [[], [0], [3, 63, 64, 700]]) func sharesGoThroughMessages(processors: [Int]) {
    let sent = share("node-17.cluster", processors, threads: 3)
    #expect(MachineShare(sent.message) == sent)
    #expect(MachineShare(Array("node\nmany\n0".utf8)) == nil)
    #expect(MachineShare([]) == nil)
  }

  @Test func theOwnShareNamesItsProcessors() {
    let own = MachineShare(threads: 2)
    #expect(own.threads == 2 && !own.host.isEmpty)
    #expect(own.processors.numbers.count == ProcessInfo.processInfo.activeProcessorCount)
  }

  /// What a thread starts runs where it does; a set that the system refuses changes nothing.
  @Test func aThreadIsBoundAndReleased() {
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      let all = ProcessorSet.ofThisThread
      ProcessorSet(all.numbers.suffix(1)).bindThisThread()
      #expect(ProcessorSet.ofThisThread.numbers == all.numbers.suffix(1))
      ProcessorSet([]).bindThisThread()
      #expect(ProcessorSet.ofThisThread.numbers == all.numbers.suffix(1))
      all.bindThisThread()
      #expect(ProcessorSet.ofThisThread == all)
      done.signal()
    }
    thread.start()
    done.wait()
  }
}
