public import Gnomon
internal import GnomonIR

/// A metric by itself, for predictions that are at hand.
///
///     let auc = MetricTracker(.auc())
///     try auc.update(targets, predictions)
///     print(try auc.result().item())
public final class MetricTracker {
  public let metric: Metric
  private let options: CompileOptions
  private var state: MetricState?
  private var steps: [[TensorType?]: CompiledFunction] = [:]
  private var figure: CompiledFunction?

  public init(_ metric: Metric, options: CompileOptions = CompileOptions(name: "metric")) {
    self.metric = metric
    self.options = options
  }

  /// Takes a batch in.
  ///
  /// - Throws: `GnomonError` if the shapes do not fit.
  public func update(
    _ targets: Tensor, _ predictions: Tensor, sampleWeights: Tensor? = nil
  ) throws {
    let arguments = [targets, predictions] + (sampleWeights.map { [$0] } ?? [])
    let key = arguments.map { t -> TensorType? in
      TensorType(t.dtype, t.shape.enumerated().map { $0 == 0 ? "batch" : Dim($1) })
    }
    if steps[key] == nil {
      let names = ["targets", "predictions", "sample_weights"]
      let inputs = zip(names, key).compactMap { name, type in
        type.map { Expr.input(name, $0.dtype, $0.shape) }
      }
      let batch = Metric.Batch(
        targets: inputs[0], predictions: inputs[1], weights: inputs.count > 2 ? inputs[2] : nil)
      let state = state ?? MetricState(metric, batch, path: metric.name)
      self.state = state
      steps[key] = try compile(
        inputs: inputs, outputs: [], updates: state.updates(batch), options: options)
    }
    _ = try steps[key]?.outputs(arguments)
  }

  /// The figure of all batches since the last reset; 0 if there were none.
  public func result() throws -> Tensor {
    guard let state else { return Tensor(Float(0)) }
    if figure == nil { figure = try compile(outputs: [state.result], options: options) }
    return try figure?() ?? Tensor(Float(0))
  }

  /// Forgets all batches.
  public func reset() { state?.reset() }
}
