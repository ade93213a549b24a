import Gnomon
import GnomonKernels
import Testing

/// How many kernels well-known formulas become.
@Suite struct KernelCountTests {
  let x = Expr.input("x", .float32, ["batch", 64])
  let labels = Expr.input("labels", .int32, ["batch"])

  private func stages(
    _ outputs: [Expr], _ inputs: [Expr], updates: [(variable: Expr, becomes: Expr)] = []
  ) throws -> Stages {
    let request = outputs + updates.map(\.becomes)
    #expect(Expr.diagnostics(of: request).isEmpty)
    let variables = Graph.parameters(of: request, givens: []).filter { e in
      !inputs.contains { $0.id == e.id }
    }
    return try Stages(
      Graph.build(
        name: "counted", inputs: inputs, variables: variables, results: outputs, updates: updates))
  }

  /// The kernels of the program that runs; a region of its graph is one each.
  private func kernels(_ stages: Stages) -> Int {
    let count = stages.program.steps.count { if case .run = $0 { true } else { false } }
    #expect(stages.fused.instructions.count { $0.op is Fused } <= count)
    return count
  }

  @Test func `softmax is one kernel`() throws {
    let stages = try stages([softmax(x)], [x])
    #expect(kernels(stages) == 1)
  }

  @Test func `layer normalization is one kernel`() throws {
    let scale = Expr.input("scale", .float32, [64])
    let shift = Expr.input("shift", .float32, [64])
    let y = layerNormalization(x, scale: scale, offset: shift)
    let stages = try stages([y], [x, scale, shift])
    #expect(kernels(stages) == 1)
  }

  @Test func `a log-softmax loss with its gradient is one kernel and a check of the labels`() throws
  {
    let loss = softmaxCrossEntropy(logits: x, labels: labels)
    let d = gradient(of: mean(loss), withRespectTo: x)
    let stages = try stages([loss, d], [x, labels])
    // The labels are checked by a loop of their own, before anything is written.
    #expect(kernels(stages) == 2)
    #expect(stages.fused.instructions.count { $0.op is Fused } == 1)
    #expect(stages.program.steps.count == 3)  // the check, its return, the kernel
  }

  @Test func `the momentum update of a parameter is one kernel, in place`() throws {
    let w = Expr.variable("w", .zeros(.float32, [64, 10]))
    let v = Expr.variable("v", .zeros(.float32, [64, 10]))
    let g = Expr.input("g", .float32, [64, 10])
    let velocity = 0.9 * v - 0.1 * g
    let stages = try stages([], [g], updates: [(v, velocity), (w, w + velocity)])
    #expect(kernels(stages) == 1)
    #expect(stages.program.updates.map(\.memory) == [.inPlace, .inPlace])
    #expect(stages.program.slots.isEmpty)
  }

  @Test(arguments: [3, 500])
  func `the state of a loop is written to the result and one more place in turn, never copied`(
    steps: Int
  ) throws {
    let start = Expr.input("start", .float32, [64, 64])
    let w = Expr.input("w", .float32, [64, 64])
    let stages = try stages(
      [scan(steps: Dim(steps), from: start) { matmul($0, w) }.last], [start, w])
    guard case .loop(let loop) = stages.program.steps.first, stages.program.steps.count == 1,
      case .run(_, let buffers) = loop.steps.first, loop.steps.count == 1,
      case .alternating(let first, .slot(let other)) = loop.carries[0].target
    else {
      Issue.record("not one loop of one product: \(stages.program.steps)")
      return
    }
    #expect(loop.carries[0].initial == .input(0) && first == .output(0))
    #expect(stages.program.slots[other].bytes == Dim(64 * 64 * 4))
    #expect(buffers.contains(.carry(loop: loop.number, 0)))
    #expect(buffers.contains(.next(loop: loop.number, 0)))
  }

  @Test func `a dense layer with relu is one kernel`() throws {
    let w = Expr.input("w", .float32, [64, 10])
    let b = Expr.input("b", .float32, [10])
    let stages = try stages([relu(matmul(x, w) + b)], [x, w, b])
    #expect(kernels(stages) == 1)
  }

  @Test func `a sequence that a loop and the loop of its gradient run over is copied once`() throws
  {
    let sequences = Expr.input("sequences", .float32, ["batch", 5, 64])
    let w = Expr.input("w", .float32, [64])
    let states = scan(sequences.swapAxes(0, 1), from: Expr.zeros(.float32, ["batch", 64])) { h, x in
      tanh(h * w) * x + x
    }
    let d = gradient(of: sum(states.last), withRespectTo: w)
    let stages = try stages([d], [sequences, w])
    let copies = stages.fused.instructions.filter { i in
      i.op is Fused && i.operands.contains { stages.fused.values[$0.index].name == "sequences" }
    }
    #expect(copies.count == 1 && copies[0].results.count == 1, "\(stages.fused.text())")
  }
}
