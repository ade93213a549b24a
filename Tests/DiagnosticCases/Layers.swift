internal import GnomonIR
internal import GnomonLayers
internal import GnomonTensors

// Layers and models. The first cases are the mistakes of two tutorials on custom layers.

/// The product the wrong way round: `dot(W, x)` for `dot(x, W)`.
private final class TransposedDense: Layer {
  private var kernel: Expr!
  override func build(inputShape: [Dim]) { kernel = addWeight("kernel", shape: [inputShape[1], 32]) }
  override func call(_ x: Expr) -> Expr {
    matmul(kernel, x)
  }
}

/// Weights that are not registered, and would silently never be trained.
private final class UnregisteredDense: Layer {
  private var kernel: Expr!
  override func build(inputShape: [Dim]) {
    kernel = Expr.variable("kernel", .glorotUniform(.float32, [10, 32], seed: 1))
  }
  override func call(_ x: Expr) -> Expr { matmul(x, kernel) }
}

/// The batch axis taken for the features: `inputShape[0]` for `inputShape[1]`.
private final class BatchDense: Layer {
  private var kernel: Expr!
  override func build(inputShape: [Dim]) {
    kernel = addWeight("kernel", shape: [inputShape[0], 32])
  }
  override func call(_ x: Expr) -> Expr { matmul(x, kernel) }
}

private final class WrongShape: Layer {
  override func call(_ x: Expr) -> Expr { concatenate([x, x], axis: 1) }
  override func computeOutputShape(_ s: [Dim]) -> [Dim] { s }
}

private final class NoFormula: Layer {}

/// A layer whose last expression is the call of another layer.
private final class Outer: Layer {
  let inner = Conv2D(8, kernelSize: 3, name: "inner")
  override func call(_ x: Expr) -> Expr {
    return inner(x)
  }
}

private func errors(_ body: () throws -> Void) -> [Diagnostic] {
  do { try body() } catch let error as GnomonError { return error.diagnostics } catch {}
  return []
}

let layerCases: [Case] = [
  Case("layer/transposed-kernel") { () -> Expr in
    TransposedDense(name: "my_dense")(Input(shape: [10], name: "x"))
  },
  Case("layer/unregistered-variable", diagnostics: {
    errors {
      let x = Input(shape: [10], name: "x")
      try Model(inputs: x, outputs: UnregisteredDense(name: "my_dense")(x), name: "m").validate()
    }
  }),
  Case("layer/batch-size-in-weight") { () -> Expr in BatchDense(name: "my_dense")(Input(shape: [10], name: "x")) },
  Case("layer/permute") { () -> Expr in
    Permute(1, 1, name: "permute")(Input(shape: [2, 64], name: "x"))
  },
  Case("layer/output-shape") { () -> Expr in WrongShape(name: "wrong")(Input(shape: [10], name: "x")) },
  Case("layer/no-formula") { () -> Expr in NoFormula(name: "empty")(Input(shape: [10], name: "x")) },
  Case("layer/tail") { () -> Expr in Outer(name: "outer")(Input(shape: [784], name: "x")) },
  Case("layer/rank") { () -> Expr in
    let images = Input(shape: [784], name: "images")
    return Conv2D(32, kernelSize: 3, name: "conv2d")(images)
  },
  Case("layer/input-count") { () -> Expr in
    let x = Input(shape: [10], name: "x")
    return Add(name: "add")(x)
  },
  Case("layer/two-inputs") { () -> Expr in
    let x = Input(shape: [10], name: "x")
    return GnomonLayers.Dense(3, name: "dense")(x, x)
  },
  Case("layer/inner-sizes") { () -> Expr in
    // Built for 10 features, then called on 12.
    let dense = GnomonLayers.Dense(3, name: "dense")
    _ = dense(Input(shape: [10], name: "x"))
    return dense(Input(shape: [12], name: "y"))
  },
  Case("layer/activation-name") { () -> Expr in
    GnomonLayers.Dense(3, activation: "rellu", name: "dense")(Input(shape: [10], name: "x"))
  },
  Case("layer/embedding-floats") { () -> Expr in
    Embedding(10, 3, name: "embedding")(Input(shape: [2], name: "x"))
  },
  Case("layer/weights", diagnostics: {
    errors {
      let dense = GnomonLayers.Dense(3, name: "dense")
      let y = dense(Input(shape: [2], name: "x"))
      try withExtendedLifetime(y) { try dense.setWeights([.zeros(.float32, [2, 3])]) }
    }
  }),
  Case("model/disconnected", diagnostics: {
    errors {
      let (a, b) = (Input(shape: [10], name: "a"), Input(shape: [10], name: "b"))
      try Model(inputs: a, outputs: GnomonLayers.Dense(3, name: "dense")(b), name: "m").validate()
    }
  }),
  Case("model/layer-names", diagnostics: {
    errors {
      let x = Input(shape: [10], name: "x")
      let y = GnomonLayers.Dense(3, name: "dense")(GnomonLayers.Dense(3, name: "dense")(x))
      try Model(inputs: x, outputs: y, name: "m").validate()
    }
  }),
  Case("model/not-built", diagnostics: {
    errors { try Sequential([GnomonLayers.Dense(3, name: "dense")], name: "m").validate() }
  }),
  Case("model/in-sequential", diagnostics: {
    errors {
      let model = Sequential(
        [TransposedDense(inputShape: [10]), GnomonLayers.Dense(3, name: "dense")], name: "m")
      try model.validate()
    }
  }),
  Case("training/not-compiled", diagnostics: {
    errors {
      let model = Sequential([GnomonLayers.Dense(3, inputShape: [2])], name: "m")
      try model.fit(.zeros(.float32, [8, 2]), .zeros(.float32, [8, 3]), verbose: .silent)
    }
  }),
  Case("training/samples-differ", diagnostics: {
    errors {
      let model = Sequential([GnomonLayers.Dense(3, inputShape: [2])], name: "m")
      try model.compile(optimizer: .sgd(), loss: .meanSquaredError)
      try model.fit(.zeros(.float32, [8, 2]), .zeros(.float32, [7, 3]), verbose: .silent)
    }
  }),
  Case("training/targets-of-another-shape") { () -> Expr in
    let predictions = Expr.input("predictions", .float32, ["batch", 10])
    let targets = Expr.input("targets", .float32, ["batch", 9])
    return Loss.meanSquaredError(targets, predictions)
  },
  Case("model/plot-format", diagnostics: {
    errors { try Sequential([GnomonLayers.Dense(3, inputShape: [2])], name: "m").plot(to: "model.png") }
  }),
]
