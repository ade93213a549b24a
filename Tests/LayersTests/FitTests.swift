import Foundation
import GnomonLayers
import Testing

/// Training as a whole: what `fit`, `evaluate` and `predict` do with small models.
@Suite(.serialized, .seeded) struct FitTests {
  /// Points in the plane and the side of a line that they lie on.
  private static func points(_ n: Int, seed: UInt64 = 1) -> (x: Tensor, y: Tensor) {
    let x = Tensor.uniform(.float32, [n, 2], low: -1, high: 1, seed: seed)
    let v = x.doubles
    let y = (0..<n).map { v[2 * $0] + 0.5 * v[2 * $0 + 1] > 0.1 ? Float(1) : 0 }
    return (x, Tensor(y))
  }

  private func classifier(seed: UInt64 = 3) throws -> Sequential {
    RandomSeeds.reset(to: seed)
    let model = Sequential([
      Dense(8, activation: .tanh, inputShape: [2]), Dense(1, activation: .sigmoid),
    ])
    try model.compile(
      optimizer: .adam(learningRate: 0.02), loss: "binary_crossentropy", metrics: ["accuracy"])
    return model
  }

  @Test func `a model learns, and says how well`() throws {
    let model = try classifier()
    let (x, y) = Self.points(500)
    let history = try model.fit(
      x, y, batchSize: 32, epochs: 12, verbose: 0, validationSplit: 0.2)
    #expect(history.epochs == Array(0..<12))
    #expect(history.names == ["loss", "accuracy", "val_loss", "val_accuracy"])
    #expect(history["loss"][11] < 0.5 * history["loss"][0])
    #expect(history["val_accuracy"][11] > 0.9)
    let (testX, testY) = Self.points(300, seed: 9)
    let logs = try model.evaluate(testX, testY, verbose: 0)
    let p = try model.predict(testX)
    #expect(p.shape == [300, 1])
    // The accuracy is that of the predictions.
    let right = zip(p.doubles, testY.doubles).count { ($0 > 0.5 ? 1 : 0) == $1 }
    let share = try #require(logs["accuracy"])
    #expect(abs(share - Double(right) / 300) < 1e-6)
    #expect(model.trainingStep.optimizedIR.contains("func @train"))
  }

  @Test func `a whole run is repeatable to the bit, with any number of threads`() throws {
    let (x, y) = Self.points(200)
    func run(threads: Int) throws -> [Tensor] {
      RandomSeeds.reset(to: 5)
      let model = Sequential([
        Dense(16, activation: .relu, inputShape: [2]), Dropout(0.3), Dense(1),
      ])
      try model.compile(
        optimizer: .adam(), loss: .binaryCrossEntropy(fromLogits: true),
        options: CompileOptions(threads: threads))
      try model.fit(x, y, batchSize: 30, epochs: 3, verbose: 0)
      return model.weightValues
    }
    let first = try run(threads: 2)
    for (a, b) in zip(first, try run(threads: 2)) { #expect(a.identical(to: b)) }
    for (a, b) in zip(first, try run(threads: 1)) { #expect(a.identical(to: b)) }
  }

  @Test func `the last small batch and other batch sizes run in the same compiled step`() throws {
    let model = try classifier()
    let (x, y) = Self.points(70)
    try model.fit(x, y, batchSize: 32, verbose: 0)
    let first = try #require(model.trainingStep.function)
    try model.fit(x, y, batchSize: 7, verbose: 0)
    #expect(model.trainingStep.function === first)
    let steps = try model.optimizer?.iterations.value.item()
    #expect(steps == 13)
  }

  @Test func `a size that the model leaves open may differ from batch to batch`() throws {
    let x = Input(shape: ["time", 2])
    let model = Model(inputs: x, outputs: Dense(1)(x))
    try model.compile(
      optimizer: "sgd", loss: "mse", options: CompileOptions(interpreted: true))
    for time in [3, 5, 4] {
      try model.trainOnBatch(
        Tensor.ones(.float32, [2, time, 2]), Tensor.zeros(.float32, [2, time, 1]))
    }
    #expect(model.trainingStep.ir.contains("f32[batch, time, 2]"))
    #expect(try model.optimizer?.iterations.value.item() == 3.0)
  }

  @Test func `freezing a layer between two runs takes another step`() throws {
    let hidden = Dense(2, kernelInitializer: .ones, inputShape: [2])
    let model = Sequential([hidden, Dense(1, kernelInitializer: .ones)])
    try model.compile(
      optimizer: .sgd(learningRate: 0.01), loss: "mse", options: CompileOptions(interpreted: true))
    let (x, y) = Self.points(8)
    try model.fit(x, y, verbose: 0)
    hidden.trainable = false
    let before = model.weightValues
    try model.fit(x, y, verbose: 0)
    #expect(model.weightValues[0].identical(to: before[0]))
    #expect(!model.weightValues[2].identical(to: before[2]))
  }

  @Test func `the mean loss of an epoch counts samples, not batches`() throws {
    let model = Sequential([Dense(1, useBias: false, kernelInitializer: .ones, inputShape: [1])])
    try model.compile(optimizer: .sgd(learningRate: 0.0), loss: .meanSquaredError)
    let x = Tensor([[1], [1], [4]] as [[Float]])
    let logs = try model.evaluate(x, Tensor.zeros(.float32, [3, 1]), batchSize: 2, verbose: 0)
    #expect(logs["loss"] == 6)
  }

  @Test func `data of another dtype are converted within the step`() throws {
    let model = Sequential([Dense(3, activation: .softmax, inputShape: [4])])
    try model.compile(
      optimizer: "sgd", loss: .sparseCategoricalCrossEntropy, metrics: [.accuracy])
    let bytes = Tensor([[1, 2, 3, 4], [5, 6, 7, 8]] as [[UInt8]])
    try model.fit(bytes, Tensor([0, 2] as [UInt8]), verbose: 0)
    #expect(model.trainingStep.ir.contains("u8[batch, 4]"))
    let p = try model.predict(bytes)
    #expect(p.dtype == .float32)
    let same = try model.predict(bytes.cast(to: .float32))
    #expect(p.identical(to: same))
  }

  @Test func `sample and class weights weigh the loss`() throws {
    let model = Sequential([Dense(1, useBias: false, kernelInitializer: .ones, inputShape: [1])])
    try model.compile(
      optimizer: .sgd(learningRate: 0.0), loss: .meanSquaredError,
      metrics: [.meanAbsoluteError], weightedMetrics: [.meanAbsoluteError])
    let x = Tensor([[1], [2]] as [[Float]])
    let y = Tensor([0, 1] as [Float])
    // Squares 1 and 1; with weights 1 and 3 their mean over two samples is 2.
    let logs = try model.evaluate(
      x, y, sampleWeights: Tensor([1, 3] as [Float]), verbose: 0)
    #expect(logs["loss"] == 2)
    #expect(logs.names == ["loss", "mean_absolute_error", "weighted_mean_absolute_error"])
    let history = try model.fit(
      x, y, verbose: 0, classWeights: [0: 5, 1: 1])
    #expect(history["loss"] == [3])
  }

  @Test func `regularizers add to the loss and constraints hold after each step`() throws {
    let model = Sequential([
      Dense(
        1, useBias: false, kernelInitializer: .ones, kernelRegularizer: .l2(0.5),
        kernelConstraint: .maxNorm(0.25), inputShape: [1])
    ])
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError)
    let x = Tensor([[1]] as [[Float]])
    let history = try model.fit(x, Tensor([[2]] as [[Float]]), epochs: 2, verbose: 0)
    #expect(history["loss"][0] == 1.5)
    let weight = try model.weightValues[0].item()
    #expect(abs(weight - 0.25) < 1e-6)
  }

  @Test func `a model of two inputs and two outputs has a loss for each`() throws {
    RandomSeeds.reset(to: 2)
    let (a, b) = (Input(shape: [2], name: "a"), Input(shape: [3], name: "b"))
    let hidden = concatenate([a, b], axis: 1)
    let model = Model(
      inputs: [a, b],
      outputs: [
        Dense(1, name: "left")(hidden), Dense(2, activation: .softmax, name: "right")(hidden),
      ])
    try model.compile(
      optimizer: "adam", losses: ["mse", "sparse_categorical_crossentropy"], lossWeights: [1, 0.5],
      metrics: [["mae"], ["accuracy"]])
    let x = [
      Tensor.uniform(.float32, [10, 2], seed: 1), Tensor.uniform(.float32, [10, 3], seed: 2),
    ]
    let y = [Tensor.uniform(.float32, [10, 1], seed: 3), Tensor.zeros(.int32, [10])]
    let logs = try model.evaluate(x, y, verbose: 0)
    #expect(logs.names == ["loss", "left_loss", "right_loss", "left_mae", "right_accuracy"])
    let (total, left, right) = (logs["loss"]!, logs["left_loss"]!, logs["right_loss"]!)
    #expect(abs(total - (left + 0.5 * right)) < 1e-5)
    #expect(try model.predict(x).map(\.shape) == [[10, 1], [10, 2]])
  }

  @Test func `steps of single batches add up to the figures of an epoch`() throws {
    let (x, y) = Self.points(64)
    let fitted = try classifier()
    let history = try fitted.fit(x, y, batchSize: 32, verbose: 0, shuffle: false)
    let single = try classifier()
    try single.trainOnBatch(x.rows(0..<32), y.rows(0..<32))
    let logs = try single.trainOnBatch(x.rows(32..<64), y.rows(32..<64))
    #expect(logs["loss"] == history["loss"][0])
    for (a, b) in zip(fitted.weightValues, single.weightValues) { #expect(a.identical(to: b)) }
    single.resetMetrics()
    #expect(try single.testOnBatch(x, y)["loss"]! > 0)
  }

  // MARK: - Mistakes

  @Test func `fit without compile is a mistake with a remedy`() {
    let model = Sequential([Dense(1, inputShape: [2])])
    let error = #expect(throws: GnomonError.self) {
      try model.fit(Tensor.zeros(.float32, [4, 2]), Tensor.zeros(.float32, [4]))
    }
    #expect(error?.diagnostics.map(\.code) == [.notCompiled])
  }

  @Test func `names that nothing has are reported when the model is compiled`() {
    let model = Sequential([Dense(1, inputShape: [2])])
    let error = #expect(throws: GnomonError.self) {
      try model.compile(optimizer: "adamm", loss: "msee", metrics: ["acurracy"])
    }
    #expect(error?.diagnostics.map(\.code) == [.unknownName, .unknownName, .unknownName])
  }

  @Test func `tensors with different numbers of samples are refused`() throws {
    let model = try classifier()
    let error = #expect(throws: GnomonError.self) {
      try model.fit(Tensor.zeros(.float32, [4, 2]), Tensor.zeros(.float32, [3]))
    }
    #expect(error?.diagnostics.map(\.code) == [.dataMismatch])
  }

  @Test func `a variable that no layer owns is refused, and its line named`() throws {
    let stray = Expr.variable("stray", .ones(.float32, [2]))
    let model = Sequential([Lambda { x in x * stray }, Dense(1)])
    try model.compile(optimizer: "adam", loss: "mse")
    let error = #expect(throws: GnomonError.self) {
      try model.fit(Tensor.zeros(.float32, [4, 2]), Tensor.zeros(.float32, [4, 1]))
    }
    #expect(error?.diagnostics.map(\.code) == [.unregisteredVariable])
    #expect("\(error!)".contains("FitTests.swift"))
  }

  @Test func `data of another width are refused at the call`() throws {
    let model = try classifier()
    #expect(throws: GnomonError.self) {
      try model.fit(Tensor.zeros(.float32, [4, 3]), Tensor.zeros(.float32, [4]), verbose: 0)
    }
  }

  @Test func `a batch is predicted as all of the data are`() throws {
    let model = try classifier()
    let (x, _) = Self.points(7)
    #expect(try model.predictOnBatch(x).identical(to: try model.predict(x, batchSize: 7)))
  }
}
