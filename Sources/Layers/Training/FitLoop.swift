internal import Gnomon
internal import GnomonIR
internal import GnomonTensors

/// Epochs of steps, with validations between them and callbacks told of everything.
struct FitLoop {
  private let model: Model
  private let trainer: Trainer
  private let options: FitOptions
  private let at: Location

  init(_ model: Model, _ trainer: Trainer, _ options: FitOptions, _ at: Location) {
    self.model = model
    self.trainer = trainer
    self.options = options
    self.at = at
  }

  func run(_ data: Dataset, _ validation: Dataset?) throws -> History {
    let history = History()
    let callbacks = CallbackList(
      [history] + options.callbacks, model,
      Callback.Parameters(
        epochs: options.epochs, steps: options.stepsPerEpoch ?? data.batchCount,
        verbosity: options.verbosity))
    trainer.stopsTraining = false
    trainer.restoredEpoch = nil
    // Layers may have been frozen since.
    trainer.recent = nil
    var logs = Logs()
    try callbacks.each { try $0.onTrainBegin() }
    let first = trainer.restoredEpoch ?? options.initialEpoch
    for epoch in first..<max(first, options.epochs) {
      try callbacks.each { try $0.onEpochBegin(epoch) }
      trainer.resetFigures()
      try train(data, epoch, callbacks)
      logs = try trainer.readFigures()
      if let validation, (epoch + 1) % options.validationFrequency == 0 {
        let found = try evaluate(validation, callbacks, steps: options.validationSteps)
        logs = logs.adding(found, prefix: "val_")
      }
      if options.callbacks.contains(where: {
        $0 is LearningRateScheduler || $0 is ReduceLROnPlateau
      }) {
        logs["learning_rate"] = trainer.optimizer.learningRate
      }
      try callbacks.each { try $0.onEpochEnd(epoch, logs) }
      if trainer.stopsTraining { break }
    }
    trainer.optimizer.finishAveraging()
    try callbacks.each { try $0.onTrainEnd(logs) }
    return history
  }

  private func train(_ data: Dataset, _ epoch: Int, _ callbacks: CallbackList) throws {
    let next = try data.source(epoch: epoch)
    var count = 0
    while count < options.stepsPerEpoch ?? .max, let batch = try next() {
      try callbacks.each { try $0.onTrainBatchBegin(count) }
      try trainer.run(.training, model, batch, at)
      try callbacks.each { try $0.onTrainBatchEnd(count, trainer.readFigures) }
      count += 1
      if trainer.stopsTraining { break }
    }
  }

  /// The figures of a whole dataset.
  func evaluate(_ data: Dataset, _ callbacks: CallbackList, steps: Int?) throws -> Logs {
    trainer.resetFigures()
    try callbacks.each { try $0.onTestBegin() }
    let next = try data.source()
    var count = 0
    while count < steps ?? .max, let batch = try next() {
      try callbacks.each { try $0.onTestBatchBegin(count) }
      try trainer.run(.evaluation, model, batch, at)
      try callbacks.each { try $0.onTestBatchEnd(count, trainer.readFigures) }
      count += 1
    }
    let logs = try trainer.readFigures()
    try callbacks.each { try $0.onTestEnd(logs) }
    return logs
  }
}

extension Trainer {
  /// One step.
  func run(_ phase: Phase, _ model: Model, _ batch: Batch, _ at: Location) throws {
    let tensors = batch.tensors
    _ = try prepared(phase, model, batch, tensors, at).outputs(tensors)
  }

  /// The step of a batch, after the model was built for it and the batch found to fit.
  func prepared(
    _ phase: Phase, _ model: Model, _ batch: Batch, _ tensors: [Tensor], _ at: Location
  ) throws -> CompiledFunction {
    if let recent, recent.serves(phase, tensors) { return recent.function }
    try model.build(forData: batch.inputs)
    func check(_ what: String, _ given: Int, _ wanted: Int) throws {
      guard given != wanted else { return }
      throw model.mismatch("fit: the model has \(wanted) \(what), the data \(given)", at)
    }
    try check("inputs", batch.inputs.count, model.inputs.count)
    if phase != .prediction {
      try check("outputs, and targets for each,", batch.targets.count, model.outputs.count)
      try check("outputs, and losses for each,", losses.count, model.outputs.count)
    }
    return try step(phase, model, batch, at)
  }
}

/// The step of the last batch: the next one is mostly of the same types.
struct RecentStep {
  private let phase: Trainer.Phase
  private let types: [TensorType]
  let function: CompiledFunction

  init(_ phase: Trainer.Phase, _ types: [TensorType], _ function: CompiledFunction) {
    self.phase = phase
    self.types = types
    self.function = function
  }

  /// Whether a batch is of these types: sizes with a name may be any.
  func serves(_ phase: Trainer.Phase, _ tensors: [Tensor]) -> Bool {
    phase == self.phase && tensors.count == types.count
      && zip(tensors, types).allSatisfy { tensor, type in
        tensor.dtype == type.dtype && tensor.rank == type.shape.count
          && type.shape.indices.allSatisfy { i in
            type.shape[i].constant.map { $0 == tensor.shape[i] } ?? true
          }
      }
  }
}

extension Model {
  /// Builds the model for the first data it sees.
  func build(forData inputs: [Tensor]) throws {
    guard trace == nil else { return }
    let types = inputs.map { tensor in
      // A sequence says what its first layer takes; else whole numbers stay what they are.
      let keeps = !(self is Sequential) && tensor.dtype.isInteger
      let dtype = keeps ? tensor.dtype : givenInputDType
      return TensorType(dtype, tensor.sampleType.shape)
    }
    try build(for: types)
  }
}
