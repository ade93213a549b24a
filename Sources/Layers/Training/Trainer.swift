internal import Gnomon
internal import GnomonIR
internal import GnomonTensors

/// What `compile` was told and the functions made of it: the state of a model's training.
final class Trainer {
  let optimizer: Optimizer
  /// One for each output.
  let losses: [Loss]
  let lossWeights: [Double]
  let metrics: [[Metric]]
  /// Metrics that sample weights count for.
  let weightedMetrics: [[Metric]]
  let options: CompileOptions
  /// Set by callbacks.
  var stopsTraining = false
  /// The epoch with which `fit` goes on, where a callback restored one.
  var restoredEpoch: Int?

  private var steps: [StepKey: CompiledFunction] = [:]
  private(set) var states: MetricSet?
  private var figures: CompiledFunction?
  /// The function that last trained, and that last predicted.
  private(set) var trainingFunction: CompiledFunction?
  private(set) var predictionFunction: CompiledFunction?
  var recent: RecentStep?

  init(
    optimizer: Optimizer, losses: [Loss], lossWeights: [Double], metrics: [[Metric]],
    weightedMetrics: [[Metric]], options: CompileOptions
  ) {
    self.optimizer = optimizer
    self.losses = losses
    self.lossWeights = lossWeights
    self.metrics = metrics
    self.weightedMetrics = weightedMetrics
    self.options = options
  }

  enum Phase: String, Hashable { case training, evaluation, prediction }

  /// What one compiled step serves: all batches whose tensors have these types. The number of samples, and
  /// what else the model leaves open, has a name in them.
  struct StepKey: Hashable {
    let phase: Phase
    let types: [TensorType]
    let inputCount: Int
    let hasWeights: Bool
    /// Which weights are trained, and which layers whose formula depends on it; freezing a layer takes
    /// another step.
    let trained: [String]
    let flags: [Bool]
  }

  // MARK: - Steps

  /// The compiled step for batches like this one.
  func step(
    _ phase: Phase, _ model: Model, _ batch: Batch, _ at: Location
  ) throws -> CompiledFunction {
    try model.refresh()
    let graph = StepGraph(model, batch, at)
    let key = StepKey(
      phase: phase, types: graph.arguments.map(\.type), inputCount: batch.inputs.count,
      hasWeights: batch.sampleWeights != nil,
      trained: phase == .training ? model.trainableWeights.map(\.name) : [],
      flags: model.trainedFlags())
    let function = try steps[key] ?? made(phase, model, graph, at)
    steps[key] = function
    if phase == .training { trainingFunction = function }
    if phase == .prediction { predictionFunction = function }
    recent = RecentStep(phase, graph.arguments.map(\.type), function)
    return function
  }

  private func made(
    _ phase: Phase, _ model: Model, _ graph: StepGraph, _ at: Location
  ) throws -> CompiledFunction {
    switch phase {
    case .prediction:
      try graph.compiled(
        outputs: model.outputs, updates: model.stateUpdates(training: false), "predict", options)
    case .training, .evaluation: try lossStep(phase, model, graph, at)
    }
  }

  private func lossStep(
    _ phase: Phase, _ model: Model, _ graph: StepGraph, _ at: Location
  ) throws -> CompiledFunction {
    let (total, parts) = graph.loss(self)
    let states = states ?? MetricSet(self, model, graph, parts.count)
    self.states = states
    var updates = states.updates(graph, total: total, parts: parts)
    if phase == .training {
      updates += model.stateUpdates(training: true)
      updates += graph.optimizerUpdates(optimizer, total)
      try graph.checkVariables(of: total, optimizer)
      try model.restore(optimizer.variables)
    } else {
      updates += model.stateUpdates(training: false)
    }
    return try graph.compiled(
      outputs: [], updates: updates, phase == .training ? "train" : "evaluate", options)
  }

  // MARK: - Figures

  /// Starts the figures anew.
  func resetFigures() { states?.reset() }

  /// The figures so far.
  func readFigures() throws -> Logs {
    guard let states else { return Logs() }
    if figures == nil {
      var options = options
      options.name = "figures"
      // A handful of numbers: not worth a run of the compiler.
      options.interpreted = true
      figures = try compile(outputs: states.results, options: options)
    }
    let values = try figures?.outputs([]) ?? []
    return Logs(Array(zip(states.names, values)))
  }

  /// Which figures of a metric are better.
  func direction(of name: String) -> Metric.Direction {
    if name.hasSuffix("loss") { return .down }
    let all = (metrics + weightedMetrics).flatMap { $0 }
    return all.first { name == $0.name || name.hasSuffix("_" + $0.name) }?.direction ?? .unknown
  }
}

extension Trainer: OptimizerState {
  var optimizerVariables: [Expr] { optimizer.variables }
}

extension Tensor {
  /// The dtype and shape with the number of samples left open.
  var sampleType: TensorType {
    TensorType(dtype, shape.enumerated().map { $0 == 0 ? "batch" : Dim($1) })
  }
}
