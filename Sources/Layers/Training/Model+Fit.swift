public import Gnomon
public import GnomonIR

extension Model {
  /// Trains the model.
  ///
  ///     let history = try model.fit(images, labels, batchSize: 128, epochs: 12, validationSplit: 0.1)
  ///
  /// - Parameters:
  ///   - inputs: the samples, along the first axis. Any dtype; the step converts to the model's.
  ///   - targets: what the model should say of each.
  ///   - batchSize: the samples of a step. The last batch may be smaller and needs no other code.
  ///   - epochs: the epoch to end with; training begins with `initialEpoch`.
  ///   - verbose: a bar, a line an epoch, or silence.
  ///   - callbacks: who is told, and may change or end the training.
  ///   - validationSplit: the share of samples, from the end, that is evaluated and not trained on.
  ///   - validationData: samples and targets to be evaluated after each epoch.
  ///   - shuffle: whether samples come in another order in each epoch.
  ///   - classWeights: what samples of a class count; targets are class numbers or one-hot.
  ///   - sampleWeights: what each sample counts, or each step of each.
  ///   - stepsPerEpoch: how many batches make an epoch; all by default.
  ///   - validationFrequency: after how many epochs there is a validation.
  /// - Returns: the figures of each epoch.
  /// - Throws: `GnomonError` when the data do not fit the model, or a formula is wrong.
  @_transparent @discardableResult public func fit(
    _ inputs: Tensor, _ targets: Tensor, batchSize: Int = 32, epochs: Int = 1,
    verbose: Verbosity = .auto, callbacks: [Callback] = [], validationSplit: Double = 0,
    validationData: (Tensor, Tensor)? = nil, shuffle: Bool = true,
    classWeights: [Int: Double]? = nil, sampleWeights: Tensor? = nil, initialEpoch: Int = 0,
    stepsPerEpoch: Int? = nil, validationSteps: Int? = nil, validationBatchSize: Int? = nil,
    validationFrequency: Int = 1
  ) throws -> History {
    try _fit(
      [inputs], [targets], batchSize, epochs, verbose, callbacks, validationSplit,
      validationData.map { ([$0.0], [$0.1]) }, shuffle, classWeights, sampleWeights, initialEpoch,
      stepsPerEpoch, validationSteps, validationBatchSize, validationFrequency, .here())
  }

  /// Trains a model of several inputs or outputs: a tensor for each.
  @_transparent @discardableResult public func fit(
    _ inputs: [Tensor], _ targets: [Tensor], batchSize: Int = 32, epochs: Int = 1,
    verbose: Verbosity = .auto, callbacks: [Callback] = [], validationSplit: Double = 0,
    validationData: ([Tensor], [Tensor])? = nil, shuffle: Bool = true,
    classWeights: [Int: Double]? = nil, sampleWeights: Tensor? = nil, initialEpoch: Int = 0,
    stepsPerEpoch: Int? = nil, validationSteps: Int? = nil, validationBatchSize: Int? = nil,
    validationFrequency: Int = 1
  ) throws -> History {
    try _fit(
      inputs, targets, batchSize, epochs, verbose, callbacks, validationSplit, validationData,
      shuffle, classWeights, sampleWeights, initialEpoch, stepsPerEpoch, validationSteps,
      validationBatchSize, validationFrequency, .here())
  }

  /// Trains the model on batches that come from anywhere.
  @_transparent @discardableResult public func fit(
    _ data: Dataset, epochs: Int = 1, verbose: Verbosity = .auto, callbacks: [Callback] = [],
    validationData: Dataset? = nil, initialEpoch: Int = 0, stepsPerEpoch: Int? = nil,
    validationSteps: Int? = nil, validationFrequency: Int = 1
  ) throws -> History {
    try _fit(
      data, epochs, verbose, callbacks, validationData, initialEpoch, stepsPerEpoch,
      validationSteps, validationFrequency, .here())
  }

  @usableFromInline func _fit(
    _ inputs: [Tensor], _ targets: [Tensor], _ batchSize: Int, _ epochs: Int,
    _ verbose: Verbosity, _ callbacks: [Callback], _ validationSplit: Double,
    _ validationData: ([Tensor], [Tensor])?, _ shuffle: Bool, _ classWeights: [Int: Double]?,
    _ sampleWeights: Tensor?, _ initialEpoch: Int, _ stepsPerEpoch: Int?, _ validationSteps: Int?,
    _ validationBatchSize: Int?, _ validationFrequency: Int, _ at: Location
  ) throws -> History {
    var all = Batch(inputs, targets, sampleWeights: sampleWeights)
    try checkSamples(all, at)
    var validation = validationData.map { Batch($0.0, $0.1) }
    if let validation { try checkSamples(validation, at) }
    if validation == nil, validationSplit > 0 {
      let kept = Swift.min(all.count, Int(Double(all.count) * (1 - validationSplit)))
      guard validationSplit < 1, kept > 0, kept < all.count else {
        throw mismatch(
          "validationSplit: \(validationSplit) of \(all.count) samples leaves a part empty", at)
      }
      validation = try all.rows(kept..<all.count)
      all = try all.rows(0..<kept)
    }
    if let classWeights { all = try all.weighted(by: classWeights) }
    var data = Dataset(all.inputs, all.targets, sampleWeights: all.sampleWeights)
    if shuffle { data = data.shuffled() }
    let check = validation.map {
      Dataset($0.inputs, $0.targets, sampleWeights: $0.sampleWeights)
        .batched(validationBatchSize ?? batchSize)
    }
    return try _fit(
      data.batched(batchSize), epochs, verbose, callbacks, check, initialEpoch, stepsPerEpoch,
      validationSteps, validationFrequency, at)
  }

  @usableFromInline func _fit(
    _ data: Dataset, _ epochs: Int, _ verbose: Verbosity, _ callbacks: [Callback],
    _ validation: Dataset?, _ initialEpoch: Int, _ stepsPerEpoch: Int?, _ validationSteps: Int?,
    _ validationFrequency: Int, _ at: Location
  ) throws -> History {
    let options = FitOptions(
      epochs: epochs, initialEpoch: initialEpoch, stepsPerEpoch: stepsPerEpoch,
      validationSteps: validationSteps, validationFrequency: Swift.max(1, validationFrequency),
      verbosity: verbose, callbacks: callbacks)
    return try FitLoop(self, compiledTrainer("fit", at), options, at).run(data, validation)
  }

  // MARK: - Mistakes

  func compiledTrainer(_ function: String, _ at: Location) throws -> Trainer {
    guard let trainer else {
      throw GnomonError([
        Diagnostic(
          .notCompiled, "\(function): the model \(name) has not been compiled", at: at,
          help: "say first how it is trained: model.compile(optimizer: .adam(), loss: …)")
      ])
    }
    return trainer
  }

  func mismatch(_ message: String, _ at: Location, help: String? = nil) -> GnomonError {
    GnomonError([Diagnostic(.dataMismatch, message, at: at, help: help)])
  }

  /// All tensors must have the same number of samples, and there must be some.
  func checkSamples(_ batch: Batch, _ at: Location) throws {
    let counts = batch.tensors.map { $0.shape.first ?? 0 }
    guard let n = counts.first, n > 0 else { throw mismatch("fit: there are no samples", at) }
    guard counts.allSatisfy({ $0 == n }) else {
      let words = batch.tensors.map { "\($0.dtype) \($0.shape)" }.joined(separator: ", ")
      throw mismatch(
        "fit: the tensors have different numbers of samples: \(words)", at,
        help: "the first axis is the samples")
    }
  }
}

extension Batch {
  /// The samples, each counting what its class does.
  func weighted(by classWeights: [Int: Double]) throws -> Batch {
    guard let target = targets.first else { return self }
    var classes = target.integers.map { Int($0) }
    if target.rank > 1, let width = target.shape.last, width > 1 {
      let values = target.doubles
      classes = (0..<(values.count / width)).map { row in
        let part = values[(row * width)..<((row + 1) * width)]
        return part.indices.max { part[$0] < part[$1] }.map { $0 - row * width } ?? 0
      }
    }
    var weights = classes.map { classWeights[$0] ?? 1 }
    if let own = sampleWeights {
      weights = zip(weights, own.doubles).map { $0 * $1 }
    }
    var copy = self
    copy.sampleWeights = Tensor(weights, dtype: .float32)
    return copy
  }
}
