import GnomonLayers
import Testing

/// Layers whose formula depends on `trainable`, which is read when a model is compiled.
@Suite(.seeded) struct FreezingTests {
  private let x = Tensor.normal(.float32, [32, 3], mean: 2, standardDeviation: 3, seed: 1)
  private let y = Tensor.normal(.float32, [32, 2], seed: 2)

  private func compile(_ model: Model) throws {
    try model.compile(
      optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError,
      options: CompileOptions(interpreted: true))
  }

  /// The moving averages, and the loss of a step on a batch whose own moments they are not.
  private func step(_ model: Model, _ norm: BatchNormalization) throws -> (
    moved: Bool, loss: Double
  ) {
    let before = norm.nonTrainableWeights.map(\.variable.value)
    model.resetMetrics()
    let loss = try #require(try model.trainOnBatch(x, y)["loss"])
    let after = norm.nonTrainableWeights.map(\.variable.value)
    return (!zip(before, after).allSatisfy { $0.identical(to: $1) }, loss)
  }

  @Test(arguments: [true, false])
  func `batch normalization that was frozen is a fixed map, and thawed one is not`(
    _ isFunctional: Bool
  ) throws {
    let norm = BatchNormalization(momentum: 0.5, name: "norm")
    let dense = Dense(2, name: "dense")
    let model: Model
    if isFunctional {
      let x = Input(shape: [3])
      model = Model(inputs: x, outputs: dense(norm(x)))
    } else {
      model = Sequential([norm, dense])
      try model.build(for: [TensorType(.float32, ["batch", 3])])
    }
    try compile(model)
    #expect(try step(model, norm).moved)

    norm.trainable = false
    dense.trainable = false
    try compile(model)
    // A weight must be trained for a step: the loss is that of evaluation when the layer is fixed.
    let frozen = try step(model, norm)
    let evaluated = try #require(try model.evaluate(x, y, verbose: 0)["loss"])
    #expect(!frozen.moved)
    #expect(abs(frozen.loss - evaluated) < 1e-5)

    norm.trainable = true
    try compile(model)
    let thawed = try step(model, norm)
    #expect(thawed.moved)
    #expect(abs(thawed.loss - evaluated) > 1e-3)
  }

  @Test func `batch normalization within a model that is frozen is frozen too`() throws {
    let norm = BatchNormalization(momentum: 0.5, name: "norm")
    let base = Sequential([norm, Dense(3, name: "inner")], name: "base")
    let input = Input(shape: [3])
    let model = Model(inputs: input, outputs: Dense(2, name: "head")(base(input)))
    base.trainable = false
    try compile(model)
    let weights = base.weightValues
    #expect(try !step(model, norm).moved)
    #expect(zip(weights, base.weightValues).allSatisfy { $0.identical(to: $1) })
  }
}
