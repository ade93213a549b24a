import GnomonLayers

/// A training step written with layers, of the model that a workload writes with expressions.
struct LayerStep: Sendable {
  /// The workload.
  let name: String
  let inputs: [Tensor]
  let targets: [Tensor]
  /// The same step written with expressions, where it is not the workload of that name.
  var expressions: (@Sendable () throws -> CompiledFunction)?
  let model: @Sendable () throws -> Model

  static let all = [
    LayerStep(
      name: "cnn_train_b128", inputs: [Hashed.fill([128, 28, 28, 1], 37, 0, 1)],
      targets: [Hashed.ints(128, 38, 10)]
    ) {
      let model = Sequential([
        Conv2D(32, kernelSize: 3, activation: .relu, inputShape: [28, 28, 1]),
        Conv2D(64, kernelSize: 3, activation: .relu), MaxPooling2D(poolSize: 2), Dropout(0.25),
        Flatten(), Dense(128, activation: .relu), Dropout(0.5), Dense(10),
      ])
      try model.compile(
        optimizer: .adam(), loss: .sparseCategoricalCrossEntropy(fromLogits: true))
      return model
    },
    LayerStep(
      name: "mlp_train_b128", inputs: [Hashed.fill([128, 784], 32, 0, 1)],
      targets: [Hashed.ints(128, 33, 10)]
    ) {
      let model = Sequential([
        Dense(512, activation: .relu, inputShape: [784]), Dense(512, activation: .relu), Dense(10),
      ])
      try model.compile(
        optimizer: .sgd(learningRate: 0.01, momentum: 0.9),
        loss: .sparseCategoricalCrossEntropy(fromLogits: true))
      return model
    },
    // The workload knows how large a batch is.
    lstm("lstm_train", batch: 32, expressions: nil),
    // With a step for batches of any size the layer is given the sequences of a batch one after the
    // other.
    lstm("lstm_train_any_batch", batch: "batch") {
      let x = Expr.input("x", .float32, ["batch", 64, 128])
      let target = Expr.input("target", .float32, ["batch", 256])
      return try lstmTraining(x.swapAxes(0, 1), target, inputs: [x, target]).step
    },
    LayerStep(
      name: "link_train_dense",
      inputs: [Hashed.ints(1024, 57, 10000), Hashed.ints(1024, 58, 10000)],
      targets: [Hashed.ints(1024, 59, 2).cast(to: .float32)]
    ) {
      let (u, v) = (Input(shape: [], dtype: .int64), Input(shape: [], dtype: .int64))
      let embedding = Embedding(10000, 64)
      let z = Pair(32)(embedding(u), embedding(v))
      let model = Model(inputs: [u, v], outputs: Dense(1)(Dense(10)(z)).squeezed(axis: 1))
      try model.compile(
        optimizer: .sgd(learningRate: 0.1), loss: .binaryCrossEntropy(fromLogits: true))
      return model
    },
  ]

  private static func lstm(
    _ name: String, batch: Dim, expressions: (@Sendable () throws -> CompiledFunction)?
  ) -> LayerStep {
    LayerStep(
      name: name, inputs: [Hashed.fill([32, 64, 128], 46, -1, 1)],
      targets: [Hashed.fill([32, 256], 50, -1, 1)], expressions: expressions
    ) {
      let x = Input(shape: [64, 128], batch: batch)
      let model = Model(inputs: [x], outputs: LSTM(256)(x))
      try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError)
      return model
    }
  }

  /// The compiled step, after one batch.
  func function() throws -> (step: CompiledFunction, arguments: [Tensor], model: Model) {
    let model = try model()
    try model.trainOnBatch(inputs, targets)
    guard let step = model.trainingStep.function else {
      throw BenchmarkError("\(name): no step was compiled")
    }
    return (step, inputs + targets, model)
  }
}

/// What two vectors have in common: `tanh(u v W₊ + |u - v| W₋ + b)`.
private final class Pair: Layer {
  private let units: Int
  private var angle, distance, bias: Expr!

  init(_ units: Int) {
    self.units = units
    super.init()
  }

  override func build(inputShape: [Dim]) {
    angle = addWeight("angle", shape: [inputShape[1], Dim(units)])
    distance = addWeight("distance", shape: [inputShape[1], Dim(units)])
    bias = addWeight("bias", shape: [Dim(units)], initializer: .zeros)
  }

  override func call(_ x: [Expr]) -> [Expr] {
    [tanh(matmul(x[0] * x[1], angle) + matmul(abs(x[0] - x[1]), distance) + bias)]
  }
}
