internal import Gnomon
internal import GnomonIR
internal import GnomonTensors

/// What a model remembers of its figures: the mean loss, that of each output, the metrics.
///
/// Training and evaluation share it, as they never run at once.
final class MetricSet {
  private let total: MetricState
  private let parts: [MetricState]
  /// For each output its metrics; with `true` those that sample weights count for.
  private let metrics: [(output: Int, isWeighted: Bool, state: MetricState)]
  let names: [String]

  init(_ trainer: Trainer, _ model: Model, _ graph: StepGraph, _ outputs: Int) {
    func batch(_ i: Int) -> Metric.Batch {
      Metric.Batch(targets: graph.targets[i], predictions: model.outputs[i], weights: nil)
    }
    let average = Metric.mean("loss", direction: .down) { $1 }
    let scalar = Metric.Batch(targets: .zeros(.float32, []), predictions: .zeros(.float32, []))
    let base = "\(model.name)/metrics"
    let heads = model.outputs.map { $0.layerNode?.layer.name ?? "output" }
    let isSingle = outputs <= 1
    total = MetricState(average, scalar, path: "\(base)/loss")
    parts =
      isSingle ? [] : (0..<outputs).map { MetricState(average, scalar, path: "\(base)/loss_\($0)") }
    var metrics: [(Int, Bool, MetricState)] = []
    var names = ["loss"] + (isSingle ? [] : (0..<outputs).map { "\(heads[$0])_loss" })
    for (isWeighted, lists) in [(false, trainer.metrics), (true, trainer.weightedMetrics)] {
      for (i, list) in lists.enumerated() where i < outputs {
        for metric in list {
          var name = isSingle ? metric.name : "\(heads[i])_\(metric.name)"
          // Two of one name: the second is told apart, as Keras does.
          if names.contains(name) {
            name = isWeighted ? "weighted_\(name)" : "\(name)_\(names.count)"
          }
          names.append(name)
          metrics.append((i, isWeighted, MetricState(metric, batch(i), path: "\(base)/\(name)")))
        }
      }
    }
    self.metrics = metrics
    self.names = names
  }

  func updates(_ graph: StepGraph, total loss: Expr, parts losses: [Expr]) -> [(Expr, Expr)] {
    guard let first = graph.model.outputs.first, !loss.isInvalid else {
      return [(total.variables[0], loss)]
    }
    let count = first.rank > 0 ? size(of: first, axis: 0).cast(to: .float32) : 1
    func weighted(_ state: MetricState, _ value: Expr) -> [(Expr, Expr)] {
      [
        (state.variables[0], state.variables[0] + value.cast(to: .float32) * count),
        (state.variables[1], state.variables[1] + count),
      ]
    }
    var updates = weighted(total, loss)
    for (state, value) in zip(parts, losses) { updates += weighted(state, value) }
    for (i, isWeighted, state) in metrics {
      let output = graph.model.outputs[i]
      var weights = output.mask.map { $0.cast(to: .float32) }
      if isWeighted, let own = graph.weights {
        let own = own.cast(to: .float32)
        weights = weights.map { sharing($0, own) } ?? own
      }
      updates += state.updates(
        Metric.Batch(targets: graph.targets[i], predictions: output, weights: weights))
    }
    return updates
  }

  var results: [Expr] { ([total] + parts + metrics.map(\.state)).map(\.result) }

  func reset() { for state in [total] + parts + metrics.map(\.state) { state.reset() } }
}
