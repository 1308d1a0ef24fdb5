import Foundation
import Synchronization
import Testing

@testable import Workflow

@Suite struct PipelineTests {
  private struct Failure: Error, Equatable { let number: Int }

  private let parts = (0..<50).map { 10 * $0..<10 * $0 + 10 }

  @Test(arguments: [1, 3]) func resultsComeInTheOrderOfTheParts(count: Int) throws {
    let workers = Workers(count)
    var pipeline = Pipeline(parts, on: workers) {
      $0.lowerBound
    } makeState: {
      0
    } compute: { (calls: inout Int, first: Int) -> (Int, Int) in
      // Later parts overtake earlier ones.
      if first % 20 == 0 { usleep(500) }
      calls += 1
      return (first * first, calls)
    }
    var rows: [Range<Int>] = []
    var calls = 0
    while let (output, done) = try pipeline.next() {
      #expect(output.0 == done.lowerBound * done.lowerBound)
      calls = max(calls, output.1)
      rows.append(done)
    }
    #expect(rows == parts)
    // A thread keeps its state from part to part.
    #expect(calls > parts.count / count / 2)
    #expect(try pipeline.next() == nil)
  }

  @Test(arguments: [1, 3]) func anErrorOfComputingComesInItsTurn(count: Int) throws {
    let workers = Workers(count)
    var pipeline = Pipeline(parts, on: workers) {
      $0.lowerBound
    } makeState: {
      ()
    } compute: { _, first in
      if first >= 70 { throw Failure(number: first) }
      return first
    }
    var outputs: [Int] = []
    #expect(throws: Failure(number: 70)) {
      while let (output, _) = try pipeline.next() { outputs.append(output) }
    }
    #expect(outputs == [0, 10, 20, 30, 40, 50, 60])
  }

  @Test(arguments: [1, 3]) func anErrorOfReadingEndsTheWork(count: Int) throws {
    let workers = Workers(count)
    var pipeline = Pipeline(parts, on: workers) { rows throws -> Int in
      if rows.lowerBound == 300 { throw Failure(number: 300) }
      return rows.lowerBound
    } makeState: {
      ()
    } compute: { _, first in
      first
    }
    var outputs: [Int] = []
    #expect(throws: Failure(number: 300)) {
      while let (output, _) = try pipeline.next() { outputs.append(output) }
    }
    // What was written until then is a beginning of all.
    #expect(outputs == Array(stride(from: 0, to: 10 * outputs.count, by: 10)))
    #expect(outputs.count <= 30)
  }

  @Test(arguments: [1, 3]) func partsInFlightAreLimited(count: Int) throws {
    let read = Mutex(0)
    let workers = Workers(count)
    var pipeline = Pipeline(parts, on: workers) { rows in
      read.withLock { $0 += 1 }
      return rows.lowerBound
    } makeState: {
      ()
    } compute: { _, first in
      first
    }
    var written = 0
    while try pipeline.next() != nil {
      written += 1
      #expect(read.withLock { $0 } <= written + 2 * count + 4)
    }
    #expect(written == parts.count)
  }

  @Test func whatAFileWaitsForIsDoneFirst() throws {
    let order = Mutex<[Int]>([])
    let gate = DispatchSemaphore(value: 0)
    do {
      let workers = Workers(1)
      let first = workers.promise { _ in gate.wait() }
      let later = workers.promise { _ in order.withLock { $0.append(2) } }
      workers.submit { order.withLock { $0.append(1) } }
      gate.signal()
      try first.value()
      try later.value()
    }
    #expect(order.withLock { $0 } == [1, 2])
  }

  @Test func theEndWaitsForWorkThatHasBegun() {
    let done = Mutex(false)
    let began = DispatchSemaphore(value: 0)
    do {
      let workers = Workers(2)
      workers.submit {
        began.signal()
        usleep(20_000)
        done.withLock { $0 = true }
      }
      began.wait()
    }
    #expect(done.withLock { $0 })
  }
}
