import GnomonLayers
import Testing

@Suite(.seeded) struct LossTests {
  static let rows: [Named<Loss>] = [
    Named("mean_squared_error", "real", .meanSquaredError),
    Named("mean_squared_error/steps", "steps", .meanSquaredError),
    Named("mean_squared_error/column", "column", .meanSquaredError),
    Named("mean_absolute_error", "real", .meanAbsoluteError),
    Named("mean_absolute_percentage_error", "positive", .meanAbsolutePercentageError),
    Named("mean_squared_logarithmic_error", "positive", .meanSquaredLogarithmicError),
    Named("cosine_similarity", "real", .cosineSimilarity),
    Named("huber", "real", .huber),
    Named("huber/delta", "real", .huber(delta: 0.3)),
    Named("log_cosh", "real", .logCosh),
    Named("poisson", "positive", .poisson),
    Named("kl_divergence", "share", .klDivergence),
    Named("hinge", "signs", .hinge),
    Named("hinge/binary", "binary", .hinge),
    Named("squared_hinge", "signs", .squaredHinge),
    Named("categorical_hinge", "onehotlogits", .categoricalHinge),
    Named("binary_crossentropy", "binary", .binaryCrossEntropy),
    Named("binary_crossentropy/column", "column", .binaryCrossEntropy),
    Named(
      "binary_crossentropy/logits", "binarylogits",
      .binaryCrossEntropy(fromLogits: true, labelSmoothing: 0.1)),
    Named("binary_focal", "binary", .binaryFocalCrossEntropy),
    Named(
      "binary_focal/balanced", "binarylogits",
      .binaryFocalCrossEntropy(
        balancesClasses: true, alpha: 0.3, gamma: 1.5, fromLogits: true, labelSmoothing: 0.05)),
    Named("categorical_crossentropy", "onehot", .categoricalCrossEntropy),
    Named(
      "categorical_crossentropy/logits", "onehotlogits",
      .categoricalCrossEntropy(fromLogits: true, labelSmoothing: 0.2)),
    Named("categorical_focal", "onehot", .categoricalFocalCrossEntropy),
    Named(
      "categorical_focal/logits", "onehotlogits",
      .categoricalFocalCrossEntropy(alpha: 0.5, gamma: 1.5, fromLogits: true, labelSmoothing: 0.1)),
    Named("sparse", "sparse", .sparseCategoricalCrossEntropy),
    Named("sparse/logits", "sparselogits", .sparseCategoricalCrossEntropy(fromLogits: true)),
    Named("generalized", "sparse", .categoricalGeneralizedCrossEntropy(q: 0.7)),
    Named("dice", "binary", .dice),
    Named("dice/axes", "binary", .dice(axes: [1])),
    Named("tversky", "binary", .tversky(alpha: 0.3, beta: 0.7)),
    Named("circle", "unit", .circle),
  ]

  @Test(arguments: rows) func `a loss has Keras' value and gradient`(row: Named<Loss>) throws {
    try check(row.value, row.name, row.kind)
  }

  private func check(_ loss: Loss, _ name: String, _ kind: String) throws {
    let (targets, predictions) = try Keras.operands(kind)
    let (t, p) = (Expr.constant(targets), Expr.variable("p", predictions))
    try Keras.expect(evaluate(loss(t, p)), "loss/\(name)/value")
    try Keras.expect(
      evaluate(gradient(of: loss(t, p), withRespectTo: p)), "loss/\(name)/gradient")
    try Keras.expect(evaluate(loss.reduced(by: .none)(t, p)), "loss/\(name)/none")
    guard Keras.arrays["loss/\(name)/weighted"] != nil else { return }
    var w = Expr.constant(try Keras.array("weights"))
    if try Keras.array("loss/\(name)/none").rank == 2 { w = w.expanded(axis: 1) }
    try Keras.expect(evaluate(loss(t, p, sampleWeights: w)), "loss/\(name)/weighted")
    let mean = loss.reduced(by: .meanWithSampleWeight)
    try Keras.expect(evaluate(mean(t, p, sampleWeights: w)), "loss/\(name)/mean")
  }

  @Test func `an ignored class counts neither in the sum nor in the number`() throws {
    let ignored = try Int(Keras.operands("sparselogits").targets.element(at: 0))
    try check(
      .sparseCategoricalCrossEntropy(fromLogits: true, ignoredClass: ignored), "sparse/ignored",
      "sparselogits")
  }

  @Test func `a mask takes values out of the mean`() throws {
    let (targets, predictions) = try Keras.operands("steps")
    let (t, p) = (Expr.constant(targets), Expr.constant(predictions))
    let mask = Expr.constant(try Keras.array("mask"))
    let w = Expr.constant(try Keras.array("weights")).expanded(axis: 1)
    let loss = Loss.meanSquaredError
    try Keras.expect(evaluate(loss(t, p, mask: mask)), "loss/masked")
    try Keras.expect(
      evaluate(loss(t, p, sampleWeights: w, mask: mask)), "loss/masked/weighted")
  }

  @Test func `half floats are compared in float32`() throws {
    let p = Expr.constant(Tensor([1000, 2000] as [Float]).cast(to: .float16)).reshaped([1, 2])
    let t = Expr.zeros(.float16, [1, 2])
    #expect(try evaluate(Loss.meanSquaredError(t, p)).item() == 2_500_000)
  }

  @Test func `a loss is found by Keras' names, however they are spelled`() {
    #expect(Loss.named("categorical_crossentropy")?.name == "categorical_crossentropy")
    #expect(Loss.named("SparseCategoricalCrossentropy")?.name == "sparse_categorical_crossentropy")
    #expect(Loss.named("MSE")?.name == "mean_squared_error")
    #expect(Loss.named("mean_squared") == nil)
  }

  @Test func `targets of another shape are refused with a remedy`() throws {
    let labels = Expr.input("labels", .int32, ["batch"])
    let p = Expr.input("p", .float32, ["batch", 10])
    let error = #expect(throws: GnomonError.self) {
      try compile(inputs: [labels, p], outputs: [Loss.categoricalCrossEntropy(labels, p)])
    }
    #expect(error?.diagnostics.first?.code == .targetsMismatch)
    #expect(error?.diagnostics.first?.help?.contains("sparseCategoricalCrossEntropy") == true)
  }

  @Test func `a name that no loss has suggests the nearest`() {
    let loss: Loss = "categorical_crosentropy"
    let p = Expr.input("p", .float32, ["batch", 10])
    let error = #expect(throws: GnomonError.self) {
      try compile(inputs: [p], outputs: [loss(p, p)])
    }
    #expect(
      error?.diagnostics.first?.help?.contains("did you mean \"categorical_crossentropy\"") == true)
  }
}
