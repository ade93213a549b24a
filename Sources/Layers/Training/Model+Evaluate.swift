public import Gnomon
public import GnomonIR

extension Model {
  /// The loss and the metrics on some samples.
  ///
  ///     let logs = try model.evaluate(testImages, testLabels)
  ///     print(logs["accuracy"]!)
  @_transparent @discardableResult public func evaluate(
    _ inputs: Tensor, _ targets: Tensor, batchSize: Int = 32, sampleWeights: Tensor? = nil,
    verbose: Verbosity = .auto, callbacks: [Callback] = [], steps: Int? = nil
  ) throws -> Logs {
    try _evaluate(
      Dataset([inputs], [targets], sampleWeights: sampleWeights).batched(batchSize), verbose,
      callbacks, steps, .here())
  }

  /// The loss and the metrics of a model of several inputs or outputs.
  @_transparent @discardableResult public func evaluate(
    _ inputs: [Tensor], _ targets: [Tensor], batchSize: Int = 32, sampleWeights: Tensor? = nil,
    verbose: Verbosity = .auto, callbacks: [Callback] = [], steps: Int? = nil
  ) throws -> Logs {
    try _evaluate(
      Dataset(inputs, targets, sampleWeights: sampleWeights).batched(batchSize), verbose,
      callbacks, steps, .here())
  }

  /// The loss and the metrics on batches that come from anywhere.
  @_transparent @discardableResult public func evaluate(
    _ data: Dataset, verbose: Verbosity = .auto, callbacks: [Callback] = [], steps: Int? = nil
  ) throws -> Logs { try _evaluate(data, verbose, callbacks, steps, .here()) }

  @usableFromInline func _evaluate(
    _ data: Dataset, _ verbose: Verbosity, _ callbacks: [Callback], _ steps: Int?, _ at: Location
  ) throws -> Logs {
    let loop = FitLoop(self, try compiledTrainer("evaluate", at), FitOptions(), at)
    let list = CallbackList(
      callbacks, self,
      Callback.Parameters(steps: steps ?? data.batchCount, verbosity: verbose))
    return try loop.evaluate(data, list, steps: steps)
  }

  // MARK: - Predicting

  /// What the model says of some samples.
  ///
  /// The model need not be compiled.
  @_transparent public func predict(
    _ inputs: Tensor, batchSize: Int = 32, verbose: Verbosity = .silent,
    callbacks: [Callback] = []
  ) throws -> Tensor {
    try _predict([inputs], batchSize, verbose, callbacks, .here())[0]
  }

  /// What a model of several inputs or outputs says: a tensor for each output.
  @_transparent public func predict(
    _ inputs: [Tensor], batchSize: Int = 32, verbose: Verbosity = .silent,
    callbacks: [Callback] = []
  ) throws -> [Tensor] { try _predict(inputs, batchSize, verbose, callbacks, .here()) }

  @usableFromInline func _predict(
    _ inputs: [Tensor], _ batchSize: Int, _ verbose: Verbosity, _ callbacks: [Callback],
    _ at: Location
  ) throws -> [Tensor] {
    let all = Batch(inputs)
    try checkSamples(all, at)
    let data = Dataset(inputs).batched(batchSize)
    let list = CallbackList(
      callbacks, self, Callback.Parameters(steps: data.batchCount, verbosity: verbose))
    try list.each { try $0.onPredictBegin() }
    let next = try data.source()
    var parts: [[Tensor]] = []
    while let batch = try next() {
      try list.each { try $0.onPredictBatchBegin(parts.count) }
      parts.append(try _predictOnBatch(batch.inputs, at))
      try list.each { try $0.onPredictBatchEnd(parts.count - 1) }
    }
    try list.each { try $0.onPredictEnd() }
    return try outputs.indices.compactMap { i in try Tensor.joinedRows(parts.map { $0[i] }) }
  }

  // MARK: - Single batches

  /// One step of training on one batch.
  ///
  /// - Returns: the figures since they were last reset, which `fit` and `evaluate` do as they begin.
  @_transparent @discardableResult public func trainOnBatch(
    _ inputs: Tensor, _ targets: Tensor, sampleWeights: Tensor? = nil
  ) throws -> Logs {
    try _onBatch(true, Batch([inputs], [targets], sampleWeights: sampleWeights), .here())
  }

  /// One step of training a model of several inputs or outputs.
  @_transparent @discardableResult public func trainOnBatch(
    _ inputs: [Tensor], _ targets: [Tensor], sampleWeights: Tensor? = nil
  ) throws -> Logs {
    try _onBatch(true, Batch(inputs, targets, sampleWeights: sampleWeights), .here())
  }

  /// The figures with one batch more, without training on it.
  @_transparent @discardableResult public func testOnBatch(
    _ inputs: Tensor, _ targets: Tensor, sampleWeights: Tensor? = nil
  ) throws -> Logs {
    try _onBatch(false, Batch([inputs], [targets], sampleWeights: sampleWeights), .here())
  }

  /// The figures of a model of several inputs or outputs with one batch more.
  @_transparent @discardableResult public func testOnBatch(
    _ inputs: [Tensor], _ targets: [Tensor], sampleWeights: Tensor? = nil
  ) throws -> Logs {
    try _onBatch(false, Batch(inputs, targets, sampleWeights: sampleWeights), .here())
  }

  /// What the model says of one batch.
  @_transparent public func predictOnBatch(_ inputs: Tensor) throws -> Tensor {
    try _predictOnBatch([inputs], .here())[0]
  }

  /// What a model of several inputs or outputs says of one batch.
  @_transparent public func predictOnBatch(_ inputs: [Tensor]) throws -> [Tensor] {
    try _predictOnBatch(inputs, .here())
  }

  /// Starts the figures of single batches anew.
  public func resetMetrics() { trainer?.resetFigures() }

  @usableFromInline func _onBatch(
    _ isTraining: Bool, _ batch: Batch, _ at: Location
  ) throws -> Logs {
    let trainer = try compiledTrainer(isTraining ? "trainOnBatch" : "testOnBatch", at)
    try checkSamples(batch, at)
    try trainer.run(isTraining ? .training : .evaluation, self, batch, at)
    return try trainer.readFigures()
  }

  @usableFromInline func _predictOnBatch(_ inputs: [Tensor], _ at: Location) throws -> [Tensor] {
    if trainer == nil {
      // Only what is needed to predict.
      trainingState = Trainer(
        optimizer: .sgd(), losses: [], lossWeights: [], metrics: [], weightedMetrics: [],
        options: CompileOptions())
    }
    let trainer = try compiledTrainer("predict", at)
    return try trainer.prepared(.prediction, self, Batch(inputs), inputs, at).outputs(inputs)
  }
}
