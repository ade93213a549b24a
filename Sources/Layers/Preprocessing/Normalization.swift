public import Gnomon

/// Each feature brought to mean 0 and variance 1: `(x - mean) / √variance`, with the mean and variance of
/// the data that `adapt` saw.
///
///     let rows = Tensor.uniform(.float32, [100, 4], seed: 1)
///     let normalization = Normalization()
///     try normalization.adapt(to: rows)
///     let x = Input(shape: [4])
///     let y = normalization(x)                      // [batch, 4]
///
/// - Input: `[..., features]`; output the same. What `mean` and `variance` are not 0 for stays finite: the
///   divisor is at least 1e-7.
/// - No weights: mean and variance are constants of the model.
public final class Normalization: Layer {
  /// The mean of each feature, float32 `[features]`.
  public private(set) var mean: Tensor?
  /// The variance of each feature.
  public private(set) var variance: Tensor?

  public init(
    mean: Tensor? = nil, variance: Tensor? = nil, inputShape: [Dim]? = nil, name: String? = nil
  ) {
    self.mean = mean
    self.variance = variance
    super.init(name: name, inputShape: inputShape)
  }

  /// Takes mean and variance from data `[..., features]`.
  public func adapt(to data: Tensor) throws {
    let features = data.shape.last ?? 1
    let rows = try data.cast(to: .float64).reshaped([
      data.elementCount / Swift.max(features, 1), features,
    ])
    let x = Expr.input("data", .float64, ["n", Dim(features)])
    let statistics = try compile(
      inputs: [x],
      outputs: [Gnomon.mean(x, axes: 0), Gnomon.variance(x, axes: 0)].map { $0.cast(to: .float32) })
    (mean, variance) = try statistics(rows)
  }

  public override func call(_ x: Expr) -> Expr {
    guard let mean, let variance else {
      return refused(
        .layerInput, "the layer has no mean and variance", [x],
        help: "call adapt(to:) on the training data first", at: .here())
    }
    let x = x.dtype.isFloat ? x : x.cast(to: .float32)
    let m = Expr.constant(mean.cast(to: x.dtype))
    let deviation = Expr.constant(variance.cast(to: x.dtype))
    return (x - m) / maximum(sqrt(deviation), 1e-7)
  }
}
