import CRuntime
import Foundation
import Gnomon
import Synchronization
import Testing

/// Compiled functions from many threads at once.
@Suite struct ConcurrencyTests {
  init() { #expect(usesOwnCache) }

  /// Runs `body` on threads of their own, and waits for all.
  private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let done = DispatchSemaphore(value: 0)
    for i in 0..<count {
      Thread {
        body(i)
        done.signal()
      }.start()
    }
    for _ in 0..<count { done.wait() }
  }

  @Test func `eight threads call one function at once`() throws {
    let x = Expr.input("x", .float32, ["n", 40])
    let f = try compile(
      inputs: [x], outputs: [softmax(matmul(x, x.transposed())), sum(exp(x), axes: 0)],
      options: CompileOptions(mode: .fast, threads: 2))
    let arguments = (0..<8).map { Tensor.normal(.float32, [20 + 30 * $0, 40], seed: UInt64($0)) }
    let expected = try arguments.map { try f.outputs([$0]) }
    let wrong = Mutex(0)
    onThreads(8) { i in
      for _ in 0..<200 {
        let results = try? f.outputs([arguments[i]])
        let same = results.map { zip($0, expected[i]).allSatisfy { $0.identical(to: $1) } } ?? false
        if !same { wrong.withLock { $0 += 1 } }
      }
    }
    #expect(wrong.withLock { $0 } == 0)
  }

  @Test(arguments: [false, true])
  func `updaters of one variable queue: no step is lost`(_ interpreted: Bool) throws {
    let w = Expr.variable("w", .zeros(.float64, [50]))
    let step = try compile(
      outputs: [sum(w)], updates: [w: w + 1],
      options: CompileOptions(mode: .fast, interpreted: interpreted))
    onThreads(8) { _ in for _ in 0..<125 { _ = try? step.outputs([]) } }
    #expect(w.value.doubles == [Double](repeating: 1000, count: 50))
  }

  @Test func `a reader of variables sees whole steps`() throws {
    // 80 KB each: a step takes long enough to be seen halfway.
    let a = Expr.variable("a", .zeros(.int64, [10_000]))
    let b = Expr.variable("b", .zeros(.int64, [10_000]))
    let step = try compile(
      outputs: [a[0]], updates: [a: a + 1, b: b + 1], options: CompileOptions(mode: .fast))
    let look = try compile(
      outputs: [max(a) - min(a), max(b) - min(b), max(a) - max(b)],
      options: CompileOptions(mode: .fast))
    let torn = Mutex(0)
    onThreads(3) { i in
      for k in 0..<300 {
        if i == 0 {
          _ = try? step.outputs([])
        } else if i == 1 {
          let v = (k % 2 == 0 ? a : b).value.integers
          if !v.allSatisfy({ $0 == v[0] }) { torn.withLock { $0 += 1 } }
        } else if let seen = try? look.outputs([]).map(\.integers) {
          if seen[0] != [0] || seen[1] != [0] { torn.withLock { $0 += 1 } }
        }
      }
    }
    #expect(torn.withLock { $0 } == 0)
    #expect(a.value.integers[0] == 300)
  }

  @Test func `a value that was read stays as it was when the variable goes on`() throws {
    let w = Expr.variable("w", .ones(.float32, [100]))
    let step = try compile(
      outputs: [sum(w)], updates: [w: w * 2], options: CompileOptions(mode: .fast))
    let before = w.value
    for _ in 0..<3 { _ = try step.outputs([]) }
    #expect(before.doubles == [Double](repeating: 1, count: 100))
    #expect(w.value.doubles == [Double](repeating: 8, count: 100))
    w.value = .zeros(.float32, [100])
    #expect(try step.outputs([])[0].doubles == [0])
  }

  @Test func `a value of another type is refused and the variable keeps its own`() throws {
    let w = Expr.variable("w", .ones(.float32, [3]))
    #expect(throws: GnomonError.self) { try w.assign(.ones(.float32, [4])) }
    #expect(throws: GnomonError.self) { try w.assign(.ones(.float64, [3])) }
    #expect(throws: GnomonError.self) { try (w + 1).assign(.ones(.float32, [3])) }
    w.value = .ones(.int32, [3])
    #expect(w.value.identical(to: .ones(.float32, [3])))
  }
}
