import GnomonIR
import GnomonKernels
import GnomonOperations
import GnomonTensors
import Testing

/// Loops in every stage: the reference, loop nests and C agree, with one thread and two.
@Suite struct LoopTests {
  /// Checks the results of all stages against the reference and each other.
  func expectAgreement(
    _ inputs: [Expr], _ results: [Expr], _ arguments: [Tensor], optimizes: [Bool] = [false, true],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let graph = try Graph.build(name: "loop", inputs: inputs, results: results)
    for optimizes in optimizes {
      let staged = try StagedProgram(graph, optimizes: optimizes)
      var referee = try Referee(graph, arguments)
      let loops: [Tensor]
      do { loops = try staged.runLoops(arguments) } catch {
        Issue.record("\(error)\n\(staged.fused.text())", sourceLocation: sourceLocation)
        continue
      }
      if let fault = referee.fault(in: loops) {
        Issue.record("\(fault)\n\(staged.fused.text())", sourceLocation: sourceLocation)
      }
      let loaded = try LoadedProgram(staged)
      let one = try loaded.run(arguments)
      for (a, b) in zip(one, loops) {
        #expect(sameBits(a, b), "\(firstDifference(a, b))", sourceLocation: sourceLocation)
      }
      for (a, b) in zip(one, try loaded.run(arguments, threads: 2)) {
        #expect(a.identical(to: b), sourceLocation: sourceLocation)
      }
    }
  }

  func numbers(_ shape: Shape, _ seed: UInt64) -> Tensor {
    .normal(.float32, shape, seed: seed)
  }

  let h0 = Expr.input("h0", .float32, ["n"])
  let xs = Expr.input("xs", .float32, ["time", "n"])

  @Test(arguments: [0, 1, 2, 7], [1, 5, 33])
  func `elementwise steps, forwards and backwards`(_ time: Int, _ n: Int) throws {
    let forward = scan(xs, from: h0) { h, x in tanh(h * 0.5 + x) }
    let backward = scan(xs, from: h0, reversed: true) { h, x in h * x + 1 }
    try expectAgreement(
      [h0, xs], [forward.last, forward.every, backward.last, backward.every],
      [numbers([n], 1), numbers([time, n], 2)])
  }

  @Test(arguments: [0, 1, 4])
  func `a recurrent layer and its derivatives`(_ time: Int) throws {
    let x = Expr.input("x", .float32, ["time", "batch", 5])
    let (w, u) = (Expr.input("w", .float32, [5, 7]), Expr.input("u", .float32, [7, 7]))
    let b = Expr.input("b", .float32, [7])
    let start = Expr.zeros(.float32, ["batch", 7])
    let h = scan(x, from: start) { h, x in tanh(matmul(x, w) + matmul(h, u) + b) }
    let loss = mean(h.last * h.last)
    let d = gradient(of: loss, withRespectTo: [w, u, b, x])
    try expectAgreement(
      [x, w, u, b], [loss, h.every] + d,
      [numbers([time, 3, 5], 1), numbers([5, 7], 2), numbers([7, 7], 3), numbers([7], 4)])
  }

  @Test func `states that pass unchanged, swap, and are given twice`() throws {
    let (a, b) = scan(xs, from: (h0, h0 * 2)) { a, b, x in (b, a + x * 0) }
    let s = scan([xs], from: [h0, h0 + 1, h0 + 2]) { s, x in [s[0], s[0] + x[0], s[0] + x[0]] }
    try expectAgreement(
      [h0, xs], [a.last, a.every, b.last, b.every] + s.flatMap { [$0.last, $0.every] },
      [numbers([9], 1), numbers([5, 9], 2)])
  }

  @Test func `loops in loops and in branches`() throws {
    let nested = scan(xs, from: h0) { h, x in
      let inner = scan(steps: 3, from: h) { g in g * 0.5 + x }
      return inner.last + sum(inner.every, axes: 0)
    }
    let chosen = branch(
      sum(h0) .> 0, then: { scan(xs, from: h0) { $0 + $1 }.every },
      else: { scan(xs, from: h0) { $0 - $1 }.every })
    let inside = scan(xs, from: h0) { h, x in
      branch(sum(h) .> 0, then: { h - x * x }, else: { h + x * x })
    }
    try expectAgreement(
      [h0, xs], [nested.last, nested.every, chosen, inside.last, inside.every],
      [numbers([6], 1), numbers([4, 6], 2)])
  }

  @Test func `reductions and contractions within the step, and integers`() throws {
    let alpha = Expr.input("alpha", .float32, ["n"])
    let t = Expr.input("t", .float32, ["n", "n"])
    let s = scan(xs, from: alpha) { a, x in
      let joined = matmul(a, t) + x
      return joined - logSumExp(joined)
    }
    let count = scan(xs, from: Expr.zeros(.int32, ["n"])) { c, x in
      c + (x .> 0).cast(to: .int32)
    }
    try expectAgreement(
      [alpha, t, xs], [s.last, s.every, count.last],
      [numbers([5], 1), numbers([5, 5], 2), numbers([6, 5], 3)])
  }

  @Test func `an index error in a step is reported`() throws {
    let table = Expr.input("table", .float32, [4])
    let at = Expr.input("at", .int32, ["time", 1])
    let sum = scan(at, from: Expr.zeros(.float32, [1])) { s, i in s + take(table, i) }
    let graph = try Graph.build(name: "bad", inputs: [table, at], results: [sum.last])
    let loaded = try LoadedProgram(StagedProgram(graph))
    let good = Tensor([[0], [3], [1]], dtype: .int32)
    #expect(try loaded.run([Tensor([1, 2, 3, 4], dtype: .float32), good])[0].doubles == [7])
    let bad = Tensor([[0], [9], [1]], dtype: .int32)
    #expect(throws: IndexFailure.self) {
      try loaded.run([Tensor([1, 2, 3, 4], dtype: .float32), bad])
    }
  }

  @Test func `what is not kept takes no memory that grows with the length`() throws {
    let last = scan(xs, from: h0) { h, x in sin(h) + x }.last
    let graph = try Graph.build(name: "last", inputs: [h0, xs], results: [last])
    let staged = try StagedProgram(graph)
    #expect(!staged.program.arenaBytes.names.contains("time"))
  }
}

extension LoopTests {
  @Test func `loops with a condition, on scalars and vectors`() throws {
    let x = Expr.input("x", .float32, ["n"])
    let root = whileLoop(x, maximum: 30, while: { any(abs($0 * $0 - x) .> 1e-3) }) {
      ($0 + x / $0) / 2
    }
    let (_, steps) = whileLoop(
      (sum(x), Expr.constant(0, .int32, at: .unknown)), while: { a, _ in a .> 1 }
    ) { a, n in (a / 2, n + 1) }
    try expectAgreement(
      [x], [root, steps, gradient(of: sum(root), withRespectTo: x)],
      [Tensor([1.5, 2, 9, 16], dtype: .float32)])
  }

  @Test func `maps, jacobians and projections leave no loop behind`() throws {
    let x = Expr.input("x", .float32, [5])
    let w = Expr.input("w", .float32, [5, 4])
    let h = hessian(of: sum(tanh(matmul(x, w))), withRespectTo: x)
    let j = jacobian(of: tanh(matmul(x, w)), withRespectTo: x)
    let (_, mapped) = scan([xs], carrying: []) { _, r in ([], [softmax(r[0]) * 2]) }
    let arguments = [numbers([5], 1), numbers([5, 4], 2), numbers([3, 6], 3)]
    try expectAgreement([x, w, xs], [h, j] + mapped, arguments)
    let graph = try Graph.build(name: "map", inputs: [x, w, xs], results: [h, j] + mapped)
    let staged = try StagedProgram(graph)
    #expect(!staged.fused.instructions.contains { $0.op is Scan })
  }

  @Test func `a loop and its derivative make one forward loop`() throws {
    let w = Expr.input("w", .float32, ["n", "n"])
    let h = scan(xs, from: h0) { h, x in tanh(matmul(h, w) + x) }
    let loss = sum(h.last * h.last)
    let d = gradient(of: loss, withRespectTo: [w, h0])
    let graph = try Graph.build(name: "both", inputs: [h0, xs, w], results: [loss, h.every] + d)
    let staged = try StagedProgram(graph)
    #expect(staged.fused.instructions.count { $0.op is Scan } == 2)
    try expectAgreement(
      [h0, xs, w], [loss, h.every] + d, [numbers([4], 1), numbers([3, 4], 2), numbers([4, 4], 3)])
  }

  /// The kernels that steps run, not those of loops among them.
  private func kernels(_ program: Program, _ steps: [Program.Step]) -> [String] {
    steps.compactMap { if case .run(let k, _) = $0 { program.kernels[k].name } else { nil } }
  }

  @Test(arguments: [1, 3, 20])
  func `panels of what a loop does not change are copied once, before it`(_ batch: Int) throws {
    let h0 = Expr.input("h", .float32, [Dim(batch), 40])
    let (w, u) = (Expr.input("w", .float32, [40, 50]), Expr.input("u", .float32, [40, 50]))
    let h = scan(steps: 5, from: h0) { h in tanh(matmul(tanh(matmul(h, w)), u.transposed())) }
    let arguments = [numbers([batch, 40], 1), numbers([40, 50], 2), numbers([40, 50], 3)]
    try expectAgreement([h0, w, u], [h.last, h.every], arguments)
    let program = try StagedProgram(
      Graph.build(name: "panels", inputs: [h0, w, u], results: [h.last])
    ).program
    let loops = program.steps.compactMap { step -> [Program.Step]? in
      if case .loop(let loop) = step { loop.steps } else { nil }
    }
    // A single row takes what it needs from where it is.
    let copies = kernels(program, program.steps).count { $0.hasSuffix("_panels") }
    #expect(copies == (batch == 1 ? 0 : 2), "\(program.kernels)")
    let inside = kernels(program, Array(loops.joined()))
    #expect(inside.count >= 2 && inside.allSatisfy { !$0.hasSuffix("_panels") })
  }

  @Test func `panels for batches, for loops in loops and for loops with a condition`() throws {
    let a = Expr.input("a", .float32, [3, 4, 20])
    let w = Expr.input("w", .float32, [3, 20, 20])
    let batches = scan(steps: 6, from: a) { h in sin(einsum("bij,bjk->bik", h, w)) }
    // The matrix of the inner loop is a state of the outer one.
    let inner = scan(steps: 4, from: w) { v in
      let x = scan(steps: 5, from: a) { h in sin(einsum("bij,bjk->bik", h, v)) }
      return v * 0.5 + sum(x.last, axes: [1], keepDims: true)
    }
    let short = scan(steps: 3, from: a) { h in sin(einsum("bij,bjk->bik", h, w)) }
    let (x, _) = whileLoop((a, Expr.zeros(.int32, [])), while: { _, n in n .< 7 }) { h, n in
      (sin(einsum("bij,bjk->bik", h, w)), n + 1)
    }
    try expectAgreement(
      [a, w], [batches.last, inner.last, short.last, x],
      [numbers([3, 4, 20], 1), numbers([3, 20, 20], 2)])
  }

  @Test func `what the derivative reads is kept, not what that is computed from`() throws {
    let w = Expr.input("w", .float32, ["n", "n"])
    let u = Expr.input("u", .float32, ["n", "n"])
    let h = scan(xs, from: h0) { h, x in
      let z = matmul(h, w) + matmul(x, u)
      return sigmoid(z) * tanh(z)
    }
    let loss = sum(h.last * h.last)
    let d = gradient(of: loss, withRespectTo: [w, u])
    let graph = try Graph.build(name: "kept", inputs: [h0, xs, w, u], results: [loss] + d)
    let staged = try StagedProgram(graph)
    let loops = staged.fused.instructions.filter { $0.op is Scan }
    try #require(loops.count == 2)
    // The reverse loop reads the sum at each step, and of its two terms nothing.
    #expect((loops[1].op as? Scan)?.sequences == 1, "\(staged.fused.text())")
    try expectAgreement(
      [h0, xs, w, u], [loss] + d,
      [numbers([4], 1), numbers([3, 4], 2), numbers([4, 4], 3), numbers([4, 4], 4)])
  }

  @Test(arguments: [1, 15, 16, 17, 64, 129, 1000])
  func `steps without neighbours run inside one kernel`(_ n: Int) throws {
    let (z, c) = scan(xs, from: (h0, Expr.zeros(.int32, ["n"])), reversed: true) { z, c, x in
      (z * z + x, c + (z .<= 2).cast(to: .int32))
    }
    let power = scan(steps: 9, from: h0) { $0 * h0 }
    let results = [z.last, z.every, c.last, power.last]
    try expectAgreement([h0, xs], results, [numbers([n], 1), numbers([5, n], 2)])
    let staged = try StagedProgram(Graph.build(name: "k", inputs: [h0, xs], results: results))
    #expect(
      staged.program.steps.allSatisfy { if case .loop = $0 { false } else { true } })
  }
}
