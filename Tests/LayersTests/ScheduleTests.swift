import GnomonLayers
import Testing

@Suite(.seeded) struct ScheduleTests {
  static let rows: [Named<any LearningRate>] = [
    Named("exponential", "", .exponentialDecay(0.1, steps: 10, rate: 0.5)),
    Named(
      "exponential/stairs", "", .exponentialDecay(0.1, steps: 10, rate: 0.5, staircase: true)),
    Named("inverse", "", .inverseTimeDecay(0.1, steps: 10, rate: 0.5)),
    Named("inverse/stairs", "", .inverseTimeDecay(0.1, steps: 10, rate: 0.5, staircase: true)),
    Named("polynomial", "", .polynomialDecay(0.1, steps: 20, end: 0.01, power: 2)),
    Named("polynomial/cycles", "", .polynomialDecay(0.1, steps: 10, end: 0.01, cycles: true)),
    Named(
      "piecewise", "",
      .piecewiseConstantDecay(boundaries: [1, 10, 20], values: [0.1, 0.05, 0.02, 0.01])),
    Named("cosine", "", .cosineDecay(0.1, steps: 20, alpha: 0.1)),
    Named("cosine/warmup", "", .cosineDecay(0.01, steps: 20, warmupTarget: 0.1, warmupSteps: 10)),
    Named(
      "restarts", "",
      .cosineDecayRestarts(0.1, firstSteps: 10, stepFactor: 2, rateFactor: 0.8, alpha: 0.05)),
    Named(
      "restarts/equal", "",
      .cosineDecayRestarts(0.1, firstSteps: 10, stepFactor: 1, rateFactor: 0.9)),
  ]

  @Test(arguments: rows) func `a schedule gives Keras' rates`(row: Named<any LearningRate>) throws {
    let step = Expr.input("step", .float32, [])
    let rate = try compile(
      inputs: [step], outputs: [row.value.rate(at: step)],
      options: CompileOptions(name: "rate", interpreted: true))
    let steps = try Keras.array("schedule/steps").doubles
    let found = try steps.map { try rate(Tensor($0, dtype: .float32)).item() }
    try Keras.expect(Tensor(found), "schedule/\(row.name)", atol: 1e-8)
  }

  @Test func `boundaries without their values are a mistake`() {
    let rate = PiecewiseConstantDecay(boundaries: [1, 2], values: [0.1]).rate(
      at: .zeros(.float32, []))
    #expect(throws: GnomonError.self) { try evaluate(rate) }
  }

  @Test func `the rate of a scheduled optimizer is that of its next step`() throws {
    let optimizer = Optimizer.sgd(learningRate: .exponentialDecay(0.1, steps: 2, rate: 0.5))
    #expect(abs(optimizer.learningRate - 0.1) < 1e-7)
    optimizer.iterations.value = Tensor(2, dtype: .int64)
    #expect(abs(optimizer.learningRate - 0.05) < 1e-7)
  }
}
