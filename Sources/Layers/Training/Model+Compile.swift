public import Gnomon
public import GnomonIR

extension Model {
  /// Says how the model is trained.
  ///
  ///     try model.compile(optimizer: .adam(), loss: .categoricalCrossEntropy, metrics: [.accuracy])
  ///     try model.compile(optimizer: "rmsprop", loss: "categorical_crossentropy", metrics: ["accuracy"])
  ///
  /// Nothing is translated yet: the first batch of `fit` says what the data are.
  ///
  /// - Parameters:
  ///   - optimizer: what changes the weights.
  ///   - loss: what becomes smaller; of a model of several outputs, for each of them.
  ///   - metrics: figures to be shown, for each output; sample weights do not count for them.
  ///   - weightedMetrics: figures for which they count.
  ///   - options: threads, and how the compiled steps are made.
  /// - Throws: `GnomonError` for a text that names no loss, optimizer or metric.
  @_transparent public func compile(
    optimizer: Optimizer = .rmsprop(), loss: Loss, metrics: [Metric] = [],
    weightedMetrics: [Metric] = [], options: CompileOptions = CompileOptions()
  ) throws {
    try _compile(optimizer, [loss], nil, [metrics], [weightedMetrics], options, .here())
  }

  /// Says how a model of several outputs is trained: a loss, and a list of metrics, for each of them.
  ///
  /// - Parameter lossWeights: what each loss counts in the sum; 1 by default.
  @_transparent public func compile(
    optimizer: Optimizer = .rmsprop(), losses: [Loss], lossWeights: [Double]? = nil,
    metrics: [[Metric]] = [], weightedMetrics: [[Metric]] = [],
    options: CompileOptions = CompileOptions()
  ) throws {
    try _compile(optimizer, losses, lossWeights, metrics, weightedMetrics, options, .here())
  }

  @usableFromInline func _compile(
    _ optimizer: Optimizer, _ losses: [Loss], _ lossWeights: [Double]?, _ metrics: [[Metric]],
    _ weightedMetrics: [[Metric]], _ options: CompileOptions, _ at: Location
  ) throws {
    var found: [Diagnostic] = []
    if let name = optimizer.unknownName {
      found.append(.unknownName(name, "optimizer", known: Optimizer.names, at: at))
    }
    for loss in losses where loss.isUnknown {
      found.append(.unknownName(loss.name, "loss", known: Loss.names, at: at))
    }
    for metric in (metrics + weightedMetrics).joined() where metric.isUnknown {
      found.append(.unknownName(metric.name, "metric", known: Metric.names, at: at))
    }
    if let lossWeights, lossWeights.count != losses.count {
      found.append(
        Diagnostic(
          .dataMismatch,
          "compile: \(losses.count) losses have \(lossWeights.count) weights", at: at))
    }
    guard found.isEmpty else { throw GnomonError(found) }
    trainingState = Trainer(
      optimizer: optimizer, losses: losses,
      lossWeights: lossWeights ?? losses.map { _ in 1 }, metrics: metrics,
      weightedMetrics: weightedMetrics, options: options)
  }

  var trainer: Trainer? { trainingState as? Trainer }

  /// The optimizer that `compile` was given.
  public var optimizer: Optimizer? { trainer?.optimizer }

  /// Ends `fit` after the epoch under way; callbacks set it.
  public var stopTraining: Bool {
    get { trainer?.stopsTraining ?? false }
    set { trainer?.stopsTraining = newValue }
  }

  /// The function that `fit` runs for each batch: forward, backward, penalties, optimizer and figures.
  public var trainingStep: CompiledStep { CompiledStep(function: trainer?.trainingFunction) }

  /// The function that `predict` runs for each batch.
  public var predictionStep: CompiledStep { CompiledStep(function: trainer?.predictionFunction) }
}

/// A function of a model and its forms; before the first batch there is none.
public struct CompiledStep {
  /// The function itself.
  public let function: CompiledFunction?

  /// The graph as it was built.
  public var ir: String { function?.ir ?? Self.nothing }
  /// The graph after the passes, gathered into kernels.
  public var optimizedIR: String { function?.optimizedIR ?? Self.nothing }
  /// The loops of every kernel, before they are C.
  public var loops: String { function?.loops ?? Self.nothing }
  /// The C that runs.
  public var cSource: String { function?.cSource ?? Self.nothing }
  /// The number of kernels that a call runs.
  public var kernelCount: Int { function?.kernelCount ?? 0 }

  private static let nothing = "// nothing yet: the first batch says what is to be compiled\n"
}
