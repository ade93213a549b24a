import Foundation
import Gnomon
import GnomonKernels
import GnomonTensors
import Synchronization
import Testing

@Suite struct DebuggingTests {
  init() { #expect(usesOwnCache) }

  static let ways = [
    CompileOptions(mode: .fast), CompileOptions(mode: .fast, interpreted: true),
  ]

  private func diagnostic(_ body: () throws -> Void) -> Diagnostic? {
    do { try body() } catch let error as GnomonError { return error.diagnostics.first } catch {}
    return nil
  }

  @Test(arguments: ways.indices)
  func `an assertion that fails ends the call and changes no variable`(_ way: Int) throws {
    let w = Expr.variable("w", .ones(.float32, [4]))
    let x = Expr.input("x", .float32, ["n", 2])
    let safe = asserting(x, x .> 0, "the rate is positive"); let line = #line
    let step = try compile(
      inputs: [x], outputs: [sum(log(safe))], updates: [w: w * 2 + sum(safe)],
      options: Self.ways[way])
    _ = try step(Tensor.ones(.float32, [3, 2]))
    let before = w.value
    let bad = Tensor([[1, 2], [3, -1], [0, 5]] as [[Float]])
    let found = try #require(diagnostic { _ = try step(bad) as Tensor })
    #expect(found.code == .assertionFailed && found.message.contains("the rate is positive"))
    #expect(found.help?.contains("[1, 1]") == true, "\(found)")
    #expect("\(found)".contains("DebuggingTests.swift:\(line)"), "\(found)")
    #expect(w.value.identical(to: before))
    #expect(throws: Never.self) { _ = try step(Tensor.ones(.float32, [1, 2])) as Tensor }
    // A condition of any shape, and a derivative through it.
    let all = asserting(x, all(x .> 0), "all are positive")
    let d = try compile(
      inputs: [x], outputs: [gradient(of: sum(all * all), withRespectTo: x)],
      options: Self.ways[way])
    #expect(try (d(Tensor.ones(.float32, [1, 2])) as Tensor).doubles == [2, 2])
  }

  @Test(arguments: ways.indices)
  func `the first number that is not finite is named`(_ way: Int) throws {
    var options = Self.ways[way]
    options.checkNumerics = .nan
    let x = Expr.input("x", .float32, ["n"])
    let y = log(x - 1); let line = #line
    let f = try compile(inputs: [x], outputs: [sum(tanh(y) * 2)], options: options)
    #expect(throws: Never.self) { _ = try f(Tensor([1, 2, 3] as [Float])) as Tensor }
    let found = try #require(diagnostic { _ = try f(Tensor([2, 3, -4] as [Float])) as Tensor })
    let text = "\(found)"
    #expect(found.code == .notFinite && text.contains("log gives NaN at [2]"), "\(text)")
    #expect(
      text.contains("-5.0 to 2.0") && text.contains("DebuggingTests.swift:\(line)"), "\(text)")
    options.checkNumerics = .nanAndInfinity
    let g = try compile(inputs: [x], outputs: [sum(tanh(y) * 2)], options: options)
    let infinite = try #require(diagnostic { _ = try g(Tensor([1, 2] as [Float])) as Tensor })
    #expect("\(infinite)".contains("log gives infinity at [0]"), "\(infinite)")
  }

  @Test(arguments: ways.indices)
  func `a number that is not finite is found within a loop, and an update is not made`(
    _ way: Int
  ) throws {
    var options = Self.ways[way]
    options.checkNumerics = .nanAndInfinity
    let w = Expr.variable("w", .ones(.float64, []))
    let xs = Expr.input("xs", .float64, ["time", 2])
    let last = scan(xs, from: Expr.ones(.float64, [2])) { h, x in sqrt(h * x) }.last
    let f = try compile(inputs: [xs], outputs: [last], updates: [w: w + 1], options: options)
    #expect(
      try (f(Tensor([[1, 1], [4, 9]] as [[Double]])) as Tensor).doubles == [2, 3])
    let found = try #require(
      diagnostic { _ = try f(Tensor([[1, 1], [4, -9]] as [[Double]])) as Tensor })
    #expect(found.code == .notFinite && "\(found)".contains("sqrt gives NaN"), "\(found)")
    #expect(w.value.doubles == [2])
  }

  @Test(arguments: ways.indices)
  func `values are shown while the function runs, those of loops step by step`(_ way: Int) throws {
    let lines = Mutex<[String]>([])
    var options = Self.ways[way]
    options.print = { line in lines.withLock { $0.append(line) } }
    let x = Expr.input("x", .float32, ["n"])
    let shown = printed(x * 2, "twice")
    let sum = scan(steps: 3, from: sum(shown)) { printed($0 + 1, "state") }.last
    let f = try compile(inputs: [x], outputs: [sum], options: options)
    #expect(try (f(Tensor([1, 2] as [Float])) as Tensor).doubles == [9])
    let expected = [
      "twice: float32 [2] [2. 4.]", "state: float32 [] 7.0", "state: float32 [] 8.0",
      "state: float32 [] 9.0",
    ]
    #expect(lines.withLock { $0 } == expected)
    // Nothing depends on it: it is not computed, and not shown.
    lines.withLock { $0 = [] }
    _ = printed(x, "unused")
    let g = try compile(inputs: [x], outputs: [x + 1], options: options)
    _ = try g(Tensor([1, 2] as [Float])) as Tensor
    #expect(lines.withLock { $0 }.isEmpty)
  }

  @Test func `recomputing takes less memory, and gives the same numbers`() throws {
    let x = Expr.input("x", .float32, [64, 64])
    let w = (0..<16).map { Expr.input("w\($0)", .float32, [64, 64]) }
    func loss(_ part: (() -> Expr) -> Expr) -> Expr {
      var h = x
      for block in 0..<4 {
        let input = h
        h = part { (0..<4).reduce(input) { tanh(matmul($0, w[4 * block + $1])) } }
      }
      return sum(h * h)
    }
    func function(_ loss: Expr) throws -> CompiledFunction {
      try compile(
        inputs: [x] + w, outputs: [gradient(of: loss, withRespectTo: w[0])],
        options: CompileOptions(mode: .fast))
    }
    let plain = try function(loss { $0() })
    let again = try function(loss { recompute($0) })
    let (kept, saved) = (
      try #require(plain.plan.workspaceBytes.evaluated(names: [Program.workers: 1])),
      try #require(again.plan.workspaceBytes.evaluated(names: [Program.workers: 1]))
    )
    // 16 values are kept without it, 4 and those of one block with it.
    #expect(Double(saved) < 0.7 * Double(kept), "\(saved) of \(kept)")
    let arguments = (0..<17).map {
      Tensor.normal(.float32, [64, 64], standardDeviation: 0.15, seed: UInt64($0 + 1))
    }
    #expect(try plain.outputs(arguments)[0].identical(to: again.outputs(arguments)[0]))
  }
}
