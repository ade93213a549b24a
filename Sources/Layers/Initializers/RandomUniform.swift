public import Gnomon

/// Equally likely numbers between two bounds.
public struct RandomUniform: Initializer {
  public let minimum: Double
  public let maximum: Double
  public let seed: UInt64?

  public init(minimum: Double = -0.05, maximum: Double = 0.05, seed: UInt64? = nil) {
    self.minimum = minimum
    self.maximum = maximum
    self.seed = seed
  }

  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) -> Tensor {
    .uniform(dtype, shape, low: minimum, high: maximum, seed: self.seed ?? seed)
  }
}

extension Initializer where Self == RandomUniform {
  public static func randomUniform(
    minimum: Double = -0.05, maximum: Double = 0.05, seed: UInt64? = nil
  ) -> RandomUniform { RandomUniform(minimum: minimum, maximum: maximum, seed: seed) }
}
