import CRuntime
import Foundation
import Synchronization
import Testing

/// What the tasks below write into: one record for each iteration and range.
private final class Loop {
  let count: Int
  let threads: Int
  var error = gn_error()
  /// How often each iteration ran, and by which worker index.
  var runs: [Int64]
  var workers: [Int64]
  /// Begin and end of each range, by worker index.
  var ranges: [Int64]
  var counters: [UInt64]

  init(count: Int, threads: Int) {
    (self.count, self.threads) = (count, threads)
    runs = Array(repeating: 0, count: max(count, 1))
    workers = Array(repeating: -1, count: max(count, 1))
    ranges = Array(repeating: -1, count: 2 * threads)
    counters = Array(repeating: 0, count: threads)
  }

  func run(_ task: gn_task = recordingTask, times: Int = 1, pieces: Int32 = 1) {
    withUnsafeMutablePointer(to: &error) { error in
      counters.withUnsafeMutableBufferPointer { counters in
        runs.withUnsafeMutableBufferPointer { runs in
          workers.withUnsafeMutableBufferPointer { workers in
            ranges.withUnsafeMutableBufferPointer { ranges in
              var context = gn_context(
                version: UInt32(GN_CONTEXT_VERSION), threads: Int32(threads),
                parallel: gn_parallel, arena: nil, error: error, blas: nil,
                counters: counters.baseAddress, routine: nil, print: nil, host: nil)
              let buffers: [UnsafeMutableRawPointer?] = [
                .init(runs.baseAddress!), .init(workers.baseAddress!), .init(ranges.baseAddress!),
              ]
              let sizes = [Int64(count)]
              for _ in 0..<times {
                gn_parallel(&context, task, buffers, sizes, Int64(count), pieces)
              }
            }
          }
        }
      }
    }
  }
}

private let recordingTask: gn_task = { _, buffers, _, begin, end, worker in
  let runs = buffers![0]!.assumingMemoryBound(to: Int64.self)
  let workers = buffers![1]!.assumingMemoryBound(to: Int64.self)
  let ranges = buffers![2]!.assumingMemoryBound(to: Int64.self)
  ranges[2 * Int(worker)] = begin
  ranges[2 * Int(worker) + 1] = end
  for i in Int(begin)..<Int(end) {
    runs[i] += 1
    workers[i] = Int64(worker)
  }
}

/// Runs a loop of its own inside each range, by the same context.
private let nestedTask: gn_task = { context, buffers, sizes, begin, end, worker in
  gn_parallel(
    context,
    { _, buffers, _, begin, end, _ in
      let runs = buffers![0]!.assumingMemoryBound(to: Int64.self)
      for i in Int(begin)..<Int(end) {
        // The ranges of the outer loop run at the same time.
        _ = withUnsafeMutablePointer(to: &runs[i]) { pointer in
          pointer.withMemoryRebound(to: Atomic<Int64>.self, capacity: 1) {
            $0.pointee.wrappingAdd(1, ordering: .relaxed)
          }
        }
      }
    }, buffers, sizes, sizes![0], 4)
}

/// Worker 1 is held up in the first piece of its range until the rest of it is done.
private let slowTask: gn_task = { _, buffers, sizes, begin, end, worker in
  let runs = buffers![0]!.assumingMemoryBound(to: Int64.self)
  let workers = buffers![1]!.assumingMemoryBound(to: Int64.self)
  func wasRun(_ i: Int64) -> Bool {
    withUnsafeMutablePointer(to: &runs[Int(i)]) { pointer in
      pointer.withMemoryRebound(to: Atomic<Int64>.self, capacity: 1) {
        $0.pointee.load(ordering: .acquiring) > 0
      }
    }
  }
  let count = sizes![0]
  if worker == 1, begin == count / 2, end < count {
    let deadline = Date().addingTimeInterval(10)
    while !(end..<count).allSatisfy(wasRun), Date() < deadline { usleep(10) }
  }
  for i in Int(begin)..<Int(end) {
    workers[i] = Int64(worker)
    withUnsafeMutablePointer(to: &runs[i]) { pointer in
      pointer.withMemoryRebound(to: Atomic<Int64>.self, capacity: 1) {
        _ = $0.pointee.wrappingAdd(1, ordering: .releasing)
      }
    }
  }
}

@Suite struct PoolTests {
  @Test(arguments: [1, 2, 3, 8, 100], [0, 1, 2, 3, 7, 64, 1000])
  func `every iteration runs once, in the range that the rule says`(_ threads: Int, _ count: Int) {
    let loop = Loop(count: count, threads: threads)
    loop.run()
    let ranges = min(threads, count)
    for range in 0..<ranges {
      let begin = count * range / ranges
      let end = count * (range + 1) / ranges
      #expect(loop.ranges[2 * range] == begin && loop.ranges[2 * range + 1] == end)
      for i in begin..<end { #expect(loop.runs[i] == 1 && loop.workers[i] == range) }
    }
    #expect(loop.ranges[(2 * ranges)...].allSatisfy { $0 == -1 })
    #expect(loop.counters.reduce(0, +) == UInt64(ranges))
  }

  // Another test's loop may hold the pool for a moment, so this asks until it gets it.
  @Test func `with two threads both workers run`() {
    for _ in 0..<10_000 {
      let loop = Loop(count: 64, threads: 2)
      loop.run()
      if loop.counters == [1, 1] {
        #expect(gn_pool_workers() >= 1)
        return
      }
      #expect(loop.counters == [2, 0])
      usleep(100)
    }
    Issue.record("the second worker never ran")
  }

  @Test(arguments: [1, 2, 3, 8, 400], [0, 1, 2, 3, 7, 64, 1000])
  func `every iteration runs once, in pieces of the ranges`(_ threads: Int, _ count: Int) {
    for pieces in [2, 3, 16] as [Int32] {
      let loop = Loop(count: count, threads: threads)
      loop.run(times: 10, pieces: pieces)
      #expect(loop.runs.prefix(count).allSatisfy { $0 == 10 })
      #expect(loop.workers.prefix(count).allSatisfy { $0 >= 0 && $0 < threads })
    }
  }

  // Another test's loop may hold the pool for a moment, so this asks until it gets it.
  @Test func `who has finished takes over from who is held up`() {
    for _ in 0..<10_000 {
      let loop = Loop(count: 160, threads: 2)
      loop.run(slowTask, pieces: 16)
      #expect(loop.runs == Array(repeating: 1, count: 160))
      // Where the caller was faster than the worker woke up, nothing was left to be held up in.
      if loop.counters[1] > 0, loop.workers[80] == 1 {
        #expect(loop.workers[120...].allSatisfy { $0 == 0 })
        return
      }
      usleep(100)
    }
    Issue.record("the second worker never ran")
  }

  @Test func `many loops in a row, with pauses in which the workers fall asleep`() {
    let loop = Loop(count: 100, threads: 3)
    for pause in [0, 0, 200, 0, 1000, 0] {
      loop.run(times: 100)
      usleep(UInt32(pause))
    }
    #expect(loop.runs == Array(repeating: 600, count: 100))
  }

  @Test func `a nested loop runs whole, on the thread that asks`() {
    let loop = Loop(count: 50, threads: 2)
    loop.run(nestedTask)
    #expect(loop.runs == Array(repeating: 2, count: 50))
  }

  @Test func `eight user threads at once`() {
    let failures = Atomic<Int>(0)
    let done = DispatchGroup()
    for _ in 0..<8 {
      Thread.detachNewThread(in: done) {
        for round in 0..<100 {
          let loop = Loop(count: 100 + round, threads: 2)
          loop.run()
          let half = (100 + round) / 2
          let right =
            loop.runs.allSatisfy { $0 == 1 } && loop.counters.reduce(0, +) == 2
            && loop.workers.prefix(half).allSatisfy { $0 == 0 }
            && loop.workers.dropFirst(half).allSatisfy { $0 == 1 }
          if !right { failures.wrappingAdd(1, ordering: .relaxed) }
        }
      }
    }
    done.wait()
    #expect(failures.load(ordering: .relaxed) == 0)
  }

  @Test func `sums have the same bits whoever runs the ranges`() {
    // Range sums of a fixed partition into 16 chunks, so the loop is over chunks.
    let values = (0..<10_000).map { Double($0).squareRoot() * 1e-3 }
    func sums(threads: Int, pieces: Int32) -> [UInt64] {
      var partial = [Double](repeating: 0, count: 16)
      var error = gn_error()
      values.withUnsafeBufferPointer { values in
        partial.withUnsafeMutableBufferPointer { partial in
          withUnsafeMutablePointer(to: &error) { error in
            var context = gn_context(
              version: UInt32(GN_CONTEXT_VERSION), threads: Int32(threads), parallel: gn_parallel,
              arena: nil, error: error, blas: nil, counters: nil, routine: nil, print: nil,
              host: nil)
            let buffers: [UnsafeMutableRawPointer?] = [
              .init(mutating: values.baseAddress!), .init(partial.baseAddress!),
            ]
            gn_parallel(
              &context,
              { _, buffers, _, begin, end, _ in
                let values = buffers![0]!.assumingMemoryBound(to: Double.self)
                let partial = buffers![1]!.assumingMemoryBound(to: Double.self)
                for chunk in Int(begin)..<Int(end) {
                  for i in chunk * 625..<(chunk + 1) * 625 { partial[chunk] += values[i] }
                }
              }, buffers, nil, 16, pieces)
          }
        }
      }
      return partial.map(\.bitPattern)
    }
    let one = sums(threads: 1, pieces: 1)
    for threads in [2, 3, 16, 64] {
      for pieces in [1, 16] as [Int32] { #expect(sums(threads: threads, pieces: pieces) == one) }
    }
  }

  @Test func `more threads than the pool has workers`() {
    let loop = Loop(count: 600, threads: 400)
    loop.run()
    #expect(loop.runs.allSatisfy { $0 == 1 })
  }

  @Test func `the first error wins`() {
    var error = gn_error()
    gn_fail(&error, 3, 17, 1, 2, 3, 4)
    gn_fail(&error, 5, 18, 9, 9, 9, 9)
    #expect(error.kind == 3 && error.location == 17)
    #expect(error.values.0 == 1 && error.values.3 == 4)
  }
}

extension Thread {
  /// Starts a thread that the group waits for.
  static func detachNewThread(in group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
    group.enter()
    Thread.detachNewThread {
      body()
      group.leave()
    }
  }
}
