public import Gnomon

/// Dropout that keeps mean and variance of what `selu` gives: dropped elements become `α'`, and the
/// whole is scaled: `a (d x + (1 - d) α') + b`.
///
///     let x = Input(shape: [128])
///     let y = AlphaDropout(0.1)(x)                  // [batch, 128]
///
/// - Input: any shape, floating point; output the same. No weights.
/// - See Klambauer and others, *Self-Normalizing Neural Networks*, 2017.
public final class AlphaDropout: RandomLayer {
  public let rate: Double

  public init(_ rate: Double, seed: UInt64? = nil, name: String? = nil) {
    self.rate = rate
    super.init(seed: seed, name: name)
  }

  public override func perturbed(_ x: Expr, key: RandomKey) -> Expr {
    let alpha = -1.6732632423543772 * 1.0507009873554805
    let a = 1 / ((1 - rate) * (1 + rate * alpha * alpha)).squareRoot()
    let b = -a * alpha * rate
    let stays = bernoulli(key: key, probability: Expr(1 - rate), shape: x.shape)
    return a * select(stays, x, Expr(alpha)) + b
  }
}
