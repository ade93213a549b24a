public import Gnomon
package import GnomonIR

/// What training makes small: a number for each sample, and how these become one.
///
///     try model.compile(optimizer: .adam(), loss: .categoricalCrossEntropy)
///     try model.compile(optimizer: "rmsprop", loss: "categorical_crossentropy")
///     let value = Loss.huber(delta: 2)(targets, predictions)
///     let own = Loss("distance") { targets, predictions in
///       sqrt(sum(square(targets - predictions), axes: -1))
///     }
///
/// Targets are converted to the dtype of the predictions; half floats are computed in float32.
public struct Loss: Sendable {
  /// How the values of the samples become one number.
  public enum Reduction: String, Sendable, Hashable, Codable, CaseIterable {
    /// The sum of all weighted values over their number.
    case sumOverBatchSize = "sum_over_batch_size"
    case sum
    /// The same as `sumOverBatchSize`, by Keras' other name.
    case mean
    /// The sum of all weighted values over the sum of the weights.
    case meanWithSampleWeight = "mean_with_sample_weight"
    /// The values as they are.
    case none
  }

  /// What targets a loss compares with the predictions.
  package enum Targets: Sendable {
    /// A value for each prediction.
    case alike
    /// The number of a class in place of a value for each class.
    case classes
    /// Whatever the formula takes.
    case free
  }

  /// Values of samples, and which of them count.
  package struct Values {
    package var values: Expr
    package var mask: Expr?
  }

  /// The name in logs and messages, as Keras spells it.
  public var name: String
  public var reduction: Reduction
  package let targets: Targets
  private let formula: @Sendable (_ targets: Expr, _ predictions: Expr) -> Values
  /// Whether `name` is a text that names no loss.
  package private(set) var isUnknown = false

  /// A loss of one's own.
  ///
  /// - Parameter values: from targets and predictions a value for each sample: the last axis is usually
  ///   gone.
  public init(
    _ name: String, reduction: Reduction = .sumOverBatchSize,
    _ values: @escaping @Sendable (_ targets: Expr, _ predictions: Expr) -> Expr
  ) {
    self.init(name, .free, reduction) { Values(values: values($0, $1)) }
  }

  init(
    _ name: String, _ targets: Targets, _ reduction: Reduction = .sumOverBatchSize,
    masked formula: @escaping @Sendable (_ targets: Expr, _ predictions: Expr) -> Values
  ) {
    self.name = name
    self.targets = targets
    self.reduction = reduction
    self.formula = formula
  }

  init(
    _ name: String, _ targets: Targets,
    _ formula: @escaping @Sendable (_ targets: Expr, _ predictions: Expr) -> Expr
  ) {
    self.init(name, targets) { Values(values: formula($0, $1)) }
  }

  /// The same loss with another reduction.
  public func reduced(by reduction: Reduction) -> Loss {
    var copy = self
    copy.reduction = reduction
    return copy
  }

  /// The loss of a batch: a scalar, or values where the reduction is `none`.
  ///
  /// - Parameters:
  ///   - targets: what the predictions should be. Where the ranks differ by an axis of size 1 at the
  ///     end, that axis is added or taken away.
  ///   - predictions: what the model says; a floating-point tensor.
  ///   - sampleWeights: what each value counts, with the leading axes of the values.
  ///   - mask: which values count at all; the mean is then over those.
  @_transparent public func callAsFunction(
    _ targets: Expr, _ predictions: Expr, sampleWeights: Expr? = nil, mask: Expr? = nil
  ) -> Expr { _value(targets, predictions, sampleWeights, mask, .here()) }

  @usableFromInline func _value(
    _ targets: Expr, _ predictions: Expr, _ weights: Expr?, _ mask: Expr?, _ at: Location
  ) -> Expr {
    let found = values(targets, predictions, at)
    return at.serving(name) {
      var mask = mask.map { $0.cast(to: .bool) }
      if let own = found.mask { mask = mask.map { $0 .& own } ?? own }
      return Loss.reduced(found.values, by: reduction, weights: weights, mask: mask)
    }
  }

  /// The values of the samples, before the reduction.
  package func values(_ targets: Expr, _ predictions: Expr, _ at: Location) -> Values {
    if isUnknown { return Values(values: .invalid(.unknownLoss(name, at))) }
    if let bad = [targets, predictions].first(where: \.isInvalid) { return Values(values: bad) }
    return at.serving(name) {
      let compute = predictions.dtype.isFloat ? predictions.dtype.computeType : .float32
      let p = predictions.cast(to: compute)
      switch self.targets {
      case .alike:
        let (t, p) = sameRank(targets.cast(to: compute), p)
        if let bad = shapeRefusal(t, p, at) { return Values(values: bad) }
        return formula(t, p)
      case .classes:
        if let bad = classRefusal(targets, p, at) { return Values(values: bad) }
        return formula(targets.rank == p.rank ? targets.squeezed(axis: -1) : targets, p)
      case .free:
        return formula(targets.dtype.isFloat ? targets.cast(to: compute) : targets, p)
      }
    }
  }
}

extension Loss: ExpressibleByStringLiteral {
  /// A loss by Keras' name: `"mse"`, `"categorical_crossentropy"`, `"CategoricalCrossentropy"`.
  ///
  /// A name that no loss has is found out when the model is compiled.
  public init(stringLiteral name: String) {
    if let known = Loss.named(name) {
      self = known
    } else {
      self.init(name, .free) { _, p in p }
      isUnknown = true
    }
  }
}
