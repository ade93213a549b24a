import Foundation
import GnomonLayers
import Testing

@Suite(.seeded) struct OptimizerPartsTests {
  @Test func `parameters of a part are changed by its optimizer, the others by the whole's`() throws
  {
    let start = try (0..<2).map { try Keras.array("optimizer/start/\($0)") }
    let parameters = start.enumerated().map { Expr.variable("p\($0)", $1) }
    let inputs = parameters.enumerated().map { Expr.input("g\($0)", .float32, $1.shape) }
    let optimizer = Optimizer.sgd(learningRate: 0.1, momentum: 0.9)
      .using(.adam(learningRate: 0.05), for: ["p1"]).clipping(globalNorm: 1e9)
    let step = try compile(
      inputs: inputs, outputs: [],
      updates: optimizer.updates(of: parameters, gradients: inputs),
      options: CompileOptions(name: "step", interpreted: true))
    for k in 0..<5 {
      try step(
        Keras.array("optimizer/gradient/\(k)/0"), Keras.array("optimizer/gradient/\(k)/1")) as Void
    }
    try Keras.expect(parameters[0].value, "optimizer/sgd/momentum/0")
    try Keras.expect(parameters[1].value, "optimizer/adam/1")
    let names = optimizer.variables.map(\.label)
    #expect(Set(names).count == names.count)
    #expect(optimizer.learningRate == 0.1 || abs(optimizer.learningRate - 0.1) < 1e-7)
    #expect(abs(optimizer.parts[0].optimizer.learningRate - 0.05) < 1e-7)
  }

  @Test
  func `two parts of one rule have states of their own, and a part may be left without parameters`()
    throws
  {
    let model = Sequential([
      Dense(3, inputShape: [2], name: "a"), Dense(3, name: "b"), Dense(1, name: "c"),
    ])
    try model.compile(
      optimizer: .adam(learningRate: 0.01)
        .using(.adam(learningRate: 0), for: ["a/"])
        .using(.adam(learningRate: 0.02).clipping(globalNorm: 1), for: ["nothing"]),
      loss: .meanSquaredError, options: CompileOptions(interpreted: true))
    let before = model.weightValues
    try model.fit(
      Tensor.normal(.float32, [8, 2], seed: 1), Tensor.normal(.float32, [8, 1], seed: 2),
      verbose: 0)
    let same = zip(before, model.weightValues).map { $0.identical(to: $1) }
    #expect(same == [true, true, false, false, false, false])
    let path = "\(NSTemporaryDirectory())/\(UUID().uuidString).gnomon"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.save(to: path)
    #expect(try Model.load(from: path).weights.count == 6)
  }

  @Test func `a step of lion is one kernel for each parameter`() throws {
    let p = Expr.variable("p", .normal(.float32, [64, 32], seed: 1))
    let g = Expr.input("g", .float32, [64, 32])
    let step = try compile(
      inputs: [g], outputs: [], updates: Optimizer.lion().updates(of: [p], gradients: [g]),
      options: CompileOptions(interpreted: true))
    // The other one counts the steps.
    #expect(step.kernelCount <= 2, "\(step.optimizedIR)")
  }

  @Test
  func `descent touches only the rows of an embedding that occur, with a rate that may be set`()
    throws
  {
    let model = Sequential([
      Embedding(1000, 4, inputLength: 2, name: "table"), Flatten(), Dense(1, name: "out"),
    ])
    try model.compile(optimizer: .sgd(learningRate: 0.5), loss: .meanSquaredError)
    let table = model.weights[0].variable
    let before = table.value
    let pairs = Tensor([[3, 7], [7, 7], [999, 0]] as [[Int32]])
    try model.trainOnBatch(pairs, Tensor([[1], [2], [3]] as [[Float]]))
    let after = table.value
    let moved = try (0..<1000).filter { try !before.row($0).identical(to: after.row($0)) }
    #expect(moved == [0, 3, 7, 999])
    // No kernel sweeps over the table.
    #expect(!model.trainingStep.optimizedIR.contains("fused %\"table/embeddings\", %\"sgd"))
    #expect(model.trainingStep.optimizedIR.contains("scatter_add %\"table/embeddings\""))
  }

  @Test func `descent touches only the rows that occur where two places look up one embedding`()
    throws
  {
    let (u, v) = (Input(shape: [], dtype: .int64), Input(shape: [], dtype: .int64))
    let table = Embedding(1000, 4, name: "table")
    let model = Model(inputs: [u, v], outputs: sum(table(u) * table(v), axes: 1))
    try model.compile(optimizer: .sgd(learningRate: 0.5), loss: .meanSquaredError)
    let ends = [Tensor([3, 7] as [Int64]), Tensor([7, 999] as [Int64])]
    try model.trainOnBatch(ends, [Tensor([1, 2] as [Float])])
    #expect(!model.trainingStep.optimizedIR.contains("fused %\"table/embeddings\", %\"sgd"))
    #expect(model.trainingStep.optimizedIR.contains("scatter_add %\"table/embeddings\""))
  }

  @Test func `a scaled loss gives the same step, but for gradients that overflow`() throws {
    func step(_ optimizer: Optimizer, x: Float) throws -> Double {
      let p = Expr.variable("p", Tensor(Float(1)))
      let f = try compile(
        inputs: [], outputs: [], updates: optimizer.updates(of: [p], loss: p * Expr(Double(x))),
        options: CompileOptions(interpreted: true))
      _ = try f.outputs([])
      return try p.value.item()
    }
    let rate = 0.25
    let plain = try step(.sgd(learningRate: rate), x: 3)
    #expect(plain == 0.25)
    #expect(try step(.sgd(learningRate: rate).lossScale(1024), x: 3) == plain)
    #expect(try !step(.sgd(learningRate: rate).lossScale(1e30), x: 1e10).isFinite)
  }
}
