import GnomonLayers
import Testing

@Suite(.seeded) struct OptimizerTests {
  static let rows: [Named<@Sendable () -> Optimizer>] = [
    Named("sgd") { .sgd(learningRate: 0.1) },
    Named("sgd/momentum") { .sgd(learningRate: 0.1, momentum: 0.9) },
    Named("sgd/nesterov") { .sgd(learningRate: 0.1, momentum: 0.9, nesterov: true) },
    Named("rmsprop") { .rmsprop(learningRate: 0.05) },
    Named("rmsprop/centered") { .rmsprop(learningRate: 0.05, momentum: 0.8, centered: true) },
    Named("adam") { .adam(learningRate: 0.05) },
    Named("adam/amsgrad") { .adam(learningRate: 0.05, amsgrad: true) },
    Named("adamw") { .adamW(learningRate: 0.05, weightDecay: 0.1) },
    Named("adamax") { .adamax(learningRate: 0.05) },
    Named("nadam") { .nadam(learningRate: 0.05) },
    Named("adagrad") { .adagrad(learningRate: 0.05) },
    Named("adadelta") { .adadelta(learningRate: 0.5) },
    Named("adafactor") { .adafactor(learningRate: 0.5) },
    Named("ftrl") { .ftrl(learningRate: 0.1) },
    Named("ftrl/penalties") {
      .ftrl(learningRate: 0.1, l1: 0.01, l2: 0.1, l2Shrinkage: 0.1, beta: 0.2)
    },
    Named("lion") { .lion(learningRate: 0.05) },
    Named("lamb") { .lamb(learningRate: 0.05) },
    Named("muon") { .muon(learningRate: 0.05) },
    Named("schedule_free_adamw") { .scheduleFreeAdamW(learningRate: 0.05, warmupSteps: 3) },
    Named("clip/value") { .sgd(learningRate: 0.1).clipping(value: 0.2) },
    Named("clip/norm") { .sgd(learningRate: 0.1).clipping(norm: 0.5) },
    Named("clip/global") { .sgd(learningRate: 0.1).clipping(globalNorm: 0.5) },
    Named("decay") { .sgd(learningRate: 0.1, momentum: 0.5).weightDecay(0.3) },
    Named("averages") { .adam(learningRate: 0.05).averaging(momentum: 0.8) },
    Named("averages/overwriting") {
      .adam(learningRate: 0.05).averaging(momentum: 0.8, overwritingEvery: 2)
    },
    Named("accumulation") { .adam(learningRate: 0.05).accumulatingGradients(over: 2) },
    Named("schedule") { .sgd(learningRate: .exponentialDecay(0.1, steps: 2, rate: 0.5)) },
  ]

  private struct Run {
    let parameters: [Expr]
    let inputs: [Expr]

    init() throws {
      let start = try (0..<2).map { try Keras.array("optimizer/start/\($0)") }
      parameters = start.enumerated().map { .variable("p\($0)", $1) }
      inputs = parameters.enumerated().map { .input("g\($0)", .float32, $1.shape) }
    }

    func step(_ updates: [(Expr, Expr)]) throws -> CompiledFunction {
      try compile(
        inputs: inputs, outputs: [], updates: updates,
        options: CompileOptions(name: "step", interpreted: true))
    }

    func expect(_ name: String) throws {
      for (i, p) in parameters.enumerated() { try Keras.expect(p.value, "\(name)/\(i)") }
    }
  }

  @Test(arguments: rows) func `five steps lead where Keras' lead`(
    row: Named<@Sendable () -> Optimizer>
  ) throws {
    let run = try Run()
    let optimizer = row.value()
    let step = try run.step(optimizer.updates(of: run.parameters, gradients: run.inputs))
    for k in 0..<5 {
      try step(
        Keras.array("optimizer/gradient/\(k)/0"), Keras.array("optimizer/gradient/\(k)/1")) as Void
    }
    try run.expect("optimizer/\(row.name)")
    if row.name == "averages" {
      optimizer.finishAveraging()
      try run.expect("optimizer/averages/final")
    }
  }

  @Test func `a step whose gradients are not finite is skipped, and the loss scale halves`() throws
  {
    let run = try Run()
    let optimizer = Optimizer.sgd(learningRate: 0.1).dynamicLossScale(initial: 8, growthSteps: 2)
    // A loss whose gradients are the inputs.
    let loss = zip(run.parameters, run.inputs).map { sum($0 * $1) }
    let step = try run.step(optimizer.updates(of: run.parameters, loss: loss[0] + loss[1]))
    for k in 0..<5 {
      var g = try (0..<2).map { try Keras.array("optimizer/gradient/\(k)/\($0)") }
      if k == 2 {
        var values = g[1].doubles
        values[0] = .infinity
        g[1] = Tensor(values, dtype: .float32)
      }
      try step(g[0], g[1]) as Void
    }
    try run.expect("optimizer/scale")
    let factor = try #require(optimizer.variables.first { $0.name == "sgd/loss_scale" })
    try Keras.expect(factor.value, "optimizer/scale/factor")
    #expect(try optimizer.iterations.value.item() == 4)
  }

  @Test(arguments: [
    "sgd", "sgd/momentum", "rmsprop", "rmsprop/centered", "adam", "adam/amsgrad", "adamw",
    "adamax", "nadam", "adagrad", "adadelta", "ftrl", "clip/value", "decay", "averages",
    "accumulation",
  ]) func `the update of a parameter is one kernel`(name: String) throws {
    let make = try #require(Self.rows.first { $0.name == name }).value
    func kernels(_ count: Int) throws -> (count: Int, ir: String) {
      let inputs = (0..<count).map { Expr.input("g\($0)", .float32, [64, Dim(10 + $0)]) }
      let parameters = (0..<count).map { i in
        Expr.variable("p\(i)", .ones(.float32, [64, 10 + i]))
      }
      let optimizer = make()
      let step = try compile(
        inputs: inputs, outputs: [],
        updates: optimizer.updates(of: parameters, gradients: inputs),
        options: CompileOptions(name: "step", interpreted: true))
      return (step.kernelCount, step.optimizedIR)
    }
    // What is common to all parameters does not count.
    let (three, two) = (try kernels(3), try kernels(2))
    #expect(three.count - two.count == 1, "\(two.ir)")
  }

  @Test func `parameters of different shapes each take one pass, the number of steps one update`()
    throws
  {
    // All of them need what the number of steps makes, and their axes have common extents.
    let shapes = [[24, 16], [16], [16, 16], [16], [16, 3], [3], []]
    func trained(interpreted: Bool) throws -> [Tensor] {
      let parameters = shapes.enumerated().map { Expr.variable("p\($0)", .ones(.float32, $1)) }
      let gradients = parameters.enumerated().map { Expr.input("g\($0)", .float32, $1.shape) }
      let optimizer = Optimizer.adam()
      let step = try compile(
        inputs: gradients, outputs: [],
        updates: optimizer.updates(of: parameters, gradients: gradients),
        options: CompileOptions(name: "step", interpreted: interpreted))
      let data = shapes.enumerated().map {
        Tensor.uniform(.float32, $1, low: -1, high: 1, seed: UInt64($0))
      }
      for _ in 0..<3 { _ = try step.outputs(data) }
      #expect(try optimizer.iterations.value.item() == 3.0)
      return parameters.map(\.value)
    }
    for (a, b) in zip(try trained(interpreted: false), try trained(interpreted: true)) {
      #expect(a.allClose(b, rtol: 1e-6))
    }
  }

  @Test func `the rate can be changed between steps without compiling`() throws {
    let run = try Run()
    let optimizer = Optimizer.sgd(learningRate: 1)
    let step = try run.step(optimizer.updates(of: run.parameters, gradients: run.inputs))
    optimizer.learningRate = 0
    let before = run.parameters[0].value
    try step(Keras.array("optimizer/gradient/0/0"), Keras.array("optimizer/gradient/0/1")) as Void
    #expect(run.parameters[0].value.identical(to: before))
    #expect(optimizer.learningRate == 0)
  }

  @Test func `optimizers are found by Keras' names`() {
    #expect(Optimizer.named("RMSprop")?.name == "rmsprop")
    #expect(Optimizer.named("adam_w")?.name == "adamw")
    #expect(Optimizer.named("adman") == nil)
  }
}
