public import Gnomon

/// Uniform in ±√(6 / (inputs + outputs)): keeps the variance of activations and gradients alike.
///
/// The last two axes are inputs and outputs, those before them a window that multiplies both. Glorot
/// and Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010.
public struct GlorotUniform: Initializer {
  public init() {}

  public func callAsFunction(shape: [Int], dtype: DType, seed: UInt64) -> Tensor {
    .glorotUniform(dtype, shape, seed: seed)
  }
}

extension Initializer where Self == GlorotUniform {
  public static var glorotUniform: GlorotUniform { GlorotUniform() }
}
