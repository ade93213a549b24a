public import Gnomon

/// In training adds normally distributed noise: `x + σ n`.
///
///     let x = Input(shape: [128])
///     let y = GaussianNoise(0.1)(x)                 // [batch, 128]
///
/// - Input: any shape, floating point; output the same. No weights.
public final class GaussianNoise: RandomLayer {
  public let standardDeviation: Double

  public init(_ standardDeviation: Double, seed: UInt64? = nil, name: String? = nil) {
    self.standardDeviation = standardDeviation
    super.init(seed: seed, name: name)
  }

  public override func perturbed(_ x: Expr, key: RandomKey) -> Expr {
    x + normal(key: key, shape: x.shape, dtype: x.dtype, standardDeviation: standardDeviation)
  }
}

/// In training multiplies by normally distributed noise of mean 1: `x (1 + σ n)` with
/// `σ = √(rate / (1 - rate))`.
///
///     let x = Input(shape: [128])
///     let y = GaussianDropout(0.2)(x)               // [batch, 128]
///
/// - Input: any shape, floating point; output the same. No weights.
public final class GaussianDropout: RandomLayer {
  public let rate: Double

  public init(_ rate: Double, seed: UInt64? = nil, name: String? = nil) {
    self.rate = rate
    super.init(seed: seed, name: name)
  }

  public override func perturbed(_ x: Expr, key: RandomKey) -> Expr {
    let deviation = (rate / (1 - rate)).squareRoot()
    return x
      * normal(key: key, shape: x.shape, dtype: x.dtype, mean: 1, standardDeviation: deviation)
  }
}
