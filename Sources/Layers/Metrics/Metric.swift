public import Gnomon
package import GnomonIR

/// A figure about predictions that is gathered over many batches.
///
///     try model.compile(optimizer: .adam(), loss: .binaryCrossEntropy, metrics: [.accuracy, .auc()])
///     let own = Metric.mean("distance") { targets, predictions in
///       sqrt(sum(square(targets - predictions), axes: -1))
///     }
///
/// A metric is three formulas: what it remembers, how a batch changes that, and the figure. In training
/// all of them are part of the compiled step; `MetricTracker` runs one by itself.
public struct Metric: Sendable {
  /// A batch.
  public struct Batch: Sendable {
    public var targets: Expr
    public var predictions: Expr
    /// What each sample counts: the leading axes of the predictions.
    public var weights: Expr?
  }

  /// Which figures are better.
  public enum Direction: Sendable, Hashable { case up, down, unknown }

  /// The name in logs, as Keras spells it.
  public var name: String
  public var direction: Direction
  let slots: @Sendable (_ batch: Batch) -> [Slot]
  let update: @Sendable (_ state: [Expr], _ batch: Batch) -> [Expr]
  let result: @Sendable (_ state: [Expr]) -> Expr
  /// Whether `name` is a text that names no metric.
  var isUnknown = false

  /// A metric of one's own.
  ///
  /// - Parameters:
  ///   - slots: what is remembered, from the first batch's types: names and first values.
  ///   - update: what the state becomes.
  ///   - result: the figure, from the state.
  public init(
    _ name: String, direction: Direction = .unknown,
    slots: @escaping @Sendable (_ batch: Batch) -> [Slot],
    update: @escaping @Sendable (_ state: [Expr], _ batch: Batch) -> [Expr],
    result: @escaping @Sendable (_ state: [Expr]) -> Expr
  ) {
    self.name = name
    self.direction = direction
    self.slots = slots
    self.update = update
    self.result = result
  }

  /// The same metric by another name.
  public func named(_ name: String) -> Metric {
    var copy = self
    copy.name = name
    return copy
  }
}

/// What a metric remembers in a model.
package struct MetricState {
  package let metric: Metric
  package let variables: [Expr]
  private let initial: [Tensor]

  /// - Parameter path: the beginning of the variables' names, unique in the model.
  init(_ metric: Metric, _ batch: Metric.Batch, path: String) {
    self.metric = metric
    let slots = metric.slots(batch)
    initial = slots.map(\.initial)
    variables = slots.map { .variable("\(path)/\($0.name)", $0.initial) }
  }

  func updates(_ batch: Metric.Batch) -> [(Expr, Expr)] {
    Array(zip(variables, metric.update(variables, batch)))
  }

  var result: Expr { metric.result(variables) }

  func reset() {
    for (variable, tensor) in zip(variables, initial) { variable.value = tensor }
  }
}

extension Metric.Batch {
  /// Targets and predictions in float32 or better, in one rank.
  var aligned: (targets: Expr, predictions: Expr) {
    let p = predictions.floating
    return sameRank(targets.cast(to: p.dtype), p)
  }
}

extension Expr {
  /// The same, in a dtype in which fractions are computed.
  var floating: Expr { cast(to: dtype.isFloat ? dtype.computeType : .float32) }
}
